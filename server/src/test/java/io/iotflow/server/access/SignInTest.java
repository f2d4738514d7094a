package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.OpenApiContract;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// People who sign in, over HTTP, with a clock that can be put forward. Every answer is held against the API document.
class SignInTest {
    private static final String PASSWORD = "correct horse battery";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static Duration ahead = Duration.ZERO;
    private static TestPlatform platform;
    private static OpenApiContract contract;

    private record Answer(int status, JsonNode body) {
        String text(String field) {
            return body.path(field).asText();
        }

        String code() {
            return text("code");
        }
    }

    @BeforeAll
    static void start() {
        platform = TestPlatform.start(() -> Instant.now().plus(ahead), "access.sign_in_limit=10000",
                "access.sign_in_window=1s");
        contract = new OpenApiContract(URI.create("http://127.0.0.1:" + platform.platform().httpPort()));
    }

    @AfterAll
    static void stop() {
        if (contract != null) contract.close();
        if (platform != null) platform.close();
    }

    private static Answer call(String method, String path, String body, String bearer) {
        var answer = bearer.isEmpty() ? platform.send(method, path, body)
                : platform.send(method, path, body, "Authorization", "Bearer " + bearer);
        var operation = contract.operations().stream().filter(it -> it.toString().equals(method + " "
                + path.replaceAll("/[0-9]+", "/{user}"))).findFirst().orElseThrow();
        assertThat(contract.differences(operation, answer)).as(method + " " + path).isEmpty();
        return new Answer(answer.statusCode(), json(answer));
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return answer.body().isEmpty() ? Json.mapper().nullNode() : Json.mapper().readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A new user of the root, who has no second factor.
    private static JsonNode user(String role) {
        return platform.call("POST", "/api/v1/users", "{\"name\":\"user-" + NUMBER.incrementAndGet()
                + "\",\"password\":\"" + PASSWORD + "\",\"role\":\"" + role + "\"}");
    }

    private static Answer signIn(String name, String password, String totp) {
        return call("POST", "/api/v1/auth/login", "{\"username\":\"" + name + "\",\"password\":\"" + password + "\""
                + (totp.isEmpty() ? "" : ",\"totp\":\"" + totp + "\"") + "}", "");
    }

    private static Answer signedIn(JsonNode user) {
        var answer = signIn(user.path("name").asText(), PASSWORD, "");
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
        return answer;
    }

    private static Answer refresh(Answer session) {
        return call("POST", "/api/v1/auth/refresh", token(session), "");
    }

    private static String token(Answer session) {
        return "{\"refresh_token\":\"" + session.text("refresh_token") + "\"}";
    }

    private static Answer me(Answer session) {
        return call("GET", "/api/v1/auth/me", "", session.text("access_token"));
    }

    @Test
    void whoeverSignsInIsKnownWithRoleAndOrganization() {
        var user = user("operator");
        var session = signedIn(user);
        assertThat(session.body().path("expires_in").asInt()).isEqualTo(900);
        var me = me(session).body();
        assertThat(me.path("role").asText()).isEqualTo("operator");
        assertThat(me.path("user_id").asLong()).isEqualTo(user.path("id").asLong());
        assertThat(me.path("organization_id").asLong()).isEqualTo(1);
        assertThat(me.path("permissions").toString()).contains("devices:write").doesNotContain("users:write");
        assertThat(signIn(user.path("name").asText().toUpperCase(java.util.Locale.ROOT), PASSWORD, "").status())
                .as("names are the same in either case").isEqualTo(200);
    }

    @Test
    void aWrongNameAndAWrongPasswordLookAlike() {
        var name = user("viewer").path("name").asText();
        var wrongPassword = signIn(name, "wrong horse battery", "");
        var wrongName = signIn("nobody-" + name, PASSWORD, "");
        assertThat(wrongPassword.status()).isEqualTo(401);
        assertThat(wrongPassword.body()).isEqualTo(wrongName.body());
        assertThat(wrongName.code()).isEqualTo("sign_in_refused");
        // And lock alike.
        for (var i = 2; i <= 5; i++) {
            assertThat(signIn(name, "wrong horse battery", "").status()).isEqualTo(401);
            assertThat(signIn("nobody-" + name, PASSWORD, "").status()).isEqualTo(401);
        }
        assertThat(signIn(name, PASSWORD, "").code()).as("the right password, too").isEqualTo("rate_limited");
        assertThat(signIn("nobody-" + name, PASSWORD, "").code()).isEqualTo("rate_limited");
    }

    @Test
    void aWrongNameCostsWhatAWrongPasswordCosts() {
        var name = user("viewer").path("name").asText();
        signIn("warm-up", PASSWORD, "");
        var known = new ArrayList<Long>();
        var unknown = new ArrayList<Long>();
        for (var i = 0; i < 4; i++) {
            known.add(nanosOf(name));
            unknown.add(nanosOf("nobody-" + name));
        }
        assertThat(unknown.stream().mapToLong(it -> it).min().orElseThrow())
                .isGreaterThan(known.stream().mapToLong(it -> it).min().orElseThrow() / 2);
    }

    private static long nanosOf(String name) {
        var began = System.nanoTime();
        signIn(name, "wrong horse battery", "");
        return System.nanoTime() - began;
    }

    @Test
    void aLockedUserMayTryAgainInTimeOrWhenAnAdministratorUnlocks() {
        var user = user("viewer");
        var name = user.path("name").asText();
        for (var i = 0; i < 5; i++) signIn(name, "wrong horse battery", "");
        assertThat(signIn(name, PASSWORD, "").code()).isEqualTo("rate_limited");
        var path = "/api/v1/users/" + user.path("id").asText();
        assertThat(platform.get(path).path("locked_until").isTextual()).isTrue();
        platform.send("POST", path + "/unlock", "", "Authorization", "admin " + TestPlatform.TOKEN);
        assertThat(signIn(name, PASSWORD, "").status()).isEqualTo(200);
        for (var i = 0; i < 5; i++) signIn(name, "wrong horse battery", "");
        ahead = ahead.plusSeconds(31);
        assertThat(signIn(name, PASSWORD, "").status()).isEqualTo(200);
        assertThat(signIn(name, "wrong horse battery", "").status()).as("counts from the start again").isEqualTo(401);
        assertThat(signIn(name, PASSWORD, "").status()).isEqualTo(200);
    }

    @Test
    void anAccessTokenEndsByItselfAndIsRefreshed() {
        var session = signedIn(user("viewer"));
        ahead = ahead.plusSeconds(901);
        assertThat(me(session).status()).isEqualTo(401);
        var renewed = refresh(session);
        assertThat(me(renewed).status()).isEqualTo(200);
        ahead = ahead.plus(Duration.ofDays(29));
        renewed = refresh(renewed);
        assertThat(renewed.status()).isEqualTo(200);
        ahead = ahead.plus(Duration.ofDays(31));
        assertThat(refresh(renewed).code()).isEqualTo("sign_in_refused");
    }

    @Test
    void anOldRefreshTokenEndsTheSessionForThiefAndOwner() {
        var stolen = signedIn(user("viewer"));
        var owners = refresh(stolen);
        assertThat(refresh(stolen).code()).isEqualTo("sign_in_refused");
        assertThat(refresh(owners).code()).isEqualTo("sign_in_refused");
        assertThat(me(owners).status()).as("its access tokens are over, too").isEqualTo(401);
        assertThat(call("POST", "/api/v1/auth/refresh", "{\"refresh_token\":\"iotr_AAAA\"}", "").status())
                .isEqualTo(401);
    }

    @Test
    void signingOutEndsTheSessionAtOnce() {
        var user = user("viewer");
        var session = signedIn(user);
        var other = signedIn(user);
        assertThat(me(session).status()).isEqualTo(200);
        assertThat(call("POST", "/api/v1/auth/logout", token(session), "").status()).isEqualTo(204);
        assertThat(me(session).status()).isEqualTo(401);
        assertThat(refresh(session).status()).isEqualTo(401);
        assertThat(me(other).status()).isEqualTo(200);
        assertThat(call("POST", "/api/v1/auth/logout", token(session), "").status()).as("again").isEqualTo(204);
    }

    @Test
    void aNewPasswordEndsEveryOtherSession() {
        var user = user("viewer");
        var session = signedIn(user);
        var other = signedIn(user);
        var body = "{\"password\":\"%s\",\"new_password\":\"staple of another kind\"}";
        var bearer = session.text("access_token");
        assertThat(call("POST", "/api/v1/auth/password", body.formatted("wrong horse battery"), bearer).status())
                .isEqualTo(401);
        var renewed = call("POST", "/api/v1/auth/password", body.formatted(PASSWORD), bearer);
        assertThat(me(renewed).status()).isEqualTo(200);
        assertThat(me(other).status()).isEqualTo(401);
        assertThat(me(session).status()).isEqualTo(401);
        var name = user.path("name").asText();
        assertThat(signIn(name, PASSWORD, "").status()).isEqualTo(401);
        assertThat(signIn(name, "staple of another kind", "").status()).isEqualTo(200);
    }

    @Test
    void aDisabledUserIsOutAtOnceAndAnotherRoleHoldsAtOnce() {
        var user = user("operator");
        var session = signedIn(user);
        var path = "/api/v1/users/" + user.path("id").asText();
        assertThat(me(session).text("role")).isEqualTo("operator");
        platform.call("PUT", path, "{\"role\":\"viewer\"}");
        assertThat(me(session).text("role")).isEqualTo("viewer");
        platform.call("PUT", path, "{\"disabled\":true}");
        assertThat(me(session).status()).isEqualTo(401);
        assertThat(signIn(user.path("name").asText(), PASSWORD, "").code()).isEqualTo("sign_in_refused");
        assertThat(refresh(session).status()).isEqualTo(401);
    }

    @Test
    void theSecondFactorIsAskedForOnceItIsConfirmedAndACodeIsGoodOnce() {
        var user = user("viewer");
        var name = user.path("name").asText();
        var session = signedIn(user);
        var bearer = session.text("access_token");
        var secret = secret(call("POST", "/api/v1/auth/totp", "", bearer).text("secret"));
        assertThat(signIn(name, PASSWORD, "").status()).as("not confirmed yet").isEqualTo(200);
        assertThat(confirm(bearer, "000000").code()).isEqualTo("invalid");
        var confirmed = confirm(bearer, code(secret));
        assertThat(confirmed.body().path("recovery_codes")).hasSize(10);
        assertThat(me(session).body().path("totp").asBoolean()).isTrue();

        assertThat(signIn(name, PASSWORD, "").code()).isEqualTo("totp_required");
        assertThat(signIn(name, "wrong horse battery", "").code()).isEqualTo("sign_in_refused");
        assertThat(signIn(name, PASSWORD, code(secret)).status()).as("used for confirming").isEqualTo(401);
        ahead = ahead.plusSeconds(30);
        assertThat(signIn(name, PASSWORD, code(secret)).status()).isEqualTo(200);
        assertThat(signIn(name, PASSWORD, code(secret)).status()).as("used").isEqualTo(401);
        var recovery = confirmed.body().path("recovery_codes").path(3).asText();
        assertThat(signIn(name, PASSWORD, recovery).status()).isEqualTo(200);
        assertThat(signIn(name, PASSWORD, recovery).status()).as("used").isEqualTo(401);

        ahead = ahead.plusSeconds(30);
        var remove = call("DELETE", "/api/v1/auth/totp", "{\"code\":\"000000\"}", bearer);
        assertThat(remove.code()).isEqualTo("sign_in_refused");
        assertThat(call("DELETE", "/api/v1/auth/totp", "{\"code\":\"" + code(secret) + "\"}", bearer).status())
                .isEqualTo(204);
        assertThat(signIn(name, PASSWORD, "").status()).isEqualTo(200);
    }

    /// Whoever knows the password must not try all codes, not even with right passwords in between.
    @Test
    void codesCannotBeTriedOut() {
        var user = user("viewer");
        var name = user.path("name").asText();
        var bearer = signedIn(user).text("access_token");
        var secret = secret(call("POST", "/api/v1/auth/totp", "", bearer).text("secret"));
        confirm(bearer, code(secret));
        for (var i = 0; i < 5; i++) {
            assertThat(signIn(name, PASSWORD, "").code()).isEqualTo("totp_required");
            assertThat(signIn(name, PASSWORD, "nonsense").code()).isEqualTo("sign_in_refused");
        }
        assertThat(signIn(name, PASSWORD, "nonsense").code()).isEqualTo("rate_limited");
    }

    @Test
    void anybodyCanVerifyAnAccessTokenWithThePublishedKeysAlsoAfterTheyChanged() throws Exception {
        ahead = ahead.plus(Duration.ofDays(31)); // so that signing in makes a new key
        var old = signedIn(user("viewer"));
        ahead = ahead.plus(Duration.ofDays(30)).minusSeconds(60);
        old = refresh(old);
        ahead = ahead.plusSeconds(120);
        var fresh = refresh(old);
        var keys = new JsonWebKeySet(call("GET", "/.well-known/jwks.json", "", "").body().toString());
        assertThat(keys.getJsonWebKeys()).hasSize(2).allMatch(key -> key instanceof PublicJsonWebKey pair
                && pair.getPrivateKey() == null);
        for (var token : new String[] {old.text("access_token"), fresh.text("access_token")}) {
            var signature = new JsonWebSignature();
            signature.setCompactSerialization(token);
            var key = keys.findJsonWebKey(signature.getKeyIdHeaderValue(), null, null, null);
            signature.setKey(key.getKey());
            assertThat(signature.verifySignature()).isTrue();
            assertThat(call("GET", "/api/v1/auth/me", "", token).status()).isEqualTo(200);
        }
        ahead = ahead.plusSeconds(1_000);
        assertThat(call("GET", "/.well-known/jwks.json", "", "").body().path("keys")).as("the older is gone")
                .hasSize(1);
    }

    @Test
    void forgedAccessTokensAreRefused() {
        var token = signedIn(user("admin")).text("access_token");
        var parts = token.split("\\.");
        var payload = new String(Base64.getUrlDecoder().decode(parts[1]), java.nio.charset.StandardCharsets.UTF_8);
        var other = encode(payload.replaceAll("\"sub\":\"[0-9]+\"", "\"sub\":\"1\""));
        for (var forged : new String[] {
                parts[0] + "." + other + "." + parts[2],
                encode("{\"alg\":\"none\"}") + "." + parts[1] + ".",
                encode("{\"alg\":\"HS256\",\"kid\":\"x\"}") + "." + parts[1] + "." + parts[2],
                parts[0] + "." + parts[1] + "." + "A".repeat(86), parts[0] + "." + parts[1], token + "A", "ey", "ey..",
                "ey" + "A".repeat(5_000)}) {
            assertThat(call("GET", "/api/v1/auth/me", "", forged).status()).as(forged).isEqualTo(401);
        }
        assertThat(call("GET", "/api/v1/auth/me", "", token).status()).isEqualTo(200);
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static Answer confirm(String bearer, String code) {
        return call("POST", "/api/v1/auth/totp/confirm", "{\"code\":\"" + code + "\"}", bearer);
    }

    private static String code(byte[] secret) {
        return Totp.code(secret, Totp.stepAt(Instant.now().plus(ahead)), 6);
    }

    static byte[] secret(String base32) {
        var bits = new StringBuilder();
        for (var c : base32.toCharArray()) {
            var value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
            bits.append("0".repeat(5 - Integer.toBinaryString(value).length())).append(Integer.toBinaryString(value));
        }
        var bytes = new byte[bits.length() / 8];
        for (var i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
        return bytes;
    }
}
