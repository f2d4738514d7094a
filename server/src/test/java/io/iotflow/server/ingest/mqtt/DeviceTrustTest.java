package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.V5;
import static io.iotflow.server.ingest.mqtt.RawMqtt.connect;
import static io.iotflow.server.ingest.mqtt.RawMqtt.packet;
import static io.iotflow.server.ingest.mqtt.RawMqtt.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Until when a device is believed: a key that is replaced lets its connections live until its grace ends, one that is
/// too old ends as well; a device in quarantine hears why and nothing else, and one that attests to be something else
/// than it should goes there.
class DeviceTrustTest {
    private static final String GOOD = "ab".repeat(32);
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final AtomicReference<Duration> AHEAD = new AtomicReference<>(Duration.ZERO);
    private static TestPlatform platform;
    private final TestDevice device = platform.device("rotating-" + NUMBER.incrementAndGet());

    @BeforeAll
    static void start() {
        platform = TestPlatform.start(() -> Instant.now().plus(AHEAD.get()), "device.key_max_age=30d");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static void pass(int minutes) {
        AHEAD.updateAndGet(before -> before.plusMinutes(minutes));
    }

    /// The new key.
    private String rotate(int graceMinutes) {
        return platform.call("POST", "/api/v1/admin/devices/" + device.id() + "/api-key",
                "{\"grace_seconds\":" + graceMinutes * 60 + "}").findValue("api_key").textValue();
    }

    private RawMqtt connected(String name, String key) {
        var client = new RawMqtt(platform.mqttPort());
        client.send(connect(V3, name, device.name(), key, 0, true));
        assertThat(client.packet()).isEqualTo("20020000");
        return client;
    }

    @Test
    void connectionsOfAnOldKeyEndWithItsGrace() {
        try (var before = connected("before", device.key())) {
            var newKey = rotate(60);
            try (var during = connected("during", device.key()); var renewed = connected("renewed", newKey)) {
                pass(59);
                before.expectNothingMore();
                pass(2);
                assertThat(before.untilClosed()).isEmpty();
                assertThat(during.untilClosed()).isEmpty();
                renewed.expectNothingMore();
            }
        }
    }

    @Test
    void aLaterRotationMayShortenTheGraceButNeverLengthensIt() {
        try (var first = connected("first", device.key())) {
            var key2 = rotate(120);
            try (var second = connected("second", key2)) {
                var key3 = rotate(60);
                try (var third = connected("third", key3)) {
                    var key4 = rotate(180);
                    pass(61);
                    assertThat(first.untilClosed()).isEmpty();
                    assertThat(second.untilClosed()).isEmpty();
                    third.expectNothingMore();
                    pass(120);
                    assertThat(third.untilClosed()).isEmpty();
                    connected("fourth", key4).expectNothingMore().close();
                }
            }
        }
    }

    private JsonNode own(String method, String path, String key) {
        return json(platform.send(method, "/api/v1/devices/" + path, "", "X-API-Key", key));
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return Json.mapper().readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(answer.body(), e);
        }
    }

    private JsonNode newestKey() {
        return platform.get("/api/v1/admin/devices/" + device.id()).path("auth_records").path(0);
    }

    @Test
    void aKeyThatIsTooOldIsFlaggedAndEndsUnlessTheDeviceReplacesIt() {
        var made = Instant.parse(newestKey().path("created_at").asText());
        var status = own("GET", "status", device.key());
        assertThat(status.path("key_rotate_after").asText()).isEqualTo(made.plus(Duration.ofDays(30)).toString());
        assertThat(status.path("key_expires_at").asText()).isEqualTo(made.plus(Duration.ofDays(37)).toString());
        assertThat(newestKey().path("due").asBoolean()).isFalse();
        pass(31 * 24 * 60);
        assertThat(newestKey().path("due").asBoolean()).isTrue();
        assertThat(own("POST", "heartbeat", device.key()).has("key_expires_at")).isTrue();
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(V5, "told", device.name(), device.key(), 0, true));
            assertThat(client.packet()).contains(text("credential_expires_at") + text(made.plus(Duration.ofDays(37))
                    .toString()));
            var key = own("POST", "api-key", device.key()).path("api_key").asText();
            var entry = platform.get("/api/v1/audit?action=device.key_rotated&target=" + device.id()).path("entries")
                    .path(0);
            assertThat(entry.at("/entry/actor/name").asText()).isEqualTo(device.name());
            pass(7 * 24 * 60);
            assertThat(client.untilClosed()).as("after the grace").isEmpty();
            assertThat(own("GET", "status", device.key()).path("code").asText()).isEqualTo("unauthorized");
            assertThat(own("GET", "status", key).path("status").asText()).isEqualTo("success");
            assertThat(newestKey().path("due").asBoolean()).isFalse();
            pass(38 * 24 * 60);
            assertThat(own("GET", "status", key).path("code").asText()).as("never replaced").isEqualTo("unauthorized");
            assertThat(newestKey().path("active").asBoolean()).isFalse();
        }
    }

    private void quarantine(String reason) {
        platform.call("PUT", "/api/v1/admin/devices/" + device.id() + "/status",
                "{\"status\":\"quarantined\",\"reason\":\"" + reason + "\"}");
    }

    @Test
    void aDeviceInQuarantineIsToldWhyAndCanDoNothingElseOverHttp() {
        quarantine("it was seen elsewhere");
        for (var call : List.of("POST telemetry", "POST heartbeat", "GET config", "POST api-key",
                "GET mqtt-credentials", "DELETE unregister")) {
            var parts = call.split(" ");
            var answer = own(parts[0], parts[1], device.key());
            assertThat(answer.path("status").asInt()).as(call).isEqualTo(403);
            assertThat(answer.path("code").asText()).isEqualTo("quarantined");
            assertThat(answer.path("detail").asText()).contains("it was seen elsewhere");
            assertThat(answer.path("hint").asText()).contains("operator");
        }
        var status = own("GET", "status", device.key()).path("device");
        assertThat(status.path("status").asText()).isEqualTo("quarantined");
        assertThat(status.at("/quarantine/reason").asText()).isEqualTo("it was seen elsewhere");
        var entry = platform.get("/api/v1/audit?action=device.status_changed&target=" + device.id()).path("entries")
                .path(0);
        assertThat(entry.at("/entry/after/quarantine_reason").asText()).isEqualTo("it was seen elsewhere");
        platform.call("PUT", "/api/v1/admin/devices/" + device.id() + "/status", "{\"status\":\"active\"}");
        status = own("GET", "status", device.key()).path("device");
        assertThat(status.path("quarantine").isNull()).isTrue();
    }

    @Test
    void overMqttItHearsItsNoticeAndNothingElse() {
        var topic = "devices/" + device.name() + "/quarantine";
        try (var before = RawMqtt.connected(platform, device, V5); var old = connected("old", device.key())) {
            quarantine("it was seen elsewhere");
            assertThat(before.untilClosed()).as("DISCONNECT, administrative action, and why").startsWith("e0")
                    .matches("e0..98.*").contains(text("it was seen elsewhere").substring(4));
            assertThat(old.untilClosed()).isEmpty();
        }
        try (var client = RawMqtt.connected(platform, device, V5)) {
            client.send(packet(0x82, "0001" + "00" + text("devices/" + device.name() + "/commands") + "01"
                    + text("devices/" + device.name() + "/#") + "01"));
            assertThat(client.packet()).isEqualTo("9005" + "0001" + "00" + "8787");
            client.send(packet(0x82, "0002" + "00" + text("iotflow/" + topic) + "01"));
            assertThat(client.packet()).isEqualTo("9004" + "0002" + "00" + "01");
            assertThat(client.packet()).as("retained, under the topic that was asked for").startsWith("31")
                    .contains(text("iotflow/" + topic)).contains(text("it was seen elsewhere").substring(4));
            client.send(RawMqtt.publish(1, 3, device.topic("telemetry"), "00", "{\"t\":1}"));
            assertThat(client.packet()).startsWith("40").matches("40..000387.*");
            platform.send("POST", "/api/v1/admin/devices/" + device.id() + "/commands", "{\"type\":\"reboot\"}",
                    "Authorization", "admin " + TestPlatform.TOKEN);
            client.expectNothingMore();
            platform.call("PUT", "/api/v1/admin/devices/" + device.id() + "/status", "{\"status\":\"active\"}");
            assertThat(client.untilClosed()).as("to come back as what it is now").isEmpty();
        }
        try (var client = connected("again", device.key())) {
            client.send(packet(0x82, "0001" + text(topic) + "01"));
            assertThat(client.packet()).isEqualTo("9003" + "0001" + "01");
            client.expectNothingMore();
        }
    }

    @Test
    void a311ClientInQuarantineHearsItToo() {
        quarantine("");
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(V3, "c", device.name(), device.key(), 60, false, "",
                    RawMqtt.will(V3, device.topic("status"), "gone")));
            assertThat(client.packet()).as("a will does not keep it out").isEqualTo("20020000");
            client.send(packet(0x82, "0001" + text(device.topic("quarantine")) + "00"));
            assertThat(client.packet()).isEqualTo("9003" + "0001" + "00");
            assertThat(client.packet()).startsWith("31").contains(text("what_to_do").substring(4));
            assertThat(platform.get("/api/v1/devices/" + device.id() + "/status").at("/device/is_online").asBoolean())
                    .as("that is not what online means").isFalse();
            client.send(RawMqtt.publish(0, 0, device.topic("telemetry"), "", "{\"t\":1}"));
            assertThat(client.untilClosed()).isEmpty();
        }
    }

    private HttpResponse<String> attest(PublicJsonWebKey key, String claims) throws JoseException {
        var signature = new JsonWebSignature();
        signature.setPayload(claims);
        signature.setKey(key.getPrivateKey());
        signature.setAlgorithmHeaderValue(key instanceof EllipticCurveJsonWebKey
                ? AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256 : AlgorithmIdentifiers.EDDSA);
        return state(signature.getCompactSerialization());
    }

    private HttpResponse<String> state(String statement) {
        return platform.send("POST", "/api/v1/devices/" + device.name() + "/attestation",
                "{\"statement\":\"" + statement + "\"}", "X-API-Key", device.key());
    }

    private String nonce() {
        return own("GET", device.name() + "/attestation/challenge", device.key()).path("nonce").asText();
    }

    private static String claims(String nonce, String firmware, String boot) {
        return "{\"nonce\":\"" + nonce + "\",\"firmware_hash\":\"" + firmware
                + "\",\"boot_state\":{\"secure_boot\":\"" + boot + "\",\"other\":\"x\"}}";
    }

    private void expect(PublicJsonWebKey key) {
        platform.call("PUT", "/api/v1/devices/" + device.id() + "/attestation/reference", "{\"public_key\":"
                + key.toJson() + ",\"firmware_hashes\":[\"" + GOOD + "\"],\"boot_state\":{\"secure_boot\":\"on\"}}");
    }

    @Test
    void aDeviceThatAttestsWhatIsExpectedStaysAndAnotherGoesIntoQuarantine() throws Exception {
        var key = OkpJwkGenerator.generateJwk("Ed25519");
        expect(key);
        var good = attest(key, claims(nonce(), GOOD, "on"));
        assertThat(json(good).path("verdict").asText()).as(good.body()).isEqualTo("verified");
        assertThat(platform.send("POST", "/api/v1/telemetry", "{\"t\":1}", "X-API-Key", device.key()).statusCode())
                .isEqualTo(201);
        var bad = attest(key, claims(nonce(), "0".repeat(64), "off"));
        assertThat(json(bad).path("verdict").asText()).isEqualTo("failed");
        assertThat(json(bad).path("differences").toString())
                .isEqualTo("[\"firmware_hash\",\"boot_state.secure_boot\"]");
        var refused = platform.send("POST", "/api/v1/telemetry", "{\"t\":1}", "X-API-Key", device.key());
        assertThat(json(refused).path("detail").asText())
                .contains("what it attests differs in firmware_hash, boot_state.secure_boot");
        var history = platform.get("/api/v1/devices/" + device.id() + "/attestation");
        assertThat(history.path("attestations").findValuesAsText("verdict")).containsExactly("failed", "verified");
        assertThat(history.at("/attestations/0/statement").asText()).startsWith("ey");
        assertThat(history.at("/reference/firmware_hashes/0").asText()).isEqualTo(GOOD);
        assertThat(platform.get("/api/v1/audit?target=" + device.id()).path("entries").valueStream().map(entry ->
                entry.at("/entry/action").asText()).toList()).contains("device.attestation_set",
                "device.status_changed");
    }

    @Test
    void aStatementSignedWithAnotherKeyIsBeyondDoubtButAnOldOneIsNot() throws Exception {
        var key = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        assertThat(json(platform.send("GET", "/api/v1/devices/" + device.name() + "/attestation/challenge", "",
                "X-API-Key", device.key())).path("code").asText()).as("nothing is expected yet").isEqualTo("conflict");
        expect(key);
        var nonce = nonce();
        var good = claims(nonce, GOOD, "on");
        assertThat(json(attest(key, good)).path("verdict").asText()).isEqualTo("verified");
        assertThat(json(attest(key, good)).path("code").asText()).as("replayed").isEqualTo("conflict");
        nonce = nonce();
        nonce();
        assertThat(json(attest(key, claims(nonce, GOOD, "on"))).path("code").asText()).isEqualTo("conflict");
        nonce = nonce();
        pass(6);
        assertThat(json(attest(key, claims(nonce, GOOD, "on"))).path("code").asText()).as("late")
                .isEqualTo("conflict");
        for (var nonsense : List.of("", "x", "a.b.c", "ey".repeat(5_000), "e30.e30.", "e30.W10.AA")) {
            assertThat(state(nonsense).statusCode()).as(nonsense).isEqualTo(422);
        }
        assertThat(platform.get("/api/v1/devices/" + device.id() + "/status").at("/device/status").asText())
                .isEqualTo("active");
        var other = platform.device("other-than-" + device.name());
        assertThat(platform.send("GET", "/api/v1/devices/" + device.name() + "/attestation", "", "X-API-Key",
                other.key()).statusCode()).isEqualTo(404);
        var forged = attest(EcJwkGenerator.generateJwk(EllipticCurves.P256), claims(nonce(), GOOD, "on"));
        assertThat(json(forged).path("differences").toString()).isEqualTo("[\"signature\"]");
        assertThat(platform.get("/api/v1/devices/" + device.id() + "/status").at("/device/quarantine/reason").asText())
                .isEqualTo("what it attests differs in signature");
    }

    @Test
    void whatCannotBeExpectedIsRefused() throws Exception {
        var path = "/api/v1/devices/" + device.id() + "/attestation/reference";
        var key = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        var body = "{\"public_key\":%s,\"firmware_hashes\":%s,\"boot_state\":%s}";
        var hashes = "[\"" + GOOD + "\"]";
        for (var wrong : List.of(body.formatted("{}", hashes, "{}"), body.formatted("\"x\"", hashes, "{}"),
                body.formatted(key.toJson(JsonWebKey.OutputControlLevel.INCLUDE_PRIVATE), hashes, "{}"),
                body.formatted("{\"kty\":\"oct\",\"k\":\"AAAA\"}", hashes, "{}"),
                body.formatted(key.toJson(), "[]", "{}"), body.formatted(key.toJson(), "[null]", "{}"),
                body.formatted(key.toJson(), "[\"x\"]", "{}"), body.formatted(key.toJson(), hashes, "{\"a\":null}"),
                body.formatted(EcJwkGenerator.generateJwk(EllipticCurves.P521).toJson(), hashes, "{}"))) {
            assertThat(platform.send("PUT", path, wrong, "Authorization", "admin " + TestPlatform.TOKEN).statusCode())
                    .as(wrong).isEqualTo(422);
        }
    }

    @Test
    void manyRotationsEndEachKeyInItsTurn() {
        var clients = new ArrayList<RawMqtt>();
        var key = device.key();
        for (int i = 0; i < 8; i++) { // fewer than the keys that are kept
            clients.add(connected("client-" + i, key));
            key = rotate(60);
            pass(10);
        }
        // Five are still within their hour: the first was replaced 80 minutes ago, the third 60, the last 10.
        for (int i = 0; i < 3; i++) assertThat(clients.get(i).untilClosed()).as("client " + i).isEmpty();
        for (int i = 3; i < 8; i++) clients.get(i).expectNothingMore().close();
    }
}
