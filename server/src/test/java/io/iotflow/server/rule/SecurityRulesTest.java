package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.http.OpenApiContract;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What rules hear of beside measurements, on the whole platform.
class SecurityRulesTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode call(String method, String path, String body) {
        return platform.call(method, "/api/v1/" + path, body.replace('\'', '"'));
    }

    private static JsonNode alerts(JsonNode rule, String state, int count) {
        var path = "/api/v1/alerts?rule=" + rule.path("id").asText() + "&state=" + state;
        return TestPlatform.await(() -> platform.get(path).path("alerts"), it -> it.size() == count);
    }

    private static void connect(String name, String key) {
        var client = MqttClient.builder().useMqttVersion5().identifier("c-" + name).serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username(name).password(key.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth().send();
        client.disconnect();
    }

    @Test
    void wrongKeysRaiseAnAlertThroughATemplate() {
        var device = platform.device("guessed");
        var other = platform.device("other");
        var rule = call("POST", "rules/templates/credential_failures",
                "{'name':'guessing','parameters':{'at_least':3},'scope':{'device_types':['" + type(device) + "']}}");
        for (var key : new String[] {"iotf_wrong", other.key(), "x".repeat(40)}) {
            assertThatThrownBy(() -> connect("guessed", key)).hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");
        }
        connect("guessed", device.key());
        var alert = alerts(rule, "active", 1).get(0);
        assertThat(alert.path("device_name").asText()).isEqualTo("guessed");
        assertThat(alert.path("message").asText()).isEqualTo("3 wrong credentials of guessed within 5m");
    }

    private static String type(TestPlatform.TestDevice device) {
        return platform.get("/api/v1/admin/devices/" + device.name()).findValue("device_type").asText();
    }

    @Test
    void aReplacedKeyThatIsShownIsAWrongOne() throws Exception {
        var device = platform.device("rotated");
        var rule = call("POST", "rules", "{'name':'old keys','condition':{'type':'credential_failures','at_least':1,"
                + "'within':'1h'},'scope':{'devices':['rotated']}}");
        assertThat(platform.send("POST", "/api/v1/telemetry", "{\"t\":1}", "X-API-Key", device.key()).statusCode())
                .isEqualTo(201);
        call("POST", "admin/devices/rotated/api-key", "{'grace_seconds':1}");
        TestPlatform.await("the old key has ended", () -> platform.send("POST", "/api/v1/telemetry", "{\"t\":1}",
                "X-API-Key", device.key()).statusCode() == 401);
        alerts(rule, "active", 1);
    }

    @Test
    void aCertificateAndPresenceAreSeen() throws Exception {
        var device = platform.device("certified");
        var expires = call("POST", "rules", "{'name':'certified','scope':{'devices':['certified']},"
                + "'condition':'device.certificate_expires_at > timestamp'}");
        var online = call("POST", "rules", "{'name':'away','scope':{'devices':['certified']},"
                + "'condition':'!device.is_online'}");
        alerts(online, "active", 1);
        try (var contract = new OpenApiContract(URI.create("http://127.0.0.1:" + platform.platform().httpPort()))) {
            var add = contract.operations().stream().filter(it -> it.id().equals("addCertificate")).findFirst()
                    .orElseThrow();
            platform.call("POST", "/api/v1/devices/certified/certificates", contract.examples(add).getFirst().body());
        }
        alerts(expires, "active", 1);
        platform.send("POST", "/api/v1/telemetry", "{\"t\":1}", "X-API-Key", device.key());
        alerts(online, "resolved", 1);
    }

    @Test
    void aFloodIsCountedByWhatIsReceived() {
        var device = platform.device("flooding");
        var rule = call("POST", "rules", "{'name':'flood','condition':{'type':'message_flood','at_least':20,"
                + "'within':'1m'},'scope':{'devices':['flooding']}}");
        for (var n = 0; n < 20; n++) {
            platform.send("POST", "/api/v1/telemetry", "{\"ts\":1767225600000,\"values\":{\"t\":1}}", "X-API-Key",
                    device.key());
        }
        alerts(rule, "active", 1);
    }

    @Test
    void templatesAreListedAndMadeIntoRules() throws Exception {
        var list = platform.get("/api/v1/rules/templates");
        assertThat(list.path("count").asInt()).isEqualTo(12);
        assertThat(list.path("templates").findValuesAsText("category")).contains("security", "compliance");
        var rule = call("POST", "rules/templates/threshold",
                "{'parameters':{'metric':'pressure','hold':'1m'},'mode':'shadow','severity':'critical'}");
        assertThat(platform.get("/api/v1/rules/" + rule.path("id").asText())).isEqualTo(rule);
        assertThat(rule.path("name").asText()).isEqualTo("Too high");
        assertThat(rule.at("/condition/metric").asText()).isEqualTo("pressure");
        assertThat(rule.at("/condition/threshold").asInt()).isEqualTo(30);
        assertThat(rule.path("mode").asText() + rule.path("severity").asText()).isEqualTo("shadowcritical");
        var refused = platform.send("POST", "/api/v1/rules/templates/threshold", "{\"parameters\":{\"hold\":\"x\"}}",
                "Authorization", "admin " + TestPlatform.TOKEN);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(refused.body()).contains("parameters.hold");
        assertThat(platform.send("POST", "/api/v1/rules/templates/none", "{}", "Authorization",
                "admin " + TestPlatform.TOKEN).statusCode()).isEqualTo(404);
    }
}
