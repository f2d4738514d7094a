package io.iotflow.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.core.Limits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Following devices, on the whole platform and by real clients.
class TraceTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static String path(TestPlatform.TestDevice device) {
        return "/api/v1/devices/" + device.id() + "/trace";
    }

    private static TestPlatform.TestDevice followed(String name) {
        var device = platform.device(name);
        platform.call("POST", path(device), "{\"for\":\"5m\"}");
        return device;
    }

    private static void gone(String path) {
        assertThat(platform.send("DELETE", path, "", "Authorization", "admin " + TestPlatform.TOKEN).statusCode())
                .isEqualTo(204);
    }

    private static int send(TestPlatform.TestDevice device, String payload) {
        return platform.send("POST", "/api/v1/telemetry", payload.replace('\'', '"'), "X-API-Key", device.key())
                .statusCode();
    }

    private static List<JsonNode> of(String kind, JsonNode answer) {
        return StreamSupport.stream(answer.path("entries").spliterator(), false)
                .filter(entry -> entry.path("kind").asText().equals(kind)).toList();
    }

    private static List<JsonNode> await(TestPlatform.TestDevice device, String kind, int count) {
        return TestPlatform.await(() -> of(kind, platform.get(path(device))), entries -> entries.size() >= count);
    }

    @Test
    void aMessageIsSeenFromTheDoorToTheRules() {
        var device = platform.device("whole-way");
        var processing = platform.call("POST", "/api/v1/processing-rules", """
                {"name":"celsius","scope":{"devices":["whole-way"]},"steps":[
                 {"type":"calibrate","metric":"t","multiplier":2,"offset":1},
                 {"type":"drop","metric":"noise"},{"type":"rename","metric":"h","to":"humidity"}]}""");
        var rule = platform.call("POST", "/api/v1/rules", """
                {"name":"hot way","condition":"t > 30","scope":{"devices":["whole-way"]}}""");
        platform.call("POST", path(device), "");
        assertThat(send(device, "{'t':20.5,'noise':7,'h':40}")).isEqualTo(201);

        var message = await(device, "message", 1).getFirst();
        assertThat(message.path("via").asText()).isEqualTo("http");
        assertThat(message.path("topic").asText()).isEqualTo("telemetry");
        assertThat(message.at("/payload/text").asText()).isEqualTo("{\"t\":20.5,\"noise\":7,\"h\":40}");
        assertThat(message.path("outcome").asText()).isEqualTo("accepted");
        assertThat(message.path("position").asLong()).isPositive();
        assertThat(message.path("decoded").findValuesAsText("metric")).containsExactly("t", "noise", "h");
        assertThat(message.path("steps").findValuesAsText("type")).containsExactly("calibrate", "drop", "rename");
        assertThat(message.at("/steps/0/rule_id").asLong()).isEqualTo(processing.path("id").asLong());
        assertThat(message.at("/steps/0/changed/0/value").asDouble()).isEqualTo(42.0);
        assertThat(message.at("/steps/1/removed").toString()).isEqualTo("[\"noise\"]");
        assertThat(message.at("/steps/2/changed/0/metric").asText()).isEqualTo("humidity");
        assertThat(message.path("stored").findValuesAsText("metric")).contains("t", "t:raw", "humidity")
                .doesNotContain("noise");

        var said = await(device, "rules", 1).getFirst();
        assertThat(said.path("received_at")).isEqualTo(message.path("received_at"));
        var ours = said.path("rules").get(0);
        assertThat(ours.path("rule_id").asLong()).isEqualTo(rule.path("id").asLong());
        assertThat(ours.path("asked").asBoolean()).isTrue();
        assertThat(ours.path("held").asBoolean()).isFalse();
        assertThat(ours.path("holds").asBoolean()).isTrue();
        assertThat(ours.at("/findings/0/event").asText()).isEqualTo("begun");
        assertThat(ours.at("/why/values/t/value").asDouble()).isEqualTo(42.0);
        send(device, "{'other':1}");
        assertThat(await(device, "rules", 2).getLast().at("/rules/0/asked").asBoolean()).isFalse();
        gone("/api/v1/rules/" + rule.path("id").asText());
        gone("/api/v1/processing-rules/" + processing.path("id").asText());
    }

    @Test
    void whatComesByMqttIsSeenAndSoIsWhyItIsRefused() {
        var device = followed("by-mqtt");
        var client = MqttClient.builder().useMqttVersion5().identifier("by-mqtt").serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username("by-mqtt").password(device.key().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth().send();
        try {
            publish(client, "telemetry", "{\"t\":1}".getBytes(StandardCharsets.UTF_8));
            publish(client, "telemetry", new byte[] {(byte) 0xff, 1, 2});
            publish(client, "telemetry", "{\"t\":\"warm\"}".getBytes(StandardCharsets.UTF_8));
            publish(client, "status/online", "ready".getBytes(StandardCharsets.UTF_8));
        } finally {
            client.disconnect();
        }
        var seen = await(device, "message", 4).subList(0, 4);
        assertThat(seen).extracting(it -> it.path("via").asText()).containsOnly("mqtt");
        assertThat(seen).extracting(it -> it.path("outcome").asText())
                .containsExactly("accepted", "refused", "refused", "accepted");
        assertThat(seen.get(1).at("/payload/hex").asText()).isEqualTo("ff0102");
        assertThat(seen.get(1).path("reason").asText()).isEqualTo("malformed");
        assertThat(seen.get(2).path("reason").asText()).isEqualTo("type_changed");
        assertThat(seen.get(2).at("/faults/0/field").asText()).isEqualTo("t");
        assertThat(seen.get(2).path("stored")).isEmpty();
        assertThat(seen.get(3).path("topic").asText()).isEqualTo("status/online");
        assertThat(seen.get(3).at("/payload/text").asText()).isEqualTo("ready");
    }

    private static void publish(com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient client, String kind, byte[] payload) {
        try {
            client.publishWith().topic("devices/by-mqtt/" + kind).qos(MqttQos.AT_LEAST_ONCE).payload(payload).send();
        } catch (Mqtt5PubAckException refused) {
            assertThat(refused.getMqttMessage().getReasonCode().isError()).isTrue();
        }
    }

    @Test
    void nothingIsKeptOfADeviceThatNobodyFollows() {
        var device = platform.device("unfollowed");
        var other = followed("its-neighbour");
        send(device, "{'t':1}");
        var answer = platform.get(path(device));
        assertThat(answer.path("is_running").asBoolean()).isFalse();
        assertThat(answer.path("entries")).isEmpty();
        assertThat(platform.get(path(other)).path("entries")).isEmpty();
        send(other, "{'t':1}");
        await(other, "message", 1);
        gone(path(other));
        send(other, "{'t':2}");
        answer = platform.get(path(other));
        assertThat(answer.path("is_running").asBoolean()).isFalse();
        assertThat(answer.path("entries")).isEmpty();
    }

    @Test
    void aTraceEndsByItselfAndCanBeReadThen() {
        var device = platform.device("short");
        platform.call("POST", path(device), "{\"for\":\"500ms\"}");
        send(device, "{'t':1}");
        var ended = TestPlatform.await(() -> platform.get(path(device)), it -> !it.path("is_running").asBoolean());
        assertThat(of("message", ended)).hasSizeLessThanOrEqualTo(1);
        send(device, "{'t':2}");
        assertThat(of("message", platform.get(path(device)))).hasSameSizeAs(of("message", ended));
    }

    @Test
    void onlyWhatIsNewIsAskedForAndTheOldestEntriesGo() {
        var device = followed("many");
        var records = new StringBuilder("[");
        for (var i = 0; i < Limits.TRACE_ENTRIES + 20; i++) {
            records.append(i == 0 ? "" : ",").append("{\"device\":\"many\",\"n\":").append(i).append('}');
        }
        assertThat(platform.send("POST", "/api/v1/telemetry/batch", records.append(']').toString(), "X-API-Key",
                device.key()).statusCode()).isEqualTo(201);
        var all = TestPlatform.await(() -> platform.get(path(device)),
                it -> it.path("last").asLong() == 2 * (Limits.TRACE_ENTRIES + 20));
        assertThat(all.path("entries")).hasSize(Limits.TRACE_ENTRIES);
        assertThat(all.path("missed").asLong()).isEqualTo(all.path("last").asLong() - Limits.TRACE_ENTRIES);
        var rest = platform.get(path(device) + "?after=" + (all.path("last").asLong() - 3));
        assertThat(rest.path("entries")).hasSize(3);
        assertThat(rest.path("missed").asLong()).isZero();
        assertThat(platform.get(path(device) + "?after=" + all.path("last").asLong()).path("entries")).isEmpty();
    }

    @Test
    void anEntryHasABoundedSizeWhateverTheMessageHas() {
        var device = followed("large");
        var payload = new StringBuilder("{\"note\":\"").append("\u00e4".repeat(900)).append('"');
        for (var i = 0; i < 200; i++) payload.append(",\"metric_with_a_long_name_").append(i).append("\":").append(i);
        assertThat(send(device, payload.append('}').toString())).isEqualTo(201);
        var entry = await(device, "message", 1).getFirst();
        assertThat(entry.at("/payload/is_cut").asBoolean()).isTrue();
        assertThat(entry.at("/payload/text").asText().getBytes(StandardCharsets.UTF_8).length)
                .isBetween(Limits.TRACE_PAYLOAD_BYTES - 4, Limits.TRACE_PAYLOAD_BYTES);
        assertThat(entry.at("/decoded/0/value").asText()).hasSize(Limits.TRACE_TEXT_CHARACTERS + 1);
        assertThat(entry.path("decoded_left_out").asInt()).isPositive();
        assertThat(entry.path("decoded").size() + entry.path("decoded_left_out").asInt()).isEqualTo(201);
        assertThat(entry.toString().length()).isLessThan(3 * Limits.TRACE_LIST_BYTES);
    }

    @Test
    void sensitiveValuesDoNotShow() {
        platform.call("PUT", "/api/v1/encryption", "{\"metrics\":[\"pulse\"],\"metadata\":[]}");
        var rule = platform.call("POST", "/api/v1/processing-rules", """
                {"name":"secret twice","scope":{"devices":["bracelet"]},"steps":[
                 {"type":"derive","metric":"double","expression":"pulse * 2"}]}""");
        try {
            var device = followed("bracelet");
            assertThat(send(device, "{'pulse':61.125,'steps':4}")).isEqualTo(201);
            assertThat(send(device, "{'pulse':61.125,'steps':'x'}")).isEqualTo(422);
            assertThat(send(device, "{'pulse':61.125")).isEqualTo(400);
            assertThat(send(device, "{'steps':5}")).isEqualTo(201);
            var seen = await(device, "message", 4);
            assertThat(platform.get(path(device)).toString()).doesNotContain("61.125").doesNotContain("122.25");
            var first = seen.getFirst();
            assertThat(first.path("is_sealed").asBoolean()).isTrue();
            assertThat(first.at("/payload/is_hidden").asBoolean()).isTrue();
            assertThat(first.at("/decoded/0/is_hidden").asBoolean()).isTrue();
            assertThat(first.at("/decoded/1/value").asInt()).isEqualTo(4);
            assertThat(seen.get(3).at("/payload/text").asText()).isEqualTo("{\"steps\":5}");
        } finally {
            gone("/api/v1/processing-rules/" + rule.path("id").asText());
            platform.call("PUT", "/api/v1/encryption", "{\"metrics\":[],\"metadata\":[]}");
        }
    }

    @Test
    void whoeverMayNotSeeTheDeviceMayNotFollowIt() {
        var ours = platform.call("POST", "/api/v1/organizations", "{\"name\":\"tracers\"}").path("id").asInt();
        var device = followed("not-theirs");
        send(device, "{'t':1}");
        var stranger = token(ours, "devices:write", "telemetry:read", "rules:read");
        for (var method : List.of("POST", "GET", "DELETE")) {
            var answer = platform.send(method, path(device), "", "Authorization", "Bearer " + stranger);
            assertThat(answer.statusCode()).as(method).isEqualTo(404);
        }
        await(device, "rules", 1);
        var withoutRules = platform.send("GET", path(device), "", "Authorization",
                "Bearer " + token(1, "telemetry:read"));
        assertThat(withoutRules.body()).contains("\"message\"").doesNotContain("\"rules\"");
    }

    private static String token(int organization, String... permissions) {
        return platform.call("POST", "/api/v1/tokens", "{\"name\":\"" + organization + permissions.length
                + "\",\"permissions\":[\"" + String.join("\",\"", permissions) + "\"],\"organization_id\":"
                + organization + ",\"expires_at\":\"+1d\"}").path("token").asText();
    }

    @Test
    void startingAndEndingAreInTheAuditLog() {
        var device = followed("audited");
        platform.call("POST", path(device), "{\"for\":\"20m\"}");
        gone(path(device));
        var entries = TestPlatform.await(() -> platform.get("/api/v1/audit?target=" + device.name())
                .path("entries").findValuesAsText("action"), it -> it.contains("trace.ended"));
        assertThat(entries).filteredOn(it -> it.startsWith("trace.")).containsExactlyInAnyOrder("trace.started",
                "trace.started", "trace.ended");
    }

    @Test
    void tooLongIsRefused() {
        var device = platform.device("long");
        assertThat(platform.send("POST", path(device), "{\"for\":\"2h\"}", "Authorization",
                "admin " + TestPlatform.TOKEN).statusCode()).isEqualTo(422);
    }
}
