package io.iotflow.server.access;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Which ways to sign in there are, and the way over an OpenID issuer. A browser is sent to our own pages and nowhere
/// else but to the issuer.
public final class OidcRoutes implements Routes {
    private static final String PAGE = "/sign-in/oidc";
    private static final String COOKIE = "iotflow-sign-in";
    /// With this prefix a browser takes it over TLS only, and from this host only, not from a sister's.
    private static final String SECURE_COOKIE = "__Host-" + COOKIE;

    private final Sessions sessions;
    private final Optional<OidcSignIn> oidc;

    record Handed(String code) {
        Handed {
            Asked.required("code", code);
        }
    }

    public OidcRoutes(Sessions sessions, Optional<OidcSignIn> oidc) {
        this.sessions = sessions;
        this.oidc = oidc;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("auth/methods", Access.PUBLIC, _ -> Reply.ok(methods()));
        table.get("auth/oidc/start", Access.PUBLIC, request -> orPage(request, () -> start(oidc())));
        table.get("auth/oidc/callback", Access.PUBLIC, request -> orPage(request, () -> finish(oidc(), request)));
        table.post("auth/oidc/token", Access.PUBLIC, this::token).repeatable();
    }

    private Object methods() {
        var answer = Json.mapper().createObjectNode();
        var methods = answer.putArray("methods").add("password");
        oidc.ifPresent(known -> {
            methods.add("oidc");
            answer.putObject("oidc").put("label", known.label()).put("start", "/api/v1/auth/oidc/start");
        });
        return answer;
    }

    private Reply start(OidcSignIn known) {
        var beginning = known.begin();
        return Reply.redirect(beginning.location())
                .header("Set-Cookie", cookie(known, beginning.tie().cookie(), Limits.OIDC_TIME));
    }

    private Reply finish(OidcSignIn known, Request request) {
        var query = request.query();
        var code = known.finish(request.remoteAddress(), tie(known, request), query.text("state").orElse(""),
                query.text("iss"), query.text("code"));
        return Reply.redirect(PAGE + "?code=" + code).header("Referrer-Policy", "no-referrer");
    }

    private Reply token(Request request) {
        var code = request.json(Handed.class).code();
        var known = oidc();
        return Reply.ok(sessions.redeem(code, tie(known, request).secret()))
                .header("Set-Cookie", cookie(known, "", Duration.ZERO));
    }

    /// A person is shown a page, which says what the code of the refusal means; a program is told.
    private static Reply orPage(Request request, Supplier<Reply> answer) {
        try {
            return answer.get();
        } catch (PlatformException refused) {
            if (!request.header("Accept").orElse("").contains("text/html")) throw refused;
            return Reply.redirect(PAGE + "?error=" + refused.code().code());
        }
    }

    private OidcSignIn oidc() {
        return oidc.orElseThrow(() -> PlatformException.notFound("OpenID issuer"));
    }

    private static BrowserTie tie(OidcSignIn known, Request request) {
        return request.cookie(name(known)).flatMap(BrowserTie::parse).orElseThrow(() -> new PlatformException(
                ErrorCode.SIGN_IN_REFUSED, "This browser has not begun to sign in; it must accept cookies."));
    }

    /// Sent along when the issuer sends the browser back, but with nothing else that comes from another site.
    private static String cookie(OidcSignIn known, String value, Duration time) {
        return name(known) + "=" + value + "; Path=/; Max-Age=" + time.toSeconds() + "; HttpOnly; SameSite=Lax"
                + (known.isSecure() ? "; Secure" : "");
    }

    private static String name(OidcSignIn known) {
        return known.isSecure() ? SECURE_COOKIE : COOKIE;
    }
}
