package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.OpenApiContract;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// People who sign in at a real OpenID issuer, over HTTP from the first redirect to the last; and what attackers try on
/// the way. Every answer is held against the API document.
class OidcSignInTest {
    private static final String START = "/api/v1/auth/oidc/start";
    private static final String CALLBACK = "/api/v1/auth/oidc/callback";
    private static final String TOKEN = "/api/v1/auth/oidc/token";
    private static final String PAGE = "/sign-in/oidc?code=";
    private static final String COOKIE = "__Host-iotflow-sign-in";

    private static Duration ahead = Duration.ZERO;
    private static FrontedIssuer issuer;
    private static TestPlatform platform;
    private static OpenApiContract contract;
    /// What the platform said while the issuer was away.
    private static HttpResponse<String> whileAway;
    private static HttpResponse<String> pageWhileAway;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(FrontedIssuer.isInstalled(), "oidc-provider is not there; the dashboard's build brings it");
        issuer = new FrontedIssuer(TestBrowser.BASE + CALLBACK, """
                {"anna": ["staff", "plant-admins"], "otto": ["plant-operators"], "vera": ["viewers"],
                 "dora": ["viewers"], "local": ["plant-admins"], "paul": ["guests"], "zoe": ["viewers"],
                 "lena": ["plant-operators"]}""");
        issuer.isDown = true;
        platform = TestPlatform.start(() -> Instant.now().plus(ahead), "access.sign_in_limit=10000",
                "access.outside_session_time=20m", "oidc.issuer=" + issuer.issuer(), "oidc.client_id=iotflow",
                "oidc.client_secret=" + FrontedIssuer.SECRET, "oidc.base_url=" + TestBrowser.BASE,
                "oidc.label=Sign in at the plant", "oidc.scopes=openid,profile",
                "oidc.roles=plant-admins=admin,plant-operators=operator,viewers=viewer");
        contract = new OpenApiContract(URI.create("http://127.0.0.1:" + platform.platform().httpPort()));
        whileAway = platform.send("GET", START, "");
        pageWhileAway = platform.send("GET", START, "", "Accept", "text/html");
        issuer.isDown = false;
        ahead = ahead.plusSeconds(6);
    }

    @AfterAll
    static void stop() {
        if (contract != null) contract.close();
        if (platform != null) platform.close();
        if (issuer != null) issuer.close();
    }

    private static TestBrowser browser() {
        return new TestBrowser(platform);
    }

    /// What the browser is sent to the issuer with.
    private static String begin(TestBrowser browser) {
        var begun = browser.get(TestBrowser.BASE + START);
        assertThat(begun.statusCode()).as(begun.body()).isEqualTo(302);
        return begun.headers().firstValue("Location").orElseThrow();
    }

    /// Up to where the issuer sends the browser back.
    private static String signIn(TestBrowser browser, String name) {
        return browser.signInAt(begin(browser), name);
    }

    private static HttpResponse<String> checked(String method, String path, HttpResponse<String> answer) {
        var operation = contract.operations().stream().filter(it -> it.toString().equals(method + " " + path))
                .findFirst().orElseThrow();
        assertThat(contract.differences(operation, answer)).as(path).isEmpty();
        return answer;
    }

    private static HttpResponse<String> back(TestBrowser browser, String callback) {
        return checked("GET", CALLBACK, browser.get(callback));
    }

    /// The code of a refusal.
    private static String refusal(HttpResponse<String> answer) {
        return json(answer).path("code").asText("none: " + answer.headers().firstValue("Location"));
    }

    private static String handed(HttpResponse<String> back) {
        var location = back.headers().firstValue("Location").orElse(back.body());
        assertThat(location).startsWith(PAGE);
        return location.substring(PAGE.length());
    }

    private static HttpResponse<String> redeem(TestBrowser browser, String code) {
        return checked("POST", TOKEN, browser.post(TestBrowser.BASE + TOKEN, "application/json",
                "{\"code\":\"" + code + "\"}"));
    }

    /// All the way.
    private static JsonNode signedIn(String name) {
        try (var browser = browser()) {
            var answer = redeem(browser, handed(back(browser, signIn(browser, name))));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return json(answer);
        }
    }

    private static String refusalOf(String name) {
        try (var browser = browser()) {
            return refusal(back(browser, signIn(browser, name)));
        }
    }

    /// With an ID token that is not the issuer's own.
    private static String refusalWith(String name, Function<ObjectNode, String> token) {
        issuer.token = token;
        try {
            return refusalOf(name);
        } finally {
            issuer.token = null;
        }
    }

    private static JsonNode me(JsonNode session) {
        return json(platform.send("GET", "/api/v1/auth/me", "", "Authorization",
                "Bearer " + session.path("access_token").asText()));
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return answer.body().isEmpty() ? Json.mapper().nullNode() : Json.mapper().readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String parameter(String uri, String name) {
        var found = Pattern.compile("[?&]" + name + "=([^&]*)").matcher(uri);
        assertThat(found.find()).as(name + " in " + uri).isTrue();
        return URLDecoder.decode(found.group(1), StandardCharsets.UTF_8);
    }

    private static String actions(JsonNode user) {
        return platform.get("/api/v1/audit?target_type=user&target=" + user.path("user_id").asText()).path("entries")
                .valueStream().map(entry -> entry.at("/entry/action").asText()).toList().toString();
    }

    @Test
    void thePlatformStartsWithoutTheIssuerAndSaysWhatToDoWhileItIsAway() {
        checked("GET", START, whileAway);
        assertThat(whileAway.statusCode()).isEqualTo(503);
        assertThat(refusal(whileAway)).isEqualTo("sign_in_unavailable");
        assertThat(json(whileAway).path("hint").asText()).contains("user of the platform itself");
        assertThat(whileAway.headers().firstValue("Retry-After")).contains("5");
        assertThat(pageWhileAway.headers().firstValue("Location")).as("a person gets a page")
                .contains("/sign-in/oidc?error=sign_in_unavailable");
    }

    @Test
    void theDashboardLearnsWhichWaysThereAre() {
        var answer = checked("GET", "/api/v1/auth/methods", platform.send("GET", "/api/v1/auth/methods", ""));
        assertThat(answer.body()).isEqualTo("{\"methods\":[\"password\",\"oidc\"],\"oidc\":"
                + "{\"label\":\"Sign in at the plant\",\"start\":\"/api/v1/auth/oidc/start\"}}");
    }

    @Test
    void whoeverTheIssuerKnowsIsMadeAUserWithTheRoleOfHisClaims() {
        var me = me(signedIn("anna"));
        assertThat(me.path("name").asText()).isEqualTo("anna");
        assertThat(me.path("role").asText()).isEqualTo("admin");
        assertThat(me.path("origin").asText()).isEqualTo("oidc");
        assertThat(me.path("organization_id").asLong()).isEqualTo(1);
        assertThat(me(signedIn("anna")).path("user_id")).as("the same user again").isEqualTo(me.path("user_id"));
        assertThat(actions(me)).isEqualTo("[user.signed_in, user.signed_in, user.created]");
        assertThat(me(signedIn("otto")).path("role").asText()).isEqualTo("operator");
    }

    @Test
    void nothingSecretStandsInAnAddressAndTheCookieIsForThisHostOverTlsOnly() {
        try (var browser = browser()) {
            var begun = browser.get(TestBrowser.BASE + START);
            assertThat(begun.headers().firstValue("Set-Cookie").orElseThrow()).matches(COOKIE
                    + "=[\\w-]{43}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure");
            var location = begun.headers().firstValue("Location").orElseThrow();
            assertThat(location).startsWith(issuer.issuer() + "/auth?").doesNotContain("secret");
            assertThat(parameter(location, "code_challenge_method")).isEqualTo("S256");
            assertThat(parameter(location, "scope")).isEqualTo("openid profile");
            var back = back(browser, browser.signInAt(location, "vera"));
            assertThat(back.headers().firstValue("Location").orElseThrow())
                    .matches("/sign-in/oidc\\?code=iotc_[\\w-]+");
            assertThat(back.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(back.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        }
    }

    @Test
    void theCodeForTheTokensIsGoodOnceAndShortlyAndForThisBrowserOnly() {
        try (var browser = browser(); var thief = browser()) {
            var code = handed(back(browser, signIn(browser, "vera")));
            begin(thief);
            assertThat(refusal(redeem(thief, code))).as("another browser").isEqualTo("sign_in_refused");
            assertThat(refusal(redeem(browser, code))).as("seen by somebody else").isEqualTo("sign_in_refused");

            code = handed(back(browser, signIn(browser, "vera")));
            assertThat(platform.send("POST", "/api/v1/auth/refresh", "{\"refresh_token\":\"" + code.replace("iotc_",
                    "iotr_") + "\"}").statusCode()).as("it is no refresh token").isEqualTo(401);

            code = handed(back(browser, signIn(browser, "vera")));
            var cookie = browser.cookies.get("iot.example.org").get(COOKIE);
            var session = json(redeem(browser, code));
            assertThat(me(session).path("name").asText()).isEqualTo("vera");
            assertThat(browser.cookies.get("iot.example.org")).as("the cookie is gone").isEmpty();
            browser.cookies.get("iot.example.org").put(COOKIE, cookie);
            assertThat(refusal(redeem(browser, code))).as("again").isEqualTo("sign_in_refused");
            assertThat(me(session).path("code").asText()).as("one of the two stole it").isEqualTo("unauthorized");

            code = handed(back(browser, signIn(browser, "vera")));
            ahead = ahead.plusSeconds(61);
            assertThat(refusal(redeem(browser, code))).as("too late").isEqualTo("sign_in_refused");
        }
    }

    @Test
    void onlyTheBrowserThatHasBegunComesBackAndOnlyOnceAndInTime() {
        try (var browser = browser(); var other = browser()) {
            var callback = signIn(browser, "vera");
            begin(other);
            assertThat(refusal(back(other, callback))).as("another browser's cookie").isEqualTo("sign_in_refused");
            assertThat(refusal(checked("GET", CALLBACK, platform.send("GET", callback.substring(
                    TestBrowser.BASE.length()), "")))).as("no cookie").isEqualTo("sign_in_refused");
            var state = parameter(callback, "state");
            assertThat(refusal(back(browser, callback.replace(state, "x" + state)))).isEqualTo("sign_in_refused");
            assertThat(refusal(back(browser, callback.replace(state, "")))).isEqualTo("sign_in_refused");
            handed(back(browser, callback));
            assertThat(refusal(back(browser, callback))).as("the state again").isEqualTo("sign_in_refused");

            callback = signIn(browser, "vera");
            assertThat(refusal(back(browser, callback.replace("iss=", "iss=x")))).as("another issuer sent it back")
                    .isEqualTo("sign_in_refused");
            callback = signIn(browser, "vera");
            assertThat(refusal(back(browser, callback.replaceAll("code=[^&]*", "code=made-up"))))
                    .isEqualTo("sign_in_refused");
            callback = signIn(browser, "vera");
            assertThat(refusal(back(browser, callback.replaceAll("code=[^&]*", "error=access_denied"))))
                    .isEqualTo("sign_in_refused");
            callback = signIn(browser, "vera");
            ahead = ahead.plusSeconds(601);
            assertThat(refusal(back(browser, callback))).as("too late").isEqualTo("sign_in_refused");
        }
    }

    @Test
    void theBrowserIsSentNowhereElse() {
        try (var browser = browser()) {
            for (var evil : new String[] {"?redirect_uri=https://evil.example", "?next=//evil.example"}) {
                var begun = browser.get(TestBrowser.BASE + START + evil);
                assertThat(parameter(begun.headers().firstValue("Location").orElseThrow(), "redirect_uri"))
                        .isEqualTo(TestBrowser.BASE + CALLBACK);
            }
            var back = back(browser, signIn(browser, "vera")
                    + "&redirect_uri=https://evil.example&next=//evil.example");
            assertThat(back.headers().firstValue("Location").orElseThrow()).startsWith(PAGE).doesNotContain("evil");
            var error = platform.send("GET", CALLBACK + "?error=//evil.example&state=x", "", "Accept", "text/html");
            assertThat(error.headers().firstValue("Location")).contains("/sign-in/oidc?error=sign_in_refused");
        }
    }

    @Test
    void aTokenThatTheIssuerHasNotMadeForThisSignInIsRefused() throws JoseException {
        var kid = issuer.key.getKeyId();
        assertThat(refusalWith("zoe", claims -> signed(claims.put("nonce", "another")))).isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> signed((ObjectNode) claims.without("nonce"))))
                .isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> signed(claims.put("aud", "other")))).isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> signed(claims.put("azp", "other")))).isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> {
            claims.putArray("aud").add("iotflow").add("other");
            return signed(claims);
        })).as("for two parties without azp").isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> signed(claims.put("iss", "https://other.example"))))
                .isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> signed(claims.put("exp", Instant.now().plus(ahead).getEpochSecond()
                - 70)))).as("expired").isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> signed((ObjectNode) claims.without("exp"))))
                .isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> signed(claims.put("sub", "x".repeat(256)))))
                .isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> encoded("{\"alg\":\"none\"}") + "." + encoded(claims.toString())
                + ".")).isEqualTo("sign_in_refused");
        assertThat(refusalWith("zoe", claims -> {
            var token = signed(claims).split("\\.");
            return token[0] + "." + encoded(claims.put("sub", "subject of anna").toString()) + "." + token[2];
        })).as("changed after it was signed").isEqualTo("sign_in_refused");
        var publicKey = new HmacKey(issuer.key.getPublicKey().getEncoded());
        assertThat(refusalWith("zoe", claims -> {
            try {
                var signature = new JsonWebSignature();
                signature.setPayload(claims.toString());
                signature.setKeyIdHeaderValue(kid);
                signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
                signature.setKey(publicKey);
                return signature.getCompactSerialization();
            } catch (JoseException e) {
                throw new IllegalStateException(e);
            }
        })).as("signed with what everybody knows").isEqualTo("sign_in_refused");
        for (var nonsense : new String[] {"", "x", "a.b.c", "{}", "..", "....", "ey".repeat(50_000)}) {
            assertThat(refusalWith("zoe", _ -> nonsense)).as(nonsense).isEqualTo("sign_in_refused");
        }
        assertThat(platform.get("/api/v1/users?limit=1000").toString()).doesNotContain("zoe");
        // And nothing but that was wrong with them.
        issuer.token = OidcSignInTest::signed;
        try {
            assertThat(me(signedIn("zoe")).path("role").asText()).isEqualTo("viewer");
        } finally {
            issuer.token = null;
        }
    }

    private static String signed(ObjectNode claims) {
        return issuer.signed(claims, issuer.key, AlgorithmIdentifiers.RSA_USING_SHA256);
    }

    private static String encoded(String text) {
        return SecretText.text(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aNewKeyOfTheIssuerIsFoundButNotAskedForWithEveryToken() {
        Function<ObjectNode, String> byLater = claims -> issuer.signed(claims, issuer.later,
                AlgorithmIdentifiers.RSA_USING_SHA256);
        signedIn("vera");
        ahead = ahead.plusSeconds(31);
        assertThat(refusalWith("vera", byLater)).as("not the issuer's").isEqualTo("sign_in_refused");
        issuer.publishesLater = true;
        assertThat(refusalWith("vera", byLater)).as("asked for just now").isEqualTo("sign_in_refused");
        ahead = ahead.plusSeconds(31);
        issuer.token = byLater;
        try {
            assertThat(me(signedIn("vera")).path("name").asText()).isEqualTo("vera");
        } finally {
            issuer.token = null;
        }
    }

    @Test
    void theRoleFollowsTheClaimsAtEachSignInAndWhoeverHasNoneIsRefused() {
        assertThat(refusalOf("paul")).isEqualTo("forbidden");
        var session = signedIn("lena");
        assertThat(me(session).path("role").asText()).isEqualTo("operator");
        issuer.token = claims -> {
            claims.putArray("roles").add("unheard of").add("viewers");
            return signed(claims);
        };
        try {
            signedIn("lena");
        } finally {
            issuer.token = null;
        }
        var me = me(session);
        assertThat(me.path("role").asText()).as("at once, in every session").isEqualTo("viewer");
        assertThat(actions(me)).startsWith("[user.signed_in, user.updated, user.signed_in, user.created");
        assertThat(refusalWith("lena", claims -> {
            claims.putArray("roles");
            return signed(claims);
        })).isEqualTo("forbidden");
    }

    @Test
    void whatTheIssuerSaysOfSomebodyElseGivesNothing() {
        issuer.instead = Map.of("/me", "{\"sub\":\"subject of anna\",\"preferred_username\":\"anna\","
                + "\"roles\":[\"plant-admins\"]}");
        try {
            assertThat(refusalOf("vera")).isEqualTo("forbidden");
        } finally {
            issuer.instead = Map.of();
        }
    }

    @Test
    void anIssuerThatIsAnotherOrLeadsPeopleOverUnsafeWaysIsNotUsed() {
        var place = "/.well-known/openid-configuration";
        var said = "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/a\",\"token_endpoint\":\"%s/t\","
                + "\"jwks_uri\":\"%s/j\"}";
        var own = issuer.issuer();
        for (var wrong : new String[] {said.formatted("https://other.example", own, own, own),
                said.formatted(own, "http://evil.example", own, own), said.formatted(own, own, "file:///etc", own),
                said.formatted(own, own, own, "javascript:"), "{}", "[]", "null", "<html>", "{".repeat(10_000)}) {
            issuer.instead = Map.of(place, wrong);
            try (var asked = new OidcIssuer(config(), Instant::now)) {
                assertThatThrownBy(() -> asked.authorization(Map.of())).as(wrong).isInstanceOfSatisfying(
                        PlatformException.class, refusal -> assertThat(refusal.code())
                                .isEqualTo(ErrorCode.SIGN_IN_UNAVAILABLE));
            } finally {
                issuer.instead = Map.of();
            }
        }
        try (var asked = new OidcIssuer(config(), Instant::now)) {
            assertThat(asked.authorization(Map.of("state", "a b"))).isEqualTo(own + "/auth?state=a+b");
        }
    }

    private static OidcConfig config() {
        return new OidcConfig(issuer.issuer(), "iotflow", "", TestBrowser.BASE, List.of("openid"), "Sign in", 1, "name",
                "roles", List.of(), Optional.of("viewer"), Optional.empty());
    }

    @Test
    void aUserOfThePlatformIsNeverTakenOverByHisName() {
        var local = platform.call("POST", "/api/v1/users",
                "{\"name\":\"Local\",\"password\":\"correct horse battery\",\"role\":\"viewer\"}");
        assertThat(local.path("origin").asText()).isEqualTo("local");
        assertThat(refusalOf("local")).isEqualTo("name_taken");
        assertThat(refusalWith("vera", claims -> signed(claims.put("preferred_username", "vera\u0000<script>")
                .put("sub", "somebody new").set("roles", Json.mapper().createArrayNode().add("viewers")))))
                .as("no name").isEqualTo("forbidden");
    }

    @Test
    void aDisabledUserStaysOutAndOneFromOutsideHasNoPasswordHere() {
        var session = signedIn("dora");
        var me = me(session);
        var path = "/api/v1/users/" + me.path("user_id").asText();
        var bearer = new String[] {"Authorization", "Bearer " + session.path("access_token").asText()};
        var change = platform.send("POST", "/api/v1/auth/password",
                "{\"password\":\"whatever it was\",\"new_password\":\"correct horse battery\"}", bearer);
        assertThat(refusal(change)).isEqualTo("conflict");
        assertThat(json(change).path("detail").asText()).contains("OpenID issuer");
        assertThat(refusal(platform.send("POST", "/api/v1/auth/totp", "", bearer))).isEqualTo("conflict");
        assertThat(platform.send("POST", path + "/password", "{\"password\":\"correct horse battery\"}",
                "Authorization", "admin " + TestPlatform.TOKEN).statusCode()).isEqualTo(409);
        assertThat(refusal(platform.send("POST", "/api/v1/auth/login",
                "{\"username\":\"dora\",\"password\":\"whatever\"}"))).isEqualTo("sign_in_refused");
        assertThat(platform.get(path).path("origin").asText()).isEqualTo("oidc");

        platform.call("PUT", path, "{\"disabled\":true}");
        assertThat(me(session).path("code").asText()).isEqualTo("unauthorized");
        assertThat(refusalOf("dora")).isEqualTo("sign_in_refused");
        assertThat(actions(me)).startsWith("[user.sign_in_failed, user.disabled");
    }

    @Test
    void aSessionFromOutsideEndsHoweverOftenItIsRenewed() {
        var session = signedIn("otto");
        ahead = ahead.plus(Duration.ofMinutes(10));
        session = refreshed(session);
        assertThat(me(session).path("name").asText()).isEqualTo("otto");
        ahead = ahead.plus(Duration.ofMinutes(11));
        assertThat(refreshed(session).path("code").asText()).isEqualTo("sign_in_refused");
    }

    private static JsonNode refreshed(JsonNode session) {
        return json(platform.send("POST", "/api/v1/auth/refresh",
                "{\"refresh_token\":\"" + session.path("refresh_token").asText() + "\"}"));
    }
}
