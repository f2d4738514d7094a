package io.iotflow.server.processing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.iotflow.server.FolderSearch;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.live.LivePlatform;
import io.iotflow.server.live.LivePlatform.Answer;
import io.iotflow.server.live.LivePlatform.Known;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Rules from the call that makes them to what is stored, on a whole platform.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessingTest {
    private static final double SECRET = 48.210033214159;
    private static final double CLEAR = 71.062533214159;

    private Path folder;
    private LivePlatform platform;
    private int names;

    @BeforeAll
    void start(@TempDir Path data) {
        folder = data;
        platform = new LivePlatform(folder, Map.of());
    }

    @AfterAll
    void stop() {
        platform.close();
    }

    private Known device() {
        return platform.register("probe-" + names++);
    }

    private Answer call(String method, String path, String body, String... headers) {
        return platform.asOperator(method, "/api/v1/" + path, body, headers);
    }

    private JsonNode made(String rule) {
        var answer = call("POST", "processing-rules", rule);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(201);
        return answer.body();
    }

    private JsonNode ruleFor(Known device, String steps) {
        return made("{\"name\":\"rule " + names++ + "\",\"scope\":{\"devices\":[\"" + device.name()
                + "\"]},\"steps\":[" + steps + "]}");
    }

    private void send(Known device, String body) {
        var answer = platform.as(device, "POST", "/api/v1/telemetry", body);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(201);
    }

    private JsonNode latest(Known device) {
        var latest = call("GET", "telemetry/" + device.name() + "/latest", null).body().path("latest_data");
        return latest instanceof ObjectNode object ? object.without("timestamp") : latest;
    }

    @Test
    void whatADeviceSendsOverHttpIsProcessedBeforeItIsStored() {
        var device = device();
        var other = device();
        ruleFor(device, "{\"type\":\"convert\",\"metric\":\"t\",\"from\":\"°F\",\"to\":\"°C\"},"
                + "{\"type\":\"range\",\"metric\":\"t\",\"max\":90},{\"type\":\"drop\",\"metric\":\"noise\"}");
        send(device, "{\"t\":212,\"h\":40,\"noise\":7}");
        send(other, "{\"t\":212}");
        assertThat(latest(device).toString())
                .isEqualTo("{\"h\":40,\"t\":100.0,\"t:quality\":\"invalid\",\"t:raw\":212}");
        assertThat(latest(other).toString()).isEqualTo("{\"t\":212}");
        send(device, "{\"t\":68}");
        assertThat(latest(device).path("t:quality").asText()).isEqualTo("valid");
    }

    @Test
    void whatADeviceSendsOverMqttIsToo() {
        var device = device();
        ruleFor(device, "{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":1.5}");
        publish(device, "{\"t\":10}".getBytes(StandardCharsets.UTF_8));
        assertThat(latest(device).toString()).isEqualTo("{\"t\":11.5,\"t:raw\":10}");
    }

    private void publish(Known device, byte[] payload) {
        var client = MqttClient.builder().useMqttVersion5().identifier(device.name()).serverHost("127.0.0.1")
                .serverPort(platform.platform().mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username(device.name())
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().send();
        client.publishWith().topic("devices/" + device.name() + "/telemetry").qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload).send();
        client.disconnect();
    }

    private static final String LORAWAN = "{\"type\":\"decode\",\"expression\":\"({temperature: int16(bytes, 0) /"
            + " 100, humidity: bytes[2] / 2})\"}";

    @Test
    void bytesAreDecodedOverMqtt() {
        var device = device();
        ruleFor(device, LORAWAN + ",{\"type\":\"calibrate\",\"metric\":\"temperature\",\"offset\":1}");
        publish(device, new byte[] {0x08, (byte) 0xfc, (byte) 0x82});
        assertThat(latest(device).toString()).isEqualTo("{\"humidity\":65,\"payload:raw\":\"08fc82\","
                + "\"temperature\":24.0,\"temperature:raw\":23}");
        publish(device, "{\"temperature\":5}".getBytes(StandardCharsets.UTF_8));
        assertThat(latest(device).path("temperature").asDouble()).as("JSON is JSON still").isEqualTo(6);
    }

    private int post(Known device, String type, byte[] payload) throws Exception {
        return platform.client().send(HttpRequest.newBuilder(platform.uri("/api/v1/telemetry"))
                .header("X-API-Key", device.key()).header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(payload)).build(), HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    @Test
    void bytesAreDecodedOverHttpForDevicesWithARuleOnly() throws Exception {
        var device = device();
        var bytes = new byte[] {0x7b, 0x00, (byte) 0x82}; // begins like JSON
        assertThat(post(device, "application/octet-stream", bytes)).isEqualTo(415);
        assertThat(post(device, "application/json", bytes)).isEqualTo(400);
        ruleFor(device, LORAWAN);
        assertThat(post(device, "application/octet-stream", bytes)).isEqualTo(201);
        assertThat(latest(device).path("temperature").asDouble()).isEqualTo(314.88);
        assertThat(post(device, "application/xml", bytes)).isEqualTo(415);
        assertThat(post(device, "text/plain", new byte[5_000])).isEqualTo(400);
    }

    @Test
    void aPayloadThatCannotBeDecodedIsKeptAsItCame() {
        var device = device();
        var rule = ruleFor(device, LORAWAN);
        publish(device, new byte[] {0x08});
        assertThat(latest(device).toString()).isEqualTo("{\"payload:raw\":\"08\"}");
        assertThat(call("GET", "processing-rules/" + rule.path("id").asText(), null).body().path("faults").asInt())
                .isEqualTo(1);
    }

    @Test
    void aPayloadIsTriedBeforeUse() {
        var answer = call("POST", "processing-rules/test", "{\"payload_hex\":\"08 fc 82\",\"rule\":{\"name\":\"x\","
                + "\"steps\":[" + LORAWAN + "]}}").body();
        assertThat(answer.at("/messages/0/records/0/stored/0").toString())
                .isEqualTo("{\"metric\":\"temperature\",\"value\":23}");
        assertThat(call("POST", "processing-rules/test", "{\"payload_hex\":\"zz\",\"rule\":{\"name\":\"x\","
                + "\"steps\":[" + LORAWAN + "]}}").status()).isEqualTo(422);
    }

    @Test
    void aMessageOfWhichNothingIsLeftIsTakenAllTheSame() {
        var device = device();
        ruleFor(device, "{\"type\":\"drop\",\"metric\":\"noise\"}");
        send(device, "{\"noise\":7}");
        assertThat(latest(device)).isEmpty();
        assertThat(call("GET", "devices/" + device.name() + "/status", null).body().toString()).contains("last_seen");
    }

    @Test
    void rulesRunInTheOrderOfTheirPositions() {
        var device = device();
        for (var rule : new String[] {"20,\"steps\":[{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":1}]",
                "10,\"steps\":[{\"type\":\"calibrate\",\"metric\":\"t\",\"multiplier\":10}]"}) {
            made("{\"name\":\"rule " + names++ + "\",\"scope\":{\"devices\":[\"" + device.id() + "\"]},\"position\":"
                    + rule + "}");
        }
        send(device, "{\"t\":2}");
        assertThat(latest(device).path("t").asDouble()).isEqualTo(21);
    }

    @Test
    void aChangeIsInForceWhenItIsAnsweredAndMakesAVersion() {
        var device = device();
        var made = ruleFor(device, "{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":1}");
        var path = "processing-rules/" + made.path("id").asText();
        send(device, "{\"t\":1}");
        var second = "{\"name\":\"second " + names++ + "\",\"scope\":{\"devices\":[\"" + device.name()
                + "\"]},\"steps\":[{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":5}]}";
        assertThat(call("PUT", path, second, "If-Match", "\"7\"").status()).isEqualTo(412);
        var changed = call("PUT", path, second, "If-Match", "\"1\"");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.whole().headers().firstValue("ETag")).contains("\"2\"");
        send(device, "{\"t\":1}");
        assertThat(latest(device).path("t").asDouble()).isEqualTo(6);
        var versions = call("GET", path + "/versions", null).body().path("versions");
        assertThat(versions).hasSize(2);
        assertThat(versions.at("/0/rule/steps/0/offset").asDouble()).isEqualTo(1);
        assertThat(call("GET", "audit?target=" + made.path("id").asText(), null).body().toString())
                .contains("processing_rule.created", "processing_rule.changed");
        assertThat(call("DELETE", path, null).status()).isEqualTo(204);
        send(device, "{\"t\":1}");
        assertThat(latest(device).path("t").asDouble()).isEqualTo(1);
        assertThat(call("GET", path, null).status()).isEqualTo(404);
    }

    @Test
    void aDeviceThatBecomesAnotherTypeIsProcessedAsSuch() {
        var device = device();
        made("{\"name\":\"rule " + names++ + "\",\"scope\":{\"device_types\":[\"kelvin-probe\"]},\"steps\":["
                + "{\"type\":\"convert\",\"metric\":\"t\",\"from\":\"K\",\"to\":\"°C\"}]}");
        send(device, "{\"t\":300}");
        assertThat(latest(device).path("t").asDouble()).isEqualTo(300);
        assertThat(call("PUT", "admin/devices/" + device.name(), "{\"device_type\":\"kelvin-probe\"}").status())
                .isEqualTo(200);
        TestPlatform.await("the device's plan is made anew", () -> {
            send(device, "{\"t\":300}");
            return Math.abs(latest(device).path("t").asDouble() - 26.85) < 1e-9;
        });
    }

    @Test
    void whatWasSensitiveStaysSoUnderEveryName() throws Exception {
        var device = device();
        assertThat(call("PUT", "encryption", "{\"metrics\":[\"pulse\"],\"metadata\":[]}").status()).isEqualTo(200);
        ruleFor(device, "{\"type\":\"calibrate\",\"metric\":\"pulse\",\"multiplier\":2},"
                + "{\"type\":\"range\",\"metric\":\"pulse\",\"max\":1},"
                + "{\"type\":\"rename\",\"metric\":\"pulse\",\"to\":\"beat\"},"
                + "{\"type\":\"derive\",\"metric\":\"copy\",\"expression\":\"beat\"}");
        send(device, "{\"pulse\":" + SECRET + ",\"steps\":" + CLEAR + "}");
        var latest = latest(device);
        assertThat(latest.path("beat").asDouble()).isEqualTo(2 * SECRET);
        assertThat(latest.path("beat:raw").asDouble()).isEqualTo(SECRET);
        assertThat(latest.path("beat:quality").asText()).isEqualTo("invalid");
        assertThat(latest.path("copy").asDouble()).isEqualTo(2 * SECRET);
        platform.close();
        assertThat(FolderSearch.filesWith(folder, bytes(SECRET), bytes(2 * SECRET))).isEmpty();
        assertThat(FolderSearch.filesWith(folder, bytes(CLEAR))).as("or the search finds nothing at all").isNotEmpty();
        platform = new LivePlatform(folder, Map.of());
        assertThat(latest(device).path("beat").asDouble()).isEqualTo(2 * SECRET);
        send(device, "{\"pulse\":1}");
        assertThat(latest(device).path("beat").asDouble()).as("the rule is there after a restart").isEqualTo(2);
        assertThat(call("PUT", "encryption", "{\"metrics\":[],\"metadata\":[]}").status()).isEqualTo(200);
    }

    private static byte[] bytes(double number) {
        return FolderSearch.little(Double.doubleToLongBits(number));
    }

    @Test
    void aRuleIsTriedStepByStepAndNothingIsStored() {
        var device = device();
        var answer = call("POST", "processing-rules/test", "{\"device\":\"" + device.name() + "\",\"rule\":{\"name\":"
                + "\"trial\",\"scope\":{\"device_types\":[\"other\"]},\"steps\":[{\"type\":\"convert\","
                + "\"metric\":\"t\",\"from\":\"°F\",\"to\":\"°C\"},{\"type\":\"range\",\"metric\":\"t\",\"max\":30}]},"
                + "\"messages\":[{\"t\":68},{\"t\":212,\"ts\":0},{\"\":1}]}");
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
        assertThat(answer.body().path("concerns_device").booleanValue()).isFalse();
        var second = answer.body().at("/messages/1/records/0");
        assertThat(second.toString()).isEqualTo("{\"time\":\"1970-01-01T00:00:00Z\",\"steps\":[{\"step\":0,"
                + "\"type\":\"convert\",\"metrics\":[{\"metric\":\"t\",\"value\":100.0,\"raw\":212}]},{\"step\":1,"
                + "\"type\":\"range\",\"metrics\":[{\"metric\":\"t\",\"value\":100.0,\"raw\":212,"
                + "\"quality\":\"invalid\"}]}],\"stored\":[{\"metric\":\"t\",\"value\":100.0},{\"metric\":\"t:raw\","
                + "\"value\":212},{\"metric\":\"t:quality\",\"value\":\"invalid\"}]}");
        assertThat(answer.body().at("/messages/2/refused").asText()).contains("metric name");
        assertThat(latest(device)).isEmpty();
        var kept = ruleFor(device, "{\"type\":\"drop\",\"metric\":\"x\"}");
        assertThat(call("POST", "processing-rules/" + kept.path("id").asText() + "/test",
                "{\"messages\":[{\"x\":1,\"y\":2}]}").body().at("/messages/0/records/0/stored").toString())
                .isEqualTo("[{\"metric\":\"y\",\"value\":2}]");
    }

    @Test
    void refusalsNameTheFieldAndNamesAreTakenOnce() {
        var refused = call("POST", "processing-rules", "{\"name\":\"x\",\"steps\":[{\"type\":\"convert\","
                + "\"metric\":\"t\",\"from\":\"parsec²²\",\"to\":\"m\"}]}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body().at("/errors/0/field").asText()).isEqualTo("steps[0].from");
        made("{\"name\":\"only one\",\"steps\":[{\"type\":\"drop\",\"metric\":\"never\"}]}");
        assertThat(call("POST", "processing-rules", "{\"name\":\"only one\",\"steps\":[{\"type\":\"drop\","
                + "\"metric\":\"never\"}]}").status()).isEqualTo(409);
    }

    @Test
    void aDeviceIsNotRefusedBecauseARuleIsWrongAndTheFaultIsShown() {
        var device = device();
        send(device, "{\"text\":\"x\"}");
        var rule = ruleFor(device, "{\"type\":\"rename\",\"metric\":\"t\",\"to\":\"text\"}");
        send(device, "{\"t\":1}");
        assertThat(latest(device).path("t").asInt()).isEqualTo(1);
        var shown = call("GET", "processing-rules/" + rule.path("id").asText(), null).body();
        assertThat(shown.path("faults").asInt()).isEqualTo(1);
        assertThat(shown.path("last_fault").asText()).startsWith("steps[0] cannot write text");
        assertThat(platform.send("GET", "/metrics", null).whole().body()).contains("iotflow_processing_faults_total ");
    }

    /// As many small records as a message may have, which become more than one record of the log can hold.
    private static String manyRecords() {
        var message = new StringBuilder("[");
        for (var i = 1; i <= 10_000; i++) message.append("{\"t\":1,\"ts\":").append(i).append("},");
        return message.deleteCharAt(message.length() - 1).append(']').toString();
    }

    @Test
    void aMessageThatRulesMakeGreaterThanARecordOfTheLogIsKeptWhole() {
        var device = device();
        ruleFor(device, "{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":1},"
                + "{\"type\":\"derive\",\"metric\":\"" + "long".repeat(25) + "\",\"expression\":\"t * 2\"}");
        send(device, manyRecords());
        TestPlatform.await("the last record is stored", () -> latest(device).path("t").asDouble() == 2);
        publish(device, manyRecords().replace(":1,", ":2,").getBytes(StandardCharsets.UTF_8));
        TestPlatform.await("the last record is stored", () -> latest(device).path("t").asDouble() == 3);
        assertThat(latest(device).path("long".repeat(25)).asDouble()).isEqualTo(6);
        var kept = call("GET", "telemetry/" + device.name() + "?start_time=1970-01-01T00:00:00Z&"
                + "end_time=1970-01-02T00:00:00Z&limit=3", null);
        assertThat(kept.body().toString()).contains("\"t\":3.0");
    }
}
