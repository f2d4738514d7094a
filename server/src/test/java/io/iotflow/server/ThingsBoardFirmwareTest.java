package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient.Mqtt3Publishes;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Devices that update themselves as ThingsBoard's guides say, and requests that wait until something comes.
class ThingsBoardFirmwareTest {
    private static final String ME = "v1/devices/me/";
    private static final byte[] CONTENT = new byte[50_000];
    private static final byte[] NOTHING = new byte[0];

    private static TestPlatform platform;
    private static TestFirmware firmware;

    @BeforeAll
    static void start() {
        new Random(2).nextBytes(CONTENT);
        platform = TestPlatform.start();
        firmware = TestFirmware.on(platform);
    }

    @AfterAll
    static void stop() {
        if (firmware != null) firmware.close();
        if (platform != null) platform.close();
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static Mqtt3BlockingClient connected(TestDevice device) {
        Mqtt3BlockingClient client = Mqtt3Client.builder().identifier("tb").serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).simpleAuth().username(device.key()).applySimpleAuth().buildBlocking();
        client.connect();
        return client;
    }

    private static void publish(Mqtt3BlockingClient client, String topic, String payload) {
        client.publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE).payload(bytes(payload)).send();
    }

    private static Mqtt3Publish next(Mqtt3Publishes messages, String topic) throws Exception {
        var message = messages.receive(10, TimeUnit.SECONDS).orElseThrow(() -> new AssertionError("no " + topic));
        assertThat(message.getTopic().toString()).isEqualTo(topic);
        return message;
    }

    private static JsonNode json(Mqtt3Publish message) throws Exception {
        return Json.mapper().readTree(message.getPayloadAsBytes());
    }

    private static void offer(TestDevice device, String image) {
        firmware.json("POST", "/api/v1/devices/" + device.id() + "/updates", bytes("{'firmware_id':" + image + "}"));
    }

    private static JsonNode newest(TestDevice device) {
        return firmware.json("GET", "/api/v1/devices/" + device.id() + "/updates", NOTHING).at("/updates/0");
    }

    @Test
    void aDeviceIsUpdatedByAttributesChunksAndItsTelemetry() throws Exception {
        var device = platform.device("tb-fw");
        var client = connected(device);
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            for (var filter : new String[] {ME + "attributes", ME + "attributes/response/+",
                "v2/fw/response/+/chunk/+"}) {
                client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
            }
            publish(client, ME + "attributes/request/1", "{'sharedKeys':'fw_title,fw_version'}");
            assertThat(json(next(messages, ME + "attributes/response/1")).path("shared")).isEmpty();
            offer(device, firmware.ready("7.0", CONTENT, ""));
            var offered = json(next(messages, ME + "attributes"));
            assertThat(offered.path("fw_title").asText()).isEqualTo("lamp");
            assertThat(offered.path("fw_size").asInt()).isEqualTo(CONTENT.length);
            assertThat(offered.path("fw_checksum").asText()).isEqualTo(TestFirmware.sha256(CONTENT));
            publish(client, ME + "attributes/request/2", "{'sharedKeys':'fw_version,fw_checksum_algorithm'}");
            assertThat(json(next(messages, ME + "attributes/response/2")).path("shared").toString())
                    .isEqualTo("{\"fw_version\":\"7.0\",\"fw_checksum_algorithm\":\"SHA256\"}");
            publish(client, ME + "telemetry", "{'current_fw_version':'6.0','fw_state':'DOWNLOADING'}");
            assertThat(download(client, messages)).isEqualTo(CONTENT);
            for (var state : new String[] {"DOWNLOADED", "VERIFIED", "UPDATING"}) {
                publish(client, ME + "telemetry", "{'current_fw_version':'6.0','fw_state':'" + state + "'}");
            }
            publish(client, ME + "telemetry", "{'current_fw_version':'7.0','fw_state':'UPDATED'}");
            assertThat(json(next(messages, ME + "attributes")).path("deleted").toString()).contains("fw_title");
        }
        assertThat(newest(device).path("steps").findValuesAsText("status")).containsExactly("offered", "downloading",
                "downloaded", "verified", "installing", "installed");
        assertThat(platform.get("/api/v1/admin/devices/tb-fw").at("/device/firmware_version").asText())
                .isEqualTo("7.0");
        client.disconnect();
    }

    private static byte[] download(Mqtt3BlockingClient client, Mqtt3Publishes messages) throws Exception {
        var all = new ByteArrayOutputStream();
        for (var chunk = 0; all.size() < CONTENT.length; chunk++) {
            publish(client, "v2/fw/request/3/chunk/" + chunk, "20000");
            all.write(next(messages, "v2/fw/response/3/chunk/" + chunk).getPayloadAsBytes());
        }
        return all.toByteArray();
    }

    @Test
    void aFailureThatItReportsIsOne() throws Exception {
        var device = platform.device("tb-broken");
        firmware.json("POST", "/api/v1/devices/" + device.id() + "/updates", bytes("{'firmware_id':"
                + firmware.ready("7.1", CONTENT, "") + ",'max_attempts':1}"));
        var client = connected(device);
        publish(client, ME + "telemetry", "{'fw_state':'IDLE'}");
        publish(client, ME + "telemetry", "{'fw_state':'FAILED','fw_error':'no room'}");
        var failed = TestPlatform.await(() -> newest(device), it -> it.path("status").asText().equals("failed"));
        assertThat(failed.path("detail").asText()).isEqualTo("no room");
        client.disconnect();
    }

    @Test
    void overHttpItIsFetchedWholeOrInPieces() throws Exception {
        var device = platform.device("tb-http-fw");
        var path = "/api/v1/" + device.key() + "/firmware?title=lamp&version=7.2";
        assertThat(get(path).statusCode()).isEqualTo(404);
        offer(device, firmware.ready("7.2", CONTENT, ""));
        assertThat(platform.send("GET", "/api/v1/" + device.key() + "/attributes?sharedKeys=fw_version", "").body())
                .isEqualTo("{\"shared\":{\"fw_version\":\"7.2\"}}");
        assertThat(get(path).body()).isEqualTo(CONTENT);
        assertThat(get(path + "&size=30000&chunk=1").body()).isEqualTo(Arrays.copyOfRange(CONTENT, 30_000, 50_000));
        assertThat(get(path + "&size=30000&chunk=2").body()).isEmpty();
        assertThat(get(path.replace("7.2", "7.3")).statusCode()).isEqualTo(404);
        assertThat(newest(device).path("status").asText()).isEqualTo("downloading");
    }

    private static HttpResponse<byte[]> get(String path) {
        return firmware.send("GET", path, NOTHING, "X-None", "none");
    }

    private static CompletableFuture<HttpResponse<String>> waiting(TestDevice device,
            String path) {
        return CompletableFuture.supplyAsync(() ->
                platform.send("GET", "/api/v1/" + device.key() + "/" + path, ""));
    }

    @Test
    void aRequestWaitsForACallAndTheAnswerIsTheResult() throws Exception {
        var device = platform.device("tb-rpc");
        assertThat(platform.send("GET", "/api/v1/" + device.key() + "/rpc?timeout=50", "").statusCode())
                .isEqualTo(408);
        var waiting = waiting(device, "rpc?timeout=20000");
        var sent = platform.call("POST", "/api/v1/devices/tb-rpc/commands",
                "{\"type\":\"setState\",\"params\":{\"on\":true}}").path("command_id").asText();
        var call = Json.mapper().readTree(waiting.join().body());
        assertThat(call.path("method").asText()).isEqualTo("setState");
        assertThat(call.at("/params/on").asBoolean()).isTrue();
        assertThat(platform.send("GET", "/api/v1/" + device.key() + "/rpc?timeout=50", "").statusCode())
                .as("not again before its time").isEqualTo(408);
        var path = "/api/v1/" + device.key() + "/rpc/";
        assertThat(platform.send("POST", path + call.path("id"), "{\"done\":1}").statusCode()).isEqualTo(200);
        assertThat(platform.send("POST", path + "999999", "{}").statusCode()).isEqualTo(404);
        var command = platform.get("/api/v1/commands/" + sent);
        assertThat(command.path("status").asText()).isEqualTo("succeeded");
        assertThat(command.at("/result/data/done").asInt()).isEqualTo(1);
        assertThat(platform.send("POST", "/api/v1/" + device.key() + "/rpc", "{\"method\":\"getTime\",\"params\":{}}")
                .body()).contains("no methods");
    }

    @Test
    void aRequestWaitsUntilSomethingElseIsDesired() {
        var device = platform.device("tb-poll");
        platform.call("PATCH", "/api/v1/devices/tb-poll/shadow", "{\"desired\":{\"a\":1,\"b\":2}}");
        assertThat(platform.send("GET", "/api/v1/" + device.key() + "/attributes/updates?timeout=50", "")
                .statusCode()).isEqualTo(408);
        var waiting = waiting(device, "attributes/updates?timeout=20000");
        TestPlatform.await("the change is told", () -> {
            // Whoever has asked too late for the first one hears of a later one.
            platform.call("PATCH", "/api/v1/devices/tb-poll/shadow", "{\"desired\":{\"a\":" + System.nanoTime()
                    + "}}");
            return waiting.isDone();
        });
        assertThat(waiting.join().body()).startsWith("{\"a\":");
    }
}
