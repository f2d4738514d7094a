package io.iotflow.server;

import static io.iotflow.server.certificate.TestAuthority.pair;
import static io.iotflow.server.certificate.TestAuthority.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.certificate.Pem;
import io.iotflow.server.certificate.TestAuthority;
import io.iotflow.server.http.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Devices that prove themselves by certificates, over MQTT and HTTPS.
class CertificatesTest {
    private static final String DEVICES = "/api/v1/devices/";
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final AtomicReference<Duration> AHEAD = new AtomicReference<>(Duration.ZERO);
    private static final TestAuthority OPERATORS = new TestAuthority("the operator's authority");
    private static final TestAuthority STRANGERS = new TestAuthority("a stranger's authority");

    @TempDir
    static Path folder;
    private static TestPlatform platform;
    private static X509Certificate server;

    private final String name = "unit-" + NUMBER.incrementAndGet();
    private final KeyPair keys = pair("EC");

    @BeforeAll
    static void start() throws Exception {
        var trusted = Files.writeString(folder.resolve("trusted.pem"), Pem.of(OPERATORS.certificate));
        platform = TestPlatform.start(() -> Instant.now().plus(AHEAD.get()), "mqtt.tls_self_signed=true",
                "mqtt.tls_port=0", "http.tls_self_signed=true", "http.tls_port=0", "http.hsts=1d",
                "certificates.trusted=" + trusted);
        var store = KeyStore.getInstance(platform.folder().resolve("tls/self-signed.p12").toFile(),
                Files.readString(platform.folder().resolve("tls/self-signed.password")).strip().toCharArray());
        server = (X509Certificate) store.getCertificate("iotflow");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    // ---- clients

    /// @param shown none for a client without a certificate
    private static HttpClient https(KeyPair keys, X509Certificate... shown) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(shown.length == 0 ? null : TestAuthority.shows(keys, shown).getKeyManagers(),
                    TestAuthority.trusts(server).getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(context).version(HttpClient.Version.HTTP_1_1).build();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> send(HttpClient client, String method, String path, String body)
            throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create("https://localhost:" + platform.platform().httpsPort()
                + path)).timeout(Duration.ofSeconds(20)).header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    private static int telemetry(HttpClient client) throws IOException, InterruptedException {
        return send(client, "POST", "/api/v1/telemetry", "{\"n\":1}").statusCode();
    }

    private static Mqtt5BlockingClient mqtt(String protocol, KeyPair keys, X509Certificate... shown) {
        var tls = MqttClientSslConfig.builder().trustManagerFactory(TestAuthority.trusts(server))
                .protocols(List.of(protocol));
        if (shown.length > 0) tls.keyManagerFactory(TestAuthority.shows(keys, shown));
        return MqttClient.builder().useMqttVersion5().identifier("c" + NUMBER.incrementAndGet())
                .serverHost("localhost").serverPort(platform.platform().mqttTlsPort()).sslConfig(tls.build())
                .buildBlocking();
    }

    private static Mqtt5BlockingClient mqtt(KeyPair keys, X509Certificate... shown) {
        return mqtt("TLSv1.3", keys, shown);
    }

    private static boolean connects(Mqtt5BlockingClient client) {
        try {
            client.connect();
            return true;
        } catch (Mqtt5ConnAckException | ConnectionFailedException refused) {
            return false;
        }
    }

    private static void publish(Mqtt5BlockingClient client, String device) {
        client.publishWith().topic("devices/" + device + "/telemetry").qos(MqttQos.AT_LEAST_ONCE)
                .payload("{\"n\":1}".getBytes(UTF_8)).send();
    }

    // ---- operators

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return Json.mapper().readTree(answer.body());
    }

    private static String body(String field, String pem) {
        return Json.mapper().createObjectNode().put(field, pem).toString();
    }

    private static X509Certificate issue(TestDevice device, KeyPair keys) {
        return TestAuthority.read(platform.call("POST", DEVICES + device.id() + "/certificates",
                body("csr", request(keys))).path("certificate_pem").asText());
    }

    private static int register(TestDevice device, X509Certificate... chain) {
        return platform.send("POST", DEVICES + device.id() + "/certificates", body("certificate",
                Pem.of(List.of(chain))), "Authorization", "admin " + TestPlatform.TOKEN).statusCode();
    }

    private static JsonNode revoke(TestDevice device, X509Certificate certificate) {
        return platform.call("DELETE", DEVICES + device.id() + "/certificates/" + Fingerprint.of(certificate)
                + "?reason=key_compromise", "");
    }

    private static String provisioningKey(int devices) {
        return platform.call("POST", "/api/v1/provisioning-keys", "{\"name\":\"line\",\"device_type\":\"pump\","
                + "\"max_devices\":" + devices + "}").at("/provisioning_key/key").asText();
    }

    private static HttpResponse<String> claim(String key, String name, String csr) {
        return platform.send("POST", "/api/v1/certificates/claim", Json.mapper().createObjectNode()
                .put("name", name).put("csr", csr).toString(), "X-Provisioning-Key", key);
    }

    // ---- from nothing to data

    @Test
    void aDeviceClaimsItsCertificateAndSendsByMqttAndHttps() throws Exception {
        var claimed = json(claim(provisioningKey(1), name, request(keys)));
        var certificate = TestAuthority.read(claimed.path("certificate_pem").asText());
        var authority = TestAuthority.read(platform.text("/api/v1/certificates/ca"));
        certificate.verify(authority.getPublicKey());
        assertThat(claimed.path("chain_pem").asText()).isEqualTo(Pem.of(authority));
        assertThat(claimed.at("/device/device_type").asText()).isEqualTo("pump");
        assertThat(claimed.path("device").has("api_key")).as("the certificate is the credential").isFalse();
        var id = claimed.at("/device/id").asLong();
        assertThat(certificate.getSubjectX500Principal().getName()).as("what the request says is not asked")
                .isEqualTo("CN=" + name);
        assertThat(certificate.getSubjectAlternativeNames()).containsExactlyInAnyOrder(List.of(2, name),
                List.of(6, "urn:iotflow:device:" + id));
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly(KeyPurposeId.id_kp_clientAuth.getId());

        for (var protocol : new String[] {"TLSv1.3", "TLSv1.2"}) {
            var mqtt = mqtt(protocol, keys, certificate);
            mqtt.connect();
            publish(mqtt, name);
            mqtt.disconnect();
        }
        assertThat(telemetry(https(keys, certificate))).isEqualTo(201);
        assertThat(platform.stored(new TestDevice(id, name, ""), "n")).isEqualTo(3);
        assertThat(platform.get("/api/v1/audit?target=" + name).path("entries").findValuesAsText("action"))
                .contains("device.registered", "device.certificate_issued");
    }

    @Test
    void aClaimThatIsRefusedRegistersNothingAndIsNotCounted() throws Exception {
        var key = provisioningKey(1);
        assertThat(claim(key, name, "none").statusCode()).isEqualTo(400);
        assertThat(claim(key, name, "x".repeat(9_000)).statusCode()).isEqualTo(413);
        assertThat(claim(key, name, "x".repeat(200_000)).statusCode()).isEqualTo(413);
        var weak = pair("RSA", 1_024);
        var refused = claim(key, name, request(weak.getPublic(), weak, "SHA256withRSA"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/field").asText()).isEqualTo("csr");
        assertThat(json(claim(key, name, request(keys.getPublic(), pair("EC"), "SHA256withECDSA"))).path("detail")
                .asText()).contains("openssl req -new");
        assertThat(claim("x".repeat(32), name, request(keys)).statusCode()).isEqualTo(403);
        assertThat(platform.send("POST", "/api/v1/certificates/claim", "{}").statusCode()).isEqualTo(400);
        assertThat(claim(key, name, request(keys)).statusCode()).isEqualTo(201);
        assertThat(claim(key, name + "-b", request(keys)).statusCode()).as("the key is used up").isEqualTo(403);
    }

    @Test
    void theAuthoritysKeyIsForTheOwnerOnly() throws Exception {
        platform.text("/api/v1/certificates/ca");
        var key = platform.folder().resolve("certificate-authority.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key))).isEqualTo("rw-------");
    }

    // ---- who is refused

    @Test
    void onlyARegisteredCertificateOpensAnything() throws Exception {
        var device = platform.device(name);
        var certificate = OPERATORS.issue(name, keys.getPublic());
        assertThat(connects(mqtt(keys, certificate))).as("a right name, of a right authority").isFalse();
        assertThat(telemetry(https(keys, certificate))).isEqualTo(401);

        assertThat(register(device, certificate)).isEqualTo(201);
        assertThat(register(device, certificate)).as("again").isEqualTo(409);
        assertThat(connects(mqtt(keys, certificate))).isTrue();
        assertThat(telemetry(https(keys, certificate))).isEqualTo(201);

        assertThat(register(device, OPERATORS.issue("another", keys.getPublic()))).as("another's name").isEqualTo(422);
        assertThat(register(device, STRANGERS.issue(name, keys.getPublic()))).as("a stranger's").isEqualTo(422);
        assertThat(register(device, OPERATORS.issue(name, keys.getPublic(), Duration.ofDays(-9),
                Duration.ofDays(-1), KeyPurposeId.id_kp_clientAuth))).as("expired").isEqualTo(422);
        assertThat(register(device, OPERATORS.issue(name, keys.getPublic(), Duration.ofDays(-9),
                Duration.ofDays(1), KeyPurposeId.id_kp_serverAuth))).as("a server's").isEqualTo(422);
    }

    @Test
    void theHandshakeEndsForCertificatesThatAreNotGood() {
        for (var bad : List.of(STRANGERS.issue(name, keys.getPublic()),
                OPERATORS.issue(name, keys.getPublic(), Duration.ofDays(-9), Duration.ofDays(-1),
                        KeyPurposeId.id_kp_clientAuth),
                OPERATORS.issue(name, keys.getPublic(), Duration.ofDays(1), Duration.ofDays(9),
                        KeyPurposeId.id_kp_clientAuth),
                OPERATORS.issue(name, keys.getPublic(), Duration.ofDays(-1), Duration.ofDays(9),
                        KeyPurposeId.id_kp_serverAuth))) {
            assertThatThrownBy(() -> mqtt(keys, bad).connect()).hasMessageContaining("SSLHandshakeException");
            assertThatThrownBy(() -> telemetry(https(keys, bad))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aCertificateServesItsOwnDeviceOnly() throws Exception {
        var device = platform.device(name);
        var other = platform.device(name + "-other");
        var certificate = issue(device, keys);
        for (var own : List.of(name, Long.toString(device.id()))) {
            var client = mqtt(keys, certificate);
            client.connectWith().simpleAuth().username(own).applySimpleAuth().send();
            client.disconnect();
        }
        assertThatThrownBy(() -> mqtt(keys, certificate).connectWith().simpleAuth().username(other.name())
                .applySimpleAuth().send()).isInstanceOf(Mqtt5ConnAckException.class);
        assertThat(send(https(keys, certificate), "GET", DEVICES + other.id() + "/status", "").statusCode())
                .isEqualTo(404);
        // Its fingerprint is known to many and proves nothing.
        for (var scheme : List.of("certificate", "apikey", "bearer")) {
            assertThat(platform.send("GET", DEVICES + "status", "", "Authorization", scheme + " "
                    + Fingerprint.of(certificate)).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void whoShowsNoCertificateComesInByKeyAsBefore() throws Exception {
        var device = platform.device(name);
        var client = mqtt(keys);
        client.connectWith().simpleAuth().username(name).password(device.key().getBytes(UTF_8)).applySimpleAuth()
                .send();
        publish(client, name);
        client.disconnect();
        var asKey = mqtt(keys, issue(platform.device(name + "-b"), keys));
        asKey.connectWith().simpleAuth().username(device.key()).applySimpleAuth().send();
        publish(asKey, name); // a key is a proof of its own, whatever else is shown
        asKey.disconnect();
        assertThat(telemetry(https(keys))).isEqualTo(401);
        assertThat(send(https(keys), "GET", "/health", "").statusCode()).isEqualTo(200);
    }

    // ---- the end

    @Test
    void revokingCutsOffWhatIsOpenAndTheNextRequest() throws Exception {
        var device = platform.device(name);
        var certificate = issue(device, keys);
        var mqtt = mqtt(keys, certificate);
        mqtt.connect();
        publish(mqtt, name);
        var https = https(keys, certificate); // keeps its connection
        assertThat(telemetry(https)).isEqualTo(201);
        var stream = https.send(HttpRequest.newBuilder(URI.create("https://localhost:"
                + platform.platform().httpsPort() + "/api/v1/stream")).build(), BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);

        var revoked = revoke(device, certificate).path("certificate");
        assertThat(revoked.path("state").asText()).isEqualTo("revoked");
        TestPlatform.await("MQTT is closed", () -> !mqtt.getState().isConnected());
        assertThat(telemetry(https)).isEqualTo(401);
        stream.body().transferTo(OutputStream.nullOutputStream()); // comes to its end
        assertThat(connects(mqtt(keys, certificate))).isFalse();
        assertThat(revoke(device, certificate).path("certificate")).as("again").isEqualTo(revoked);
        assertThat(platform.get(DEVICES + device.id() + "/certificates").path("certificates").path(0)).isEqualTo(
                revoked);
        var list = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                + platform.platform().httpPort() + "/api/v1/certificates/crl")).build(), BodyHandlers.ofByteArray());
        var crl = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(
                new ByteArrayInputStream(list.body()));
        crl.verify(TestAuthority.read(platform.text("/api/v1/certificates/ca")).getPublicKey());
        assertThat(crl.getRevokedCertificate(certificate.getSerialNumber()).getRevocationReason().name())
                .isEqualTo("KEY_COMPROMISE");
    }

    @Test
    void oldAndNewServeUntilTheGraceIsOver() throws Exception {
        var device = platform.device(name);
        var old = issue(device, keys);
        var newKeys = pair("Ed25519");
        var renewed = json(send(https(keys, old), "POST", "/api/v1/certificates/renew",
                body("csr", request(newKeys.getPublic(), newKeys, "Ed25519"))));
        var fresh = TestAuthority.read(renewed.path("certificate_pem").asText());
        var before = mqtt(keys, old);
        before.connect();
        var after = mqtt(newKeys, fresh);
        after.connect();
        publish(before, name);
        publish(after, name);
        assertThat(platform.send("POST", "/api/v1/certificates/renew", body("csr", request(pair("EC"))), "X-API-Key",
                device.key()).statusCode()).as("by key").isEqualTo(201);
        AHEAD.set(Duration.ofHours(25));
        try {
            TestPlatform.await("the old one's connection is closed", () -> !before.getState().isConnected());
            assertThat(telemetry(https(keys, old))).isEqualTo(401);
            assertThat(platform.get(DEVICES + device.id() + "/certificates").path("certificates")
                    .findValuesAsText("state")).containsExactly("active", "superseded", "superseded");
        } finally {
            AHEAD.set(Duration.ZERO);
        }
    }

    @Test
    void aSuspectedDeviceLosesItsConnectionAndADecommissionedOneItsCertificates() throws Exception {
        var device = platform.device(name);
        var certificate = issue(device, keys);
        var https = https(keys, certificate);
        var mqtt = mqtt(keys, certificate);
        mqtt.connect();
        platform.call("PUT", "/api/v1/admin/devices/" + device.id() + "/status", "{\"status\":\"quarantined\"}");
        TestPlatform.await("MQTT is closed", () -> !mqtt.getState().isConnected());
        var suspected = mqtt(keys, certificate);
        suspected.connect();
        suspected.subscribeWith().topicFilter(device.topic("quarantine")).send();
        assertThatThrownBy(() -> suspected.subscribeWith().topicFilter(device.topic("commands")).send())
                .isInstanceOf(Mqtt5SubAckException.class);
        assertThat(telemetry(https)).isEqualTo(403);
        assertThat(send(https, "POST", "/api/v1/certificates/renew", body("csr", request(keys))).statusCode())
                .isEqualTo(403);
        platform.call("DELETE", "/api/v1/admin/devices/" + device.id(), "");
        TestPlatform.await("MQTT is closed", () -> !suspected.getState().isConnected());
        assertThat(connects(mqtt(keys, certificate))).isFalse();
        assertThat(telemetry(https)).isEqualTo(401);
        assertThat(platform.get(DEVICES + device.id() + "/certificates").at("/certificates/0/reason").asText())
                .isEqualTo("cessation_of_operation");
        assertThat(platform.send("POST", DEVICES + device.id() + "/certificates", body("csr", request(keys)),
                "Authorization", "admin " + TestPlatform.TOKEN).statusCode()).isEqualTo(409);
    }

    @Test
    void aNewNameLeavesTheCertificateOfThePlatformGood() throws Exception {
        var device = platform.device(name);
        var issued = issue(device, keys);
        var foreign = OPERATORS.issue(name, keys.getPublic());
        assertThat(register(device, foreign)).isEqualTo(201);
        platform.call("PUT", "/api/v1/admin/devices/" + device.id(), "{\"name\":\"" + name + "-new\"}");
        assertThat(telemetry(https(keys, issued))).as("it names the number as well").isEqualTo(201);
        assertThat(telemetry(https(keys, foreign))).as("it names somebody else now").isEqualTo(401);
    }

    @Test
    void aDeviceHasTenGoodCertificatesAtTheMostAndTheListShowsWhichEndFirst() {
        var device = platform.device(name);
        for (int i = 0; i < 10; i++) issue(device, keys);
        assertThat(platform.send("POST", DEVICES + device.id() + "/certificates", body("csr", request(keys)),
                "Authorization", "admin " + TestPlatform.TOKEN).statusCode()).isEqualTo(409);
        assertThat(platform.get("/api/v1/certificates?expiring_before=%2B91d").findValuesAsText("device_name"))
                .contains(name);
        assertThat(platform.get("/api/v1/certificates?expiring_before=%2B89d").findValuesAsText("device_name"))
                .doesNotContain(name);
    }

    // ---- HTTPS itself

    @Test
    void httpsServesPagesAndSaysThatNothingElseShallBeUsed() throws Exception {
        var page = send(https(keys), "GET", "/", "");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Strict-Transport-Security")).hasValue("max-age=86400");
        assertThat(platform.send("GET", "/health", "").headers().firstValue("Strict-Transport-Security")).isEmpty();
    }
}
