package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.iotflow.server.alert.TestAlerts;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What rules do to devices, on the whole platform.
class RuleActionsTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode rule(TestPlatform.TestDevice device, String name, String condition, String more) {
        return platform.call("POST", "/api/v1/rules", ("{'name':'" + name + "','condition':'" + condition
                + "','scope':{'devices':['" + device.name() + "']}," + more + "}").replace('\'', '"'));
    }

    private static void send(TestPlatform.TestDevice device, String payload) {
        assertThat(platform.send("POST", "/api/v1/telemetry", payload, "X-API-Key", device.key()).statusCode())
                .isEqualTo(201);
    }

    private static List<JsonNode> alerts(JsonNode rule, int count) {
        var list = TestPlatform.await(() -> platform.get("/api/v1/alerts?limit=100&rule="
                + rule.path("id").asText()).path("alerts"), it -> it.size() == count);
        return list.valueStream().toList();
    }

    /// What the rule's only alert tells of its actions, as soon as it is so much.
    private static List<String> deeds(JsonNode rule, int count) {
        return deeds(alerts(rule, 1).getFirst().path("id").asLong(), count);
    }

    private static List<String> deeds(long alert, int count) {
        return TestPlatform.await(() -> platform.get("/api/v1/alerts/" + alert).path("history").valueStream()
                .filter(it -> it.path("event").asText().startsWith("action_"))
                .map(it -> it.path("event").asText() + " " + it.path("detail").asText()).toList(),
                it -> it.size() == count);
    }

    private static Mqtt5BlockingClient listening(TestPlatform.TestDevice device) {
        var client = MqttClient.builder().useMqttVersion5().identifier(device.name()).serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username(device.name())
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().send();
        return client;
    }

    private static JsonNode device(TestPlatform.TestDevice device) {
        return platform.get("/api/v1/admin/devices/" + device.name());
    }

    private static String tag(TestPlatform.TestDevice device, String name) {
        return device(device).findPath("metadata").path("tags").path(name).asText();
    }

    @Test
    void aRuleCommandsSetsAndTagsTheDevice() throws Exception {
        var device = platform.device("acted-on");
        platform.call("PUT", "/api/v1/admin/devices/acted-on", "{\"metadata\":{\"site\":\"A\"}}");
        var rule = rule(device, "too hot", "t > 30", "'actions':[{'type':'command','command':'restart','parameters':"
                + "{'delay':5}},{'type':'configuration','key':'interval','value':10},"
                + "{'type':'tag','set':{'hot':'yes','n':1}},{'type':'tag','set':{'hot':null},'on':'resolved'}]");
        var client = listening(device);
        try (var commands = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("devices/acted-on/commands").qos(MqttQos.AT_LEAST_ONCE).send();
            send(device, "{\"t\":31}");
            var command = Json.mapper().readTree(commands.receive(20, TimeUnit.SECONDS).orElseThrow()
                    .getPayloadAsBytes());
            assertThat(command.path("type").asText()).isEqualTo("restart");
            assertThat(command.path("delay").asInt()).isEqualTo(5);
            assertThat(deeds(rule, 3)).satisfiesExactly(
                    it -> assertThat(it).isEqualTo("action_done command restart: queued as "
                            + command.path("id").asText()),
                    it -> assertThat(it).isEqualTo("action_done configuration interval: set to 10"),
                    it -> assertThat(it).isEqualTo("action_done tag hot, n: done"));
        } finally {
            client.disconnect();
        }
        assertThat(platform.send("GET", "/api/v1/devices/config", "", "X-API-Key", device.key()).body())
                .contains("\"interval\"");
        assertThat(tag(device, "hot")).isEqualTo("yes");
        assertThat(device(device).findPath("metadata").path("site").asText()).isEqualTo("A");
        var audit = platform.get("/api/v1/audit?target=acted-on");
        for (var action : List.of("command.queued", "configuration.set", "device.updated")) {
            assertThat(audit.path("entries").valueStream().filter(it -> it.at("/entry/action").asText().equals(action))
                    .map(it -> it.at("/entry/actor/name").asText())).as(action).contains("rule too hot");
        }
        send(device, "{\"t\":29}");
        assertThat(deeds(rule, 4).getLast()).isEqualTo("action_done tag hot: done");
        assertThat(tag(device, "hot") + tag(device, "n")).isEqualTo("1");
    }

    @Test
    void whatCannotBeDoneIsTold() {
        var device = platform.device("resting");
        var rule = rule(device, "resting", "t > 30", "'actions':[{'type':'command','command':'restart'}]");
        platform.call("PUT", "/api/v1/admin/devices/resting/status", "{\"status\":\"inactive\"}");
        send(device, "{\"t\":31}");
        assertThat(deeds(rule, 1).getFirst())
                .startsWith("action_failed command restart: The device is inactive");
    }

    @Test
    void aDeviceIsPutIntoQuarantine() {
        var device = platform.device("infected");
        var rule = rule(device, "infected", "t > 30", "'resolve':'latch','actions':"
                + "[{'type':'quarantine','reason':'It is too hot.'},{'type':'quarantine'}]");
        send(device, "{\"t\":31}");
        assertThat(deeds(rule, 2)).containsExactly("action_done quarantine: done",
                "action_done quarantine: was there already");
        assertThat(device(device).findValue("status").asText()).isEqualTo("quarantined");
        assertThat(platform.send("POST", "/api/v1/telemetry", "{\"t\":1}", "X-API-Key", device.key()).statusCode())
                .isEqualTo(403);
    }

    @Test
    void aRuleThatIsOnlyTriedDoesNothing() {
        var device = platform.device("tried");
        rule(device, "shadow", "t > 30", "'mode':'shadow','actions':[{'type':'tag','set':{'seen':true}}]");
        var other = rule(device, "after it", "t > 30", "'actions':[{'type':'tag','set':{'other':true}}]");
        send(device, "{\"t\":31}");
        deeds(other, 1);
        assertThat(tag(device, "other") + tag(device, "seen")).isEqualTo("true");
    }

    @Test
    void aRuleActsTenTimesAnHourAtMost() {
        var device = platform.device("busy");
        var rule = rule(device, "busy", "t > 0",
                "'key':'${t}','actions':[{'type':'configuration','key':'last','value':1}]");
        for (var n = 1; n <= 12; n++) send(device, "{\"t\":" + n + "}");
        var told = alerts(rule, 12).stream().map(it -> deeds(it.path("id").asLong(), 1).getFirst()).toList();
        assertThat(told.stream().filter(it -> it.startsWith("action_done"))).hasSize(10);
        assertThat(told).filteredOn(it -> !it.startsWith("action_done")).containsExactly(
                "action_suppressed configuration last: done 10 times in an hour already",
                "action_suppressed configuration last: done 10 times in an hour already");
        assertThat(told).contains("action_done configuration last: was 1 already");
    }

    @Test
    void aRuleDoesNotAnswerItself() {
        var device = platform.device("echo");
        var rule = rule(device, "untagged", "metadata.tags?.seen !== `yes`",
                "'actions':[{'type':'tag','set':{'seen':'yes'}}]");
        var other = rule(device, "tagged", "metadata.tags?.seen === `yes`", "'severity':'info'");
        alerts(other, 1); // the change has come to the rules
        assertThat(alerts(rule, 1).getFirst().path("state").asText()).isEqualTo("active");
        send(device, "{\"t\":1}");
        TestPlatform.await(() -> alerts(rule, 1).getFirst().path("state").asText(), "resolved"::equals);
        assertThat(deeds(rule, 1)).hasSize(1);
    }

    @Test
    void whatADeadNodeHasLeftIsDone() {
        var device = platform.device("left");
        var database = platform.platform().database();
        var alert = TestAlerts.raise(database, device.id(), "left", Severity.INFO, Instant.EPOCH);
        database.transaction(OrganizationPath.ROOT, handle -> handle.execute("""
                INSERT INTO alert_actions (alert_id, organization, device_id, rule_id, rule_name, event, place,
                    content, state, attempts, due_at, created_at)
                SELECT id, organization, device_id, rule_id, rule_name, 'begun', 0,
                    '{"type":"tag","set":{"left":"done"}}', 'waiting', 1, now() - interval '1 second', now()
                FROM alerts WHERE id = ?""", alert));
        assertThat(deeds(alert, 1)).containsExactly("action_done tag left: done");
    }

    @Test
    void whoeverSavesARuleMayDoWhatItDoes() throws Exception {
        var token = platform.call("POST", "/api/v1/tokens", "{\"name\":\"rules only\",\"permissions\":[\"rules:write\","
                + "\"commands:send\"],\"expires_at\":\"+1d\"}").path("token").asText();
        var body = "{\"name\":\"may\",\"condition\":\"t > 1\","
                + "\"actions\":[{\"type\":\"command\",\"command\":\"x\"}%s]}";
        var refused = platform.send("POST", "/api/v1/rules", body.formatted(",{\"type\":\"quarantine\"}"),
                "Authorization", "Bearer " + token);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("needs the permission devices:write");
        var made = platform.send("POST", "/api/v1/rules", body.formatted(""), "Authorization", "Bearer " + token);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    @Test
    void whatIsNoActionIsRefusedByItsField() throws Exception {
        refused("{'type':'explode'}", "actions[0].type");
        refused("{'type':'command'}", "actions[0].command");
        refused("{'type':'command','command':'x','parameters':1}", "actions[0].parameters");
        refused("{'type':'configuration','key':'a b','value':1}", "actions[0].key");
        refused("{'type':'configuration','key':'a'}", "actions[0].value");
        refused("{'type':'tag','set':{}}", "actions[0].set");
        refused("{'type':'tag','set':{'a':{}}}", "actions[0].set.a");
        refused("{'type':'quarantine','on':'monday'}", "actions[0].on");
        refused("{'type':'quarantine','why':'x'}", "actions[0].why");
    }

    private static void refused(String action, String field) throws Exception {
        var answer = platform.send("POST", "/api/v1/rules", ("{'name':'refused','condition':'t > 1','actions':["
                + action + "]}").replace('\'', '"'), "Authorization", "admin " + TestPlatform.TOKEN);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(Json.mapper().readTree(answer.body()).at("/errors/0/field").asText()).isEqualTo(field);
    }
}
