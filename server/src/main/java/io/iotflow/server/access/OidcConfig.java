package io.iotflow.server.access;

import io.iotflow.server.core.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Signing in at an OpenID Connect issuer. Off without an issuer.
public record OidcConfig(
        @Setting(value = "", doc = "The OpenID issuer at which people sign in, exactly as it calls itself, such as"
                + " https://id.example.org/realms/plant; https, unless it runs on this machine. Empty: no such"
                + " sign-in.")
        String issuer,
        @Setting(value = "", doc = "The name under which the issuer knows this platform.")
        String clientId,
        @Setting(value = "", secret = true, doc = "What the platform proves itself with at the issuer; empty for a"
                + " public client, which has PKCE only.")
        String clientSecret,
        @Setting(value = "", doc = "Where browsers reach this platform, such as https://iot.example.org. Register it"
                + " at the issuer with /api/v1/auth/oidc/callback behind it as the redirect URI.")
        String baseUrl,
        @Setting(value = "openid,profile,email", doc = "What is asked for; openid must be among it.")
        List<String> scopes,
        @Setting(value = "Sign in with OpenID Connect", doc = "What the button at the sign-in page says.")
        String label,
        @Setting(value = "1", doc = "The number of the organization to which new users from the issuer belong.")
        long organization,
        @Setting(value = "preferred_username", doc = "The claim that names the user here.")
        String usernameClaim,
        @Setting(value = "roles", doc = "The claim, a text or a list of texts, that oidc.roles looks at; dots lead into"
                + " objects, as in realm_access.roles.")
        String rolesClaim,
        @Setting(value = "", doc = "value=role, comma separated: whoever has the value in oidc.roles_claim has the role"
                + " here, admin, operator, viewer or one of the organization. The first that fits counts, at each"
                + " sign-in. Empty: administrators give the roles.")
        List<String> roles,
        @Setting(value = "", doc = "The role of a user whom no line of oidc.roles fits; empty refuses him.")
        Optional<String> defaultRole,
        @Setting(value = "", doc = "PEM file with the certificate authorities to trust at the issuer; empty trusts the"
                + " JDK's.")
        Optional<Path> caFile) {

    public OidcConfig {
        scopes = List.copyOf(scopes);
        roles = List.copyOf(roles);
        var wrong = new ArrayList<String>();
        RoleMapping.of("oidc.roles", roles, defaultRole, wrong);
        if (!issuer.isEmpty()) {
            check(wrong, OutsideAddress.of(issuer, "https", "http").filter(OutsideAddress::isSafe).isPresent(),
                    "oidc.issuer must be a URL that begins with https://");
            check(wrong, isBase(baseUrl), "oidc.base_url must be where browsers reach this platform, such as"
                    + " https://iot.example.org, with nothing behind the host and port");
            check(wrong, !clientId.isEmpty(), "oidc.client_id is missing");
            check(wrong, scopes.contains("openid"), "oidc.scopes must have openid among them");
            check(wrong, !label.isBlank(), "oidc.label is empty");
            check(wrong, !usernameClaim.isEmpty(), "oidc.username_claim is empty");
            check(wrong, !roles.isEmpty() || defaultRole.isPresent(), "nobody could sign in: set oidc.roles, or"
                    + " oidc.default_role for everybody whom the issuer knows");
        }
        if (!wrong.isEmpty()) throw new IllegalArgumentException(String.join("\n", wrong));
    }

    boolean isOn() {
        return !issuer.isEmpty();
    }

    RoleMapping mapping() {
        return RoleMapping.of("oidc.roles", roles, defaultRole, new ArrayList<>());
    }

    private static boolean isBase(String text) {
        return OutsideAddress.of(text, "https", "http").map(OutsideAddress::uri)
                .filter(uri -> uri.getRawPath().isEmpty() && uri.getRawQuery() == null).isPresent();
    }

    static void check(List<String> wrong, boolean isRight, String what) {
        if (!isRight) wrong.add(what);
    }
}
