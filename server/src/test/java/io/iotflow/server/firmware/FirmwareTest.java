package io.iotflow.server.firmware;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.iotflow.server.TestFirmware;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Images, downloads and single updates on the whole platform, with a real MQTT client.
class FirmwareTest {
    private static final byte[] CONTENT = new byte[100_000];
    private static final byte[] NOTHING = new byte[0];

    private static TestPlatform platform;
    private static TestFirmware firmware;
    private static int versions;

    @BeforeAll
    static void start() {
        new Random(1).nextBytes(CONTENT);
        platform = TestPlatform.start();
        firmware = TestFirmware.on(platform);
    }

    @AfterAll
    static void stop() {
        if (firmware != null) firmware.close();
        if (platform != null) platform.close();
    }

    private static String version() {
        return "2." + versions++;
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws Exception {
        return Json.mapper().readTree(answer.body());
    }

    private static JsonNode refused(int status, HttpResponse<byte[]> answer) throws Exception {
        assertThat(answer.statusCode()).as(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(status);
        return json(answer);
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode image(String id) {
        return firmware.json("GET", "/api/v1/firmware/" + id, NOTHING);
    }

    private static void offer(TestDevice device, String image, String more) {
        firmware.json("POST", "/api/v1/devices/" + device.id() + "/updates",
                bytes("{'firmware_id':" + image + more + "}"));
    }

    private static HttpResponse<byte[]> asDevice(TestDevice device, String method, String path, String body,
            String... headers) {
        var all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "X-API-Key";
        all[headers.length + 1] = device.key();
        return firmware.send(method, "/api/v1/devices/firmware" + path, bytes(body), all);
    }

    private static String report(TestDevice device, String body) throws Exception {
        return json(asDevice(device, "POST", "/status", body)).at("/update/status").asText();
    }

    private static JsonNode newest(TestDevice device) {
        return firmware.json("GET", "/api/v1/devices/" + device.id() + "/updates", NOTHING).at("/updates/0");
    }

    private static String registered(TestDevice device) {
        return platform.get("/api/v1/admin/devices/" + device.id()).at("/device/firmware_version").asText();
    }

    // ---- images

    @Test
    void anUploadGoesOnWhereItBrokeOff() throws Exception {
        var id = firmware.announced(version(), CONTENT, "");
        var half = Arrays.copyOf(CONTENT, 60_000);
        assertThat(json(firmware.upload(id, half)).path("uploaded").asInt()).isEqualTo(60_000);
        assertThat(refused(409, firmware.send("POST", "/api/v1/firmware/" + id + "/finish", NOTHING))
                .path("detail").asText()).contains("60000 are there");
        var rest = Arrays.copyOfRange(CONTENT, 60_000, CONTENT.length);
        assertThat(refused(409, firmware.upload(id, rest, "Content-Range", "bytes 50000-99999/100000"))
                .path("detail").asText()).contains("byte 60000");
        assertThat(image(id).path("uploaded").asInt()).isEqualTo(60_000);
        assertThat(json(firmware.upload(id, rest, "Content-Range", "bytes 60000-99999/100000")).path("uploaded")
                .asInt()).isEqualTo(100_000);
        refused(413, firmware.upload(id, rest, "Content-Range", "bytes 100000-139999/140000"));
        assertThat(image(id).path("state").asText()).isEqualTo("uploading");
        var ready = firmware.json("POST", "/api/v1/firmware/" + id + "/finish", NOTHING);
        assertThat(ready.path("state").asText()).isEqualTo("ready");
        assertThat(firmware.send("GET", "/api/v1/firmware/" + id + "/content", NOTHING).body()).isEqualTo(CONTENT);
        refused(409, firmware.upload(id, half));
        var entry = platform.get("/api/v1/audit?action=firmware.published&limit=1000").path("entries");
        assertThat(entry.toString()).contains(ready.path("version").asText());
    }

    @Test
    void bytesThatAreNotTheAnnouncedOnesAreNeverReady() throws Exception {
        var id = firmware.announced(version(), CONTENT, "");
        var other = CONTENT.clone();
        other[77]++;
        firmware.upload(id, other);
        assertThat(refused(409, firmware.send("POST", "/api/v1/firmware/" + id + "/finish", NOTHING)).path("detail")
                .asText()).contains(TestFirmware.sha256(other));
        refused(409, firmware.send("POST", "/api/v1/devices/" + platform.device("never").id() + "/updates",
                bytes("{'firmware_id':" + id + "}")));
        firmware.upload(id, CONTENT);
        assertThat(firmware.json("POST", "/api/v1/firmware/" + id + "/finish", NOTHING).path("state").asText())
                .isEqualTo("ready");
    }

    @Test
    void refusesWhatIsNoImage() throws Exception {
        for (var body : new String[] {"{'name':'x','version':'1','size':0,'sha256':'" + "a".repeat(64) + "'}",
            "{'name':'x','version':'1','size':1073741825,'sha256':'" + "a".repeat(64) + "'}",
            "{'name':'x','version':'1','size':1,'sha256':'A'}", "{'name':'x','version':'1','size':1}",
            "{'name':' ','version':'1','size':1,'sha256':'" + "a".repeat(64) + "'}",
            "{'name':'x','version':'1','size':1,'colour':1,'sha256':'" + "a".repeat(64) + "'}"}) {
            refused(422, firmware.send("POST", "/api/v1/firmware", bytes(body)));
        }
        var version = version();
        firmware.announced(version, CONTENT, "");
        refused(409, firmware.send("POST", "/api/v1/firmware", bytes("{'name':'lamp','version':'" + version
                + "','size':1,'sha256':'" + "a".repeat(64) + "'}")));
    }

    @Test
    void onceThereIsAKeyImagesMustBeSigned() throws Exception {
        var organization = platform.call("POST", "/api/v1/organizations", "{\"name\":\"signed\"}").path("id").asText();
        var inside = ",'organization_id':" + organization;
        for (var algorithm : new String[] {"Ed25519", "EC"}) {
            var pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
            var unsigned = algorithm.equals("EC") ? "" : firmware.ready(version(), CONTENT, inside);
            var key = firmware.json("POST", "/api/v1/firmware/keys", bytes("{'name':'" + algorithm
                    + "','public_key':'" + pem(pair) + "'" + inside + "}")).path("id").asText();
            if (!unsigned.isEmpty()) refusedOffer(organization, unsigned);
            var missing = "{'name':'lamp','version':'" + version() + "','size':100000,'sha256':'"
                    + TestFirmware.sha256(CONTENT) + "'" + inside;
            refused(422, firmware.send("POST", "/api/v1/firmware", bytes(missing + "}")));
            refused(422, firmware.send("POST", "/api/v1/firmware", bytes(missing + ",'signature':'AAAA'}")));
            var image = firmware.ready(version(), CONTENT, inside + ",'signature':'" + signed(pair, algorithm) + "'");
            assertThat(image(image).path("key_id").asText()).isEqualTo(key);
            var before = platform.get("/api/v1/firmware/keys").path("count").asInt();
            assertThat(firmware.send("DELETE", "/api/v1/firmware/keys/" + key, NOTHING).statusCode()).isEqualTo(204);
            assertThat(platform.get("/api/v1/firmware/keys").path("count").asInt()).isEqualTo(before - 1);
            refusedOffer(organization, image);
        }
    }

    private static void refusedOffer(String organization, String image) throws Exception {
        var device = platform.call("POST", "/api/v1/admin/devices", "{\"name\":\"signed-" + versions++
                + "\",\"device_type\":\"lamp\",\"organization_id\":" + organization + "}").at("/device/id").asText();
        assertThat(refused(409, firmware.send("POST", "/api/v1/devices/" + device + "/updates",
                bytes("{'firmware_id':" + image + "}"))).path("detail").asText()).contains("not signed");
    }

    private static String pem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\\n" + Base64.getEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\\n-----END PUBLIC KEY-----";
    }

    private static String signed(KeyPair pair, String algorithm) throws Exception {
        var signer = Signature.getInstance(algorithm.equals("EC") ? "SHA256withECDSA" : "Ed25519");
        signer.initSign(pair.getPrivate());
        signer.update(algorithm.equals("EC") ? CONTENT : MessageDigest.getInstance("SHA-256").digest(CONTENT));
        return Base64.getEncoder().encodeToString(signer.sign());
    }

    @Test
    void whatDevicesWereOfferedIsWithdrawnNotDeleted() throws Exception {
        var device = platform.device("withdrawn");
        var image = firmware.ready(version(), CONTENT, "");
        assertThat(firmware.send("DELETE", "/api/v1/firmware/" + firmware.announced(version(), CONTENT, ""), NOTHING)
                .statusCode()).isEqualTo(204);
        offer(device, image, "");
        refused(409, firmware.send("DELETE", "/api/v1/firmware/" + image, NOTHING));
        firmware.json("POST", "/api/v1/firmware/" + image + "/withdraw", NOTHING);
        assertThat(asDevice(device, "GET", "/download", "").body()).as("who was offered it goes on")
                .isEqualTo(CONTENT);
        refused(409, firmware.send("POST", "/api/v1/devices/" + platform.device("late").id() + "/updates",
                bytes("{'firmware_id':" + image + "}")));
    }

    // ---- downloads

    @Test
    void aDownloadGoesOnWhereItBrokeOff() throws Exception {
        var device = platform.device("ranges");
        assertThat(asDevice(device, "GET", "/download", "").statusCode()).isEqualTo(404);
        offer(device, firmware.ready(version(), CONTENT, ""), "");
        var tag = '"' + TestFirmware.sha256(CONTENT) + '"';
        var whole = asDevice(device, "GET", "/download", "");
        assertThat(whole.headers().firstValue("ETag")).contains(tag);
        assertThat(whole.headers().firstValue("Content-Length")).contains("100000");
        assertThat(whole.body()).isEqualTo(CONTENT);
        part(device, "bytes=99000-", 99_000, 100_000);
        part(device, "bytes=0-0", 0, 1);
        part(device, "bytes=-100", 99_900, 100_000);
        part(device, "bytes=50000-200000", 50_000, 100_000);
        refused(416, asDevice(device, "GET", "/download", "", "Range", "bytes=100000-"));
        assertThat(asDevice(device, "GET", "/download", "", "Range", "bytes=5-9,20-30").statusCode()).isEqualTo(200);
        assertThat(asDevice(device, "GET", "/download", "", "Range", "bytes=5-", "If-Range", tag).statusCode())
                .isEqualTo(206);
        assertThat(asDevice(device, "GET", "/download", "", "Range", "bytes=5-", "If-Range", "\"other\"").body())
                .isEqualTo(CONTENT);
    }

    private static void part(TestDevice device, String range, int from, int to) {
        var answer = asDevice(device, "GET", "/download", "", "Range", range);
        assertThat(answer.statusCode()).as(range).isEqualTo(206);
        assertThat(answer.headers().firstValue("Content-Range")).contains("bytes " + from + "-" + (to - 1) + "/100000");
        assertThat(answer.body()).as(range).isEqualTo(Arrays.copyOfRange(CONTENT, from, to));
    }

    @Test
    void aSignedLinkNeedsNoOtherCredential() throws Exception {
        var device = platform.device("linked");
        offer(device, firmware.ready(version(), CONTENT, ""), "");
        var link = json(asDevice(device, "GET", "", "")).at("/update/link").asText();
        assertThat(firmware.send("GET", link, NOTHING, "X-None", "none").body()).isEqualTo(CONTENT);
        var forged = link.substring(0, link.length() - 2) + (link.endsWith("A") ? "BB" : "AA");
        refused(404, firmware.send("GET", forged, NOTHING, "X-None", "none"));
        refused(404, firmware.send("GET", "/api/v1/firmware/download", NOTHING, "X-None", "none"));
    }

    @Test
    void bandwidthIsSharedByTurns() {
        var bandwidth = new Bandwidth(1);
        var now = System.nanoTime();
        assertThat(bandwidth.turn(200 << 10, now)).as("a burst").isNegative();
        var wait = bandwidth.turn(1 << 20, now);
        assertThat(wait).isBetween(900_000_000L, 1_000_000_000L);
        assertThat(bandwidth.turn(1 << 20, now)).isBetween(wait + 999_000_000L, wait + 1_001_000_000L);
        assertThat(bandwidth.turn(1, now + 60_000_000_000L)).as("after a rest").isNegative();
    }

    // ---- updates

    @Test
    void anUpdateIsToldFromTheOfferToWhatTheDeviceRuns() throws Exception {
        var device = platform.device("story");
        var version = version();
        var image = firmware.ready(version, CONTENT, "");
        assertThat(json(asDevice(device, "GET", "", "")).path("update").isNull()).isTrue();
        offer(device, image, "");
        refused(409, firmware.send("POST", "/api/v1/devices/" + device.id() + "/updates",
                bytes("{'firmware_id':" + image + "}")));
        var offered = json(asDevice(device, "GET", "", "")).path("update");
        assertThat(offered.path("version").asText()).isEqualTo(version);
        asDevice(device, "GET", "/download", "");
        assertThat(newest(device).path("status").asText()).isEqualTo("downloading");
        assertThat(report(device, "{'status':'downloaded','sha256':'" + TestFirmware.sha256(CONTENT) + "'}"))
                .isEqualTo("downloaded");
        assertThat(report(device, "{'status':'installing','progress':40}")).isEqualTo("installing");
        assertThat(refused(409, firmware.send("DELETE", "/api/v1/devices/" + device.id() + "/updates", NOTHING))
                .path("detail").asText()).contains("installs already");
        assertThat(report(device, "{'status':'installed','firmware_version':'" + version + "'}"))
                .isEqualTo("installed");
        assertThat(registered(device)).isEqualTo(version);
        assertThat(newest(device).path("steps").findValuesAsText("status"))
                .containsExactly("offered", "downloading", "downloaded", "installing", "installed");
        refused(409, firmware.send("POST", "/api/v1/devices/" + device.id() + "/updates",
                bytes("{'firmware_id':" + image + "}")));
        refused(422, asDevice(device, "POST", "/status", "{'status':'offered'}"));
        refused(422, asDevice(device, "POST", "/status", "{'detail':'x'}"));
    }

    @Test
    void theRegistrysVersionEndsAnUpdateAndTakesItBack() throws Exception {
        var device = platform.device("reconciled");
        runs(device, "1.0");
        var version = version();
        offer(device, firmware.ready(version, CONTENT, ""), "");
        runs(device, version);
        await("installed", () -> newest(device).path("status").asText().equals("installed"));
        runs(device, "1.0");
        await("rolled back", () -> newest(device).path("status").asText().equals("rolled_back"));
        assertThat(newest(device).path("detail").asText()).isEqualTo("the device runs 1.0 again");
    }

    private static void runs(TestDevice device, String version) {
        assertThat(platform.send("PUT", "/api/v1/devices/config", "{\"firmware_version\":\"" + version + "\"}",
                "X-API-Key", device.key()).statusCode()).isEqualTo(200);
    }

    @Test
    void aWrongHashFailsAndIsTriedAgain() throws Exception {
        var device = platform.device("corrupt");
        offer(device, firmware.ready(version(), CONTENT, ""), ",'max_attempts':2");
        assertThat(report(device, "{'status':'downloaded','sha256':'" + "0".repeat(64) + "'}")).isEqualTo("offered");
        assertThat(report(device, "{'status':'downloaded','sha256':'" + "0".repeat(64) + "'}")).isEqualTo("failed");
        assertThat(newest(device).path("attempts").asInt()).isEqualTo(2);
    }

    @Test
    void aDeviceThatFallsSilentFails() throws Exception {
        var device = platform.device("silent");
        offer(device, firmware.ready(version(), CONTENT, ""), ",'max_attempts':1,'timeout':'200ms'");
        report(device, "{'status':'downloading'}");
        await("failed", () -> newest(device).path("status").asText().equals("failed"));
        assertThat(newest(device).path("detail").asText()).isEqualTo("nothing was heard for 200ms");
    }

    @Test
    void anUpdateEndsWithItsDevice() {
        var device = platform.device("gone");
        offer(device, firmware.ready(version(), CONTENT, ""), "");
        platform.send("DELETE", "/api/v1/devices/unregister", "", "X-API-Key", device.key());
        await("cancelled", () -> newest(device).path("status").asText().equals("cancelled"));
    }

    @Test
    void imagesGoOnlyToDevicesThatTheyWereMadeFor() throws Exception {
        var device = platform.device("unfit");
        for (var more : new String[] {",'device_types':['lamp']", ",'hardware_versions':['revB']"}) {
            refused(422, firmware.send("POST", "/api/v1/devices/" + device.id() + "/updates",
                    bytes("{'firmware_id':" + firmware.ready(version(), CONTENT, more) + "}")));
        }
        offer(device, firmware.ready(version(), CONTENT, ",'device_types':['lamp','test']"), "");
        var cancelled = firmware.json("DELETE", "/api/v1/devices/" + device.id() + "/updates", NOTHING);
        assertThat(cancelled.path("status").asText()).isEqualTo("cancelled");
        refused(404, firmware.send("DELETE", "/api/v1/devices/" + device.id() + "/updates", NOTHING));
        assertThat(report(device, "{'status':'installed'}")).isEqualTo("cancelled");
    }

    // ---- MQTT

    @Test
    void aDeviceWithNothingButMqttIsUpdated() throws Exception {
        var device = platform.device("mqtt-only");
        var client = MqttClient.builder().useMqttVersion5().identifier(device.name()).serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username(device.name())
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().send();
        var version = version();
        offer(device, firmware.ready(version, CONTENT, ""), "");
        try (var received = client.publishes(MqttGlobalPublishFilter.ALL)) {
            for (var topic : new String[] {"firmware", "firmware/response/#"}) {
                client.subscribeWith().topicFilter(device.topic(topic)).qos(MqttQos.AT_LEAST_ONCE).send();
            }
            var offer = Json.mapper().readTree(next(received).getPayloadAsBytes());
            assertThat(offer.path("version").asText()).isEqualTo(version);
            assertThat(download(client, received, device, offer)).isEqualTo(CONTENT);
            assertThat(newest(device).path("status").asText()).isEqualTo("downloading");
            publish(client, device.topic("firmware/status"), "nonsense");
            publish(client, device.topic("firmware/status"), "{'status':'installing','firmware_version':'\\u0007'}");
            publish(client, device.topic("firmware/status"), "{'status':'verified','update_id':"
                    + offer.path("update_id") + "}");
            publish(client, device.topic("firmware/status"), "{'status':'installed','firmware_version':'"
                    + version + "'}");
            assertThat(next(received).getPayloadAsBytes()).as("the offer is taken away").isEmpty();
        }
        assertThat(newest(device).path("steps").findValuesAsText("status"))
                .containsExactly("offered", "downloading", "verified", "installed");
        assertThat(registered(device)).isEqualTo(version);
        client.disconnect();
    }

    private static byte[] download(Mqtt5BlockingClient client, Mqtt5Publishes received, TestDevice device,
            JsonNode offer) throws Exception {
        var all = new ByteArrayOutputStream();
        for (var chunk = 0; ; chunk++) {
            var place = offer.path("update_id").asText() + "/" + chunk;
            publish(client, device.topic("firmware/request/" + place), "30000");
            var answer = next(received);
            // The offer may come once more: it is retained.
            while (answer.getTopic().toString().equals(device.topic("firmware"))) answer = next(received);
            assertThat(answer.getTopic().toString()).isEqualTo(device.topic("firmware/response/" + place));
            if (answer.getPayload().isEmpty()) return all.toByteArray();
            all.write(answer.getPayloadAsBytes());
        }
    }

    private static Mqtt5Publish next(Mqtt5Publishes received) throws InterruptedException {
        return received.receive(10, TimeUnit.SECONDS).orElseThrow(() -> new AssertionError("nothing came"));
    }

    private static void publish(Mqtt5BlockingClient client, String topic, String text) {
        client.publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE).payload(bytes(text)).send();
    }

    // ---- limits of disk

    @Test
    void filesGoWithTheirImages() {
        var id = firmware.ready(version(), CONTENT, "");
        var file = folder().resolve(id + ".image");
        assertThat(Files.exists(file)).isTrue();
        firmware.send("DELETE", "/api/v1/firmware/" + id, NOTHING);
        assertThat(Files.exists(file)).isFalse();
    }

    private static Path folder() {
        return platform.folder().resolve("firmware");
    }
}
