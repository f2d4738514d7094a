package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Signing in at an OpenID issuer: the authorization code flow with PKCE. Tokens of the issuer never reach the browser,
/// and ours never stand in an address: the browser comes back with a code that only it can use, once.
public final class OidcSignIn implements AutoCloseable {
    private static final String CALLBACK = "/api/v1/auth/oidc/callback";

    private final OidcConfig config;
    private final Welcome welcome;
    private final Sessions sessions;
    private final InstantSource clock;
    private final OidcIssuer issuer;
    private final IdTokens tokens;
    private final Cache<String, Boolean> used = Caffeine.newBuilder().maximumSize(Limits.OIDC_USED)
            .expireAfterWrite(Limits.OIDC_TIME).build();

    /// Where the browser goes, and what it takes along in a cookie.
    record Beginning(String location, BrowserTie tie) {}

    private OidcSignIn(OidcConfig config, Welcome welcome, Sessions sessions, InstantSource clock) {
        this.config = config;
        this.welcome = welcome;
        this.sessions = sessions;
        this.clock = clock;
        this.issuer = new OidcIssuer(config, clock);
        this.tokens = new IdTokens(issuer, config, clock);
    }

    /// Empty when no issuer is configured. It need not be there yet.
    public static Optional<OidcSignIn> of(OidcConfig config, Organizations organizations, Sessions sessions,
            InstantSource clock) {
        return config.isOn() ? Optional.of(new OidcSignIn(config, Welcome.of(organizations, "oidc.organization",
                config.organization(), config.mapping()), sessions, clock)) : Optional.empty();
    }

    String label() {
        return config.label();
    }

    /// Whether browsers come over TLS, so that cookies may insist on it.
    boolean isSecure() {
        return config.baseUrl().startsWith("https:");
    }

    /// @throws PlatformException `SIGN_IN_UNAVAILABLE`
    Beginning begin() {
        var tie = BrowserTie.fresh();
        var state = tie.state(clock.instant().plus(Limits.OIDC_TIME));
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("response_type", "code");
        parameters.put("client_id", config.clientId());
        parameters.put("redirect_uri", config.baseUrl() + CALLBACK);
        parameters.put("scope", String.join(" ", config.scopes()));
        parameters.put("state", state);
        parameters.put("nonce", tie.nonce(state));
        parameters.put("code_challenge", tie.challenge(state));
        parameters.put("code_challenge_method", "S256");
        return new Beginning(issuer.authorization(parameters), tie);
    }

    /// @param state as the issuer sent it back
    /// @param from  the issuer that sent the browser back, if it says so (RFC 9207)
    /// @return the code with which the same browser gets its tokens
    /// @throws PlatformException `SIGN_IN_REFUSED`, `FORBIDDEN`, `NAME_TAKEN`, `RATE_LIMITED`, `SIGN_IN_UNAVAILABLE`
    String finish(String address, BrowserTie tie, String state, Optional<String> from, Optional<String> code) {
        if (!tie.isOwn(state, clock.instant())) throw notBegun();
        sessions.countAttempt(address);
        if (used.asMap().putIfAbsent(state, true) != null) throw notBegun();
        if (from.isPresent() && !from.get().equals(config.issuer())) throw SignInAttempts.refused();
        if (code.isEmpty()) {
            throw new PlatformException(ErrorCode.SIGN_IN_REFUSED, "The issuer did not sign this user in.");
        }
        var given = issuer.exchange(code.get(), tie.verifier(state), config.baseUrl() + CALLBACK);
        return sessions.signInFromOutside(address, outsider(given, tie.nonce(state)), welcome, tie.secret());
    }

    private Outsider outsider(OidcIssuer.Tokens given, String nonce) {
        var claims = tokens.claims(given.idToken(), nonce);
        var subject = claims.path("sub").textValue();
        var roles = claim(claims, config.rolesClaim());
        var name = claim(claims, config.usernameClaim());
        var isComplete = name.isTextual() && (!roles.isMissingNode() || !welcome.roles().decides());
        if (!isComplete) {
            var more = issuer.userinfo(given.accessToken());
            // Of somebody else it may say what it likes (OpenID Connect Core, 5.3.2).
            if (subject.equals(more.path("sub").textValue())) {
                if (!name.isTextual()) name = claim(more, config.usernameClaim());
                if (roles.isMissingNode()) roles = claim(more, config.rolesClaim());
            }
        }
        return new Outsider(config.issuer(), subject, name.asText(), values(roles));
    }

    /// A claim may have dots in its own name, as those that are URLs.
    private static JsonNode claim(JsonNode claims, String path) {
        if (claims.has(path)) return claims.path(path);
        var found = claims;
        for (var name : path.split("\\.")) found = found.path(name);
        return found;
    }

    private static Set<String> values(JsonNode claim) {
        var texts = claim.isArray() ? claim.valueStream() : Stream.of(claim);
        return texts.filter(JsonNode::isTextual).limit(Limits.ISSUER_ROLES).map(JsonNode::textValue)
                .collect(Collectors.toSet());
    }

    private static PlatformException notBegun() {
        return new PlatformException(ErrorCode.SIGN_IN_REFUSED,
                "This browser has not begun this sign-in, or has ended it already, or took too long.");
    }

    @Override
    public void close() {
        issuer.close();
    }
}
