package io.iotflow.server.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient.Mqtt3Publishes;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.http.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Shadows on the whole platform, with a real MQTT client.
class ShadowsTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("shadow.from_telemetry=battery, position.x");
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static HttpResponse<String> operator(String method, TestDevice device, String body, String... headers) {
        var all = new String[headers.length + 2];
        all[0] = "Authorization";
        all[1] = "admin " + TestPlatform.TOKEN;
        System.arraycopy(headers, 0, all, 2, headers.length);
        return platform.send(method, "/api/v1/devices/" + device.name() + "/shadow", body.replace('\'', '"'), all);
    }

    private static HttpResponse<String> report(TestDevice device, String body) {
        return platform.send("PATCH", "/api/v1/devices/shadow", body.replace('\'', '"'), "X-API-Key", device.key());
    }

    private static JsonNode ok(HttpResponse<String> answer) throws Exception {
        return answered(200, answer);
    }

    private static JsonNode answered(int status, HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.mapper().readTree(answer.body());
    }

    private static JsonNode json(String text) throws Exception {
        return Json.mapper().readTree(text.replace('\'', '"'));
    }

    private static Mqtt3BlockingClient client(TestDevice device) {
        return Mqtt3Client.builder().identifier("shadow").serverHost("127.0.0.1").serverPort(platform.mqttPort())
                .simpleAuth().username(device.name()).password(device.key().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth().buildBlocking();
    }

    private static void subscribe(Mqtt3BlockingClient client, String filter) {
        client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
    }

    private static void publish(Mqtt3BlockingClient client, String topic, String payload) {
        client.publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.replace('\'', '"').getBytes(StandardCharsets.UTF_8)).send();
    }

    /// The next message, which must be on this topic.
    private static JsonNode next(Mqtt3Publishes messages, String topic) throws Exception {
        var message = messages.receive(10, TimeUnit.SECONDS).orElseThrow(() -> new AssertionError("no " + topic));
        assertThat(message.getTopic().toString()).isEqualTo(topic);
        return Json.mapper().readTree(message.getPayloadAsBytes());
    }

    @Test
    void theDeviceReportsPeopleDesireAndTheDifferenceIsSeenByBoth() throws Exception {
        var device = platform.device("valve");
        assertThat(ok(operator("GET", device, ""))).isEqualTo(json("""
                {'version':0,'reported':{},'desired':{},'delta':{},'metadata':{'reported':{},'desired':{}},
                 'reported_version':0,'desired_version':0}"""));
        assertThat(ok(report(device, "{'reported':{'open':true,'flow':{'unit':'l','now':3}}}")).path("version")
                .asInt()).isEqualTo(1);
        var shadow = ok(operator("PATCH", device, "{'desired':{'open':false,'flow':{'now':3.0}}}"));
        assertThat(shadow.path("delta")).isEqualTo(json("{'open':false}"));
        assertThat(shadow.at("/metadata/desired/open/version").asInt()).isEqualTo(2);
        assertThat(shadow.at("/metadata/reported/flow/now/timestamp").asText()).startsWith("20");
        var own = platform.send("GET", "/api/v1/devices/shadow", "", "X-API-Key", device.key());
        assertThat(ok(own)).isEqualTo(shadow);
        assertThat(own.headers().firstValue("ETag")).contains("\"2\"");
        assertThat(ok(report(device, "{'reported':{'open':false,'flow':null}}")).path("reported"))
                .isEqualTo(json("{'open':false}"));
        assertThat(ok(operator("DELETE", device, "")).path("desired")).isEmpty();
        var history = platform.get("/api/v1/devices/valve/shadow/history").path("changes");
        assertThat(history.findValuesAsText("desired_version")).containsExactly("2", "1");
        assertThat(history.path(0).path("patch").isNull()).isTrue();
        assertThat(history.path(1).at("/patch/open").asBoolean(true)).isFalse();
        assertThat(platform.get("/api/v1/devices/valve/shadow/history?limit=1").path("next_cursor").asText())
                .isEqualTo("2");
        assertThat(platform.get("/api/v1/devices/valve/shadow/history?limit=1&cursor=2").path("changes")
                .findValuesAsText("desired_version")).containsExactly("1");
        assertThat(platform.get("/api/v1/audit?target_type=device&target=" + device.id()).toString())
                .contains("shadow.desired_changed", "shadow.desired_deleted");
    }

    @Test
    void whoeverNamesAVersionThatHasPassedIsRefusedWithThePresentOne() throws Exception {
        var device = platform.device("versions");
        ok(report(device, "{'reported':{'a':1},'version':0}"));
        for (var body : new String[] {"{'reported':{'a':2},'version':0}", "{'reported':{'a':2},'version':2}",
            "{'reported':{'a':2},'reported_version':0}"}) {
            var refusal = answered(409, report(device, body));
            assertThat(refusal.path("code").asText()).isEqualTo("conflict");
            assertThat(refusal.path("detail").asText()).contains("version 1 ");
        }
        assertThat(answered(409, operator("PATCH", device, "{'desired':{'a':3}}", "If-Match", "\"0\""))
                .path("detail").asText()).contains("version 1 ");
        ok(operator("PATCH", device, "{'desired':{'a':3}}", "If-Match", "\"1\""));
        ok(report(device, "{'reported':{'b':1}}"));
        answered(409, operator("PATCH", device, "{'desired':{'a':4},'version':2}"));
        answered(409, operator("DELETE", device, "", "If-Match", "2"));
        // What the device reports does not hinder who looks after the desired half only.
        ok(operator("PATCH", device, "{'desired':{'a':4},'desired_version':1}"));
        answered(409, operator("PATCH", device, "{'desired':{'a':5},'desired_version':1}"));
        assertThat(ok(operator("GET", device, "")).path("version").asInt()).isEqualTo(4);
    }

    @Test
    void whatDoesNotFitIsRefusedAndSaysWhatWould() throws Exception {
        var device = platform.device("limits");
        for (var wrong : new String[] {"{'a':1}", "{'reported':5}", "{'reported':{},'desired':{}}",
            "{'reported':{},'version':'1'}", "{'reported':{'a':1e999}}", "{'reported':{'a':'\\u0000'}}"}) {
            answered(422, report(device, wrong));
        }
        answered(400, report(device, "[]"));
        answered(400, report(device, "{"));
        answered(422, report(device, "{'reported':{'a':" + "[".repeat(ShadowLimits.SHADOW_DEPTH) + "]".repeat(
                ShadowLimits.SHADOW_DEPTH) + "}}"));
        answered(413, report(device, "{'reported':{'a':'" + "x".repeat(ShadowLimits.SHADOW_BYTES) + "'}}"));
        var many = new StringBuilder("{'reported':{");
        for (var n = 0; n <= ShadowLimits.SHADOW_KEYS; n++) many.append(n == 0 ? "'k" : ",'k").append(n).append("':1");
        answered(422, report(device, many + "}}"));
        answered(422, operator("PATCH", device, "{'reported':{}}"));
        assertThat(ok(operator("GET", device, "")).path("version").asInt()).isZero();
        var other = platform.device("limits-other");
        assertThat(platform.send("GET", "/api/v1/devices/limits/shadow", "", "X-API-Key", other.key()).statusCode())
                .isEqualTo(403);
    }

    @Test
    void overMqttEachRequestIsAnsweredInOrder() throws Exception {
        var device = platform.device("speaker");
        var client = client(device);
        client.connect();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            subscribe(client, device.topic("shadow/accepted"));
            subscribe(client, device.topic("shadow/rejected"));
            publish(client, device.topic("shadow/update"), "{'reported':{'on':true},'client_token':'t1'}");
            publish(client, device.topic("shadow/update"), "{'reported':{'on':false},'version':0}");
            publish(client, device.topic("shadow/update"), "no json");
            publish(client, device.topic("shadow/get"), "");
            // In order on each topic; a broker promises nothing between two subscriptions.
            var said = new HashMap<String, List<JsonNode>>();
            for (var n = 0; n < 4; n++) {
                var message = messages.receive(10, TimeUnit.SECONDS).orElseThrow();
                said.computeIfAbsent(message.getTopic().toString(), _ -> new ArrayList<>())
                        .add(Json.mapper().readTree(message.getPayloadAsBytes()));
            }
            var accepted = said.get(device.topic("shadow/accepted"));
            assertThat(accepted.getFirst().path("version").asInt()).isEqualTo(1);
            assertThat(accepted.getFirst().path("client_token").asText()).isEqualTo("t1");
            assertThat(accepted.getLast().path("reported")).isEqualTo(json("{'on':true}"));
            var rejected = said.get(device.topic("shadow/rejected"));
            assertThat(rejected.getFirst().path("status").asInt()).isEqualTo(409);
            assertThat(rejected.getFirst().path("code").asText()).isEqualTo("conflict");
            assertThat(rejected.getFirst().path("version").asInt()).isEqualTo(1);
            assertThat(rejected.getLast().path("code").asText()).isEqualTo("malformed_request");
        } finally {
            client.disconnect();
        }
    }

    @Test
    void theDeltaComesWhenSomethingIsDesiredAndWhenTheDeviceListensAgain() throws Exception {
        var device = platform.device("listener");
        ok(operator("PATCH", device, "{'desired':{'level':3}}"));
        var client = client(device);
        client.connectWith().cleanSession(false).send();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            subscribe(client, device.topic("commands"));
            subscribe(client, device.topic("shadow/accepted"));
            subscribe(client, device.topic("shadow/delta"));
            assertThat(next(messages, device.topic("shadow/delta")).path("delta")).isEqualTo(json("{'level':3}"));
            ok(operator("PATCH", device, "{'desired':{'level':4}}"));
            var delta = next(messages, device.topic("shadow/delta"));
            assertThat(delta.path("delta")).isEqualTo(json("{'level':4}"));
            assertThat(delta.path("version").asInt()).isEqualTo(2);
            assertThat(delta.at("/metadata/level/version").asInt()).isEqualTo(2);
        }
        client.disconnect();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.connectWith().cleanSession(false).send();
            assertThat(next(messages, device.topic("shadow/delta")).path("delta")).isEqualTo(json("{'level':4}"));
            publish(client, device.topic("shadow/update"), "{'reported':{'level':4}}");
            next(messages, device.topic("shadow/accepted"));
            ok(operator("DELETE", device, ""));
            // Nothing is left to be done: that, too, is said to whoever has heard of a difference.
            assertThat(next(messages, device.topic("shadow/delta")).path("delta")).isEmpty();
        } finally {
            client.disconnect();
        }
    }

    @Test
    void telemetryFeedsWhatIsConfiguredUnlessItIsOlderOrTheSame() throws Exception {
        var device = platform.device("feeder");
        var measured = new String[] {"{'ts':1767225600000,'values':{'battery':80,'position':{'x':1.5},'noise':1}}",
            "{'ts':1767225600000,'values':{'battery':80}}", "{'ts':1767225500000,'values':{'battery':99}}",
            "{'ts':1767225700000,'values':{'battery':79}}"};
        for (var payload : measured) {
            assertThat(platform.send("POST", "/api/v1/telemetry", payload.replace('\'', '"'), "X-API-Key",
                    device.key()).statusCode()).isEqualTo(201);
        }
        var shadow = TestPlatform.await(() -> platform.get("/api/v1/devices/feeder/shadow"),
                it -> it.at("/reported/battery").asInt() == 79);
        assertThat(shadow.path("reported")).isEqualTo(json("{'battery':79,'position':{'x':1.5}}"));
    }

    @Test
    void rulesReadTheShadowAndAreAskedWhenItChanges() throws Exception {
        var device = platform.device("ruled");
        var rule = platform.call("POST", "/api/v1/rules", """
                {"name":"not as desired","condition":"shadow.delta.open !== undefined && shadow.reported.open",
                 "scope":{"devices":["ruled"]}}""");
        ok(report(device, "{'reported':{'open':true}}"));
        ok(operator("PATCH", device, "{'desired':{'open':false}}"));
        var path = "/api/v1/alerts?rule=" + rule.path("id").asText() + "&state=active";
        TestPlatform.await(() -> platform.get(path).path("alerts"), it -> it.size() == 1);
        var trial = platform.call("POST", "/api/v1/rules/" + rule.path("id").asText() + "/test",
                "{\"device\":\"ruled\",\"messages\":[{\"t\":1}]}");
        assertThat(trial.at("/steps/0/holds").asBoolean()).isTrue();
        ok(report(device, "{'reported':{'open':false}}"));
        TestPlatform.await(() -> platform.get(path).path("alerts"), it -> it.isEmpty());
    }
}
