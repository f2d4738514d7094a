package io.iotflow.server.notification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.iotflow.server.TestPlatform;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChannelRoutesTest {
    private static final String PASSWORD = "correct horse battery";
    private static TestPlatform platform;
    private static Receiver receiver;
    private static int numbers;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("notification.allow_private_addresses=true");
        receiver = Receiver.start();
    }

    @AfterAll
    static void stop() {
        receiver.close();
        platform.close();
    }

    private static String body(String kind, String settings) {
        return "{\"name\":\"channel-" + numbers++ + "\",\"kind\":\"" + kind + "\",\"settings\":" + settings + "}";
    }

    private static JsonNode made(String kind, String settings) {
        return platform.call("POST", "/api/v1/channels", body(kind, settings));
    }

    private static HttpResponse<String> send(String method, String path, String body, String... more) {
        var headers = new java.util.ArrayList<>(java.util.List.of("Authorization", "admin " + TestPlatform.TOKEN));
        headers.addAll(java.util.List.of(more));
        return platform.send(method, "/api/v1/" + path, body, headers.toArray(String[]::new));
    }

    private static void refused(String kind, String settings, String field) {
        var answer = send("POST", "channels", body(kind, settings));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(TestOutbox.json(answer.body()).at("/errors/0/field").asText()).as(settings).isEqualTo(field);
    }

    @Test
    void secretsAreNeverShownAndStayWhenAChangeLeavesThemOut() {
        var made = made("webhook", "{\"url\":\"" + receiver.url("/a") + "\",\"secret\":\"0123456789abcdef-secret\","
                + "\"headers\":{\"Authorization\":\"Bearer hidden\"}}");
        assertThat(made.path("has_secret").asBoolean()).isTrue();
        assertThat(made.at("/settings/secret").isNull()).isTrue();
        assertThat(made.toString()).doesNotContain("0123456789abcdef", "hidden");
        var path = "channels/" + made.path("id").asText();
        var changed = send("PUT", path, "{\"name\":\"renamed-" + numbers++ + "\",\"settings\":" + made.path("settings")
                + "}");
        assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
        platform.call("POST", "/api/v1/" + path + "/test", "");
        assertThat(receiver.got().getLast().headers()).containsEntry("authorization", "Bearer hidden")
                .containsKey("webhook-signature");
        assertThat(platform.get("/api/v1/audit?target_type=channel").toString()).contains("channel.created",
                "channel.changed", "channel.tested").doesNotContain("0123456789abcdef", "hidden");
    }

    @Test
    void secretsDoNotFollowAChannelToSomebodyElse() {
        var made = made("webhook", "{\"url\":\"https://a.example/\",\"secret\":\"0123456789abcdef\"}");
        var path = "channels/" + made.path("id").asText();
        var name = made.path("name").asText();
        var moved = send("PUT", path, "{\"name\":\"" + name + "\",\"settings\":{\"url\":\"https://b.example/\"}}");
        assertThat(moved.statusCode()).isEqualTo(422);
        assertThat(moved.body()).contains("settings.secret");
        var without = send("PUT", path, "{\"name\":\"" + name
                + "\",\"settings\":{\"url\":\"https://b.example/\",\"secret\":\"\"}}");
        assertThat(TestOutbox.json(without.body()).path("has_secret").asBoolean(true)).isFalse();
    }

    @Test
    void aChangeIsBasedOnWhatWasRead() {
        var made = made("in_app", "{}");
        var path = "channels/" + made.path("id").asText();
        var tag = send("GET", path, "").headers().firstValue("ETag").orElseThrow();
        var body = "{\"name\":\"tagged-" + numbers++ + "\"}";
        assertThat(send("PUT", path, body, "If-Match", tag).statusCode()).isEqualTo(200);
        assertThat(send("PUT", path, body, "If-Match", tag).statusCode()).isEqualTo(412);
        assertThat(send("DELETE", path, "", "If-Match", tag).statusCode()).isEqualTo(412);
        assertThat(send("DELETE", path, "").statusCode()).isEqualTo(204);
        assertThat(send("GET", path, "").statusCode()).isEqualTo(404);
        assertThat(send("DELETE", path, "").statusCode()).isEqualTo(404);
    }

    @Test
    void namesAreTakenOnce() {
        var body = body("in_app", "{}");
        assertThat(send("POST", "channels", body).statusCode()).isEqualTo(201);
        assertThat(send("POST", "channels", body).statusCode()).isEqualTo(409);
    }

    @Test
    void whatCannotWorkIsRefusedByItsField() {
        refused("pigeon", "{}", "kind");
        refused("in_app", "{\"x\":1}", "settings.x");
        refused("webhook", "{}", "settings.url");
        refused("webhook", "{\"url\":\"file:///etc/passwd\"}", "settings.url");
        refused("webhook", "{\"url\":\"https://a.example/\",\"form\":\"xml\"}", "settings.form");
        refused("webhook", "{\"url\":\"https://a.example/\",\"secret\":\"short\"}", "settings.secret");
        refused("webhook", "{\"url\":\"https://a.example/\",\"secret\":\"whsec_?\"}", "settings.secret");
        refused("webhook", "{\"url\":\"https://a.example/\",\"headers\":{\"Host\":\"x\"}}", "settings.headers.Host");
        refused("webhook", "{\"url\":\"https://a.example/\",\"headers\":{\"X\":\"a\\r\\nY: b\"}}",
                "settings.headers.X");
        refused("chat", "{\"url\":\"https://a.example/\"}", "settings.form");
        refused("mqtt", "{\"topic\":\"a/#\"}", "settings.topic");
        refused("mqtt", "{\"topic\":\"../x//y\"}", "settings.topic");
        refused("sms", "{\"url\":\"https://{to}.example/\",\"method\":\"GET\",\"to\":\"1\"}", "settings.url");
        refused("sms", "{\"url\":\"https://a.example/\",\"method\":\"POST\",\"to\":\"1\"}", "settings.body");
        refused("sms", "{\"url\":\"https://a.example/\",\"method\":\"POST\",\"to\":\"1\",\"body\":\"hi\"}",
                "settings.body");
        var mail = "{\"host\":\"mail.example.org\",\"security\":\"tls\",\"from\":\"a@example.org\","
                + "\"to\":[\"b@example.org\"]";
        refused("email", mail + ",\"port\":0}", "settings.port");
        refused("email", mail + ",\"username\":\"u\"}", "settings.password");
        refused("email", mail.replace("tls", "none") + ",\"username\":\"u\",\"password\":\"p\"}", "settings.security");
        refused("email", mail.replace("b@example.org", "b") + "}", "settings.to");
        refused("email", mail.replace("b@example.org", "b@example.org,c@example.org") + "}", "settings.to");
        refused("email", mail.replace("b@example.org", "b@example.org\\r\\nX: y") + "}", "settings.to");
    }

    @Test
    void aTestSaysWhatTheReceiverAnswered() {
        var made = made("webhook", "{\"url\":\"" + receiver.url("/test") + "\"}");
        var path = "/api/v1/channels/" + made.path("id").asText() + "/test";
        var well = platform.call("POST", path, "");
        assertThat(well.path("outcome").asText()).isEqualTo("delivered");
        assertThat(well.path("status").asInt()).isEqualTo(200);
        assertThat(well.path("detail").asText()).isEqualTo("thanks");
        receiver.answers(403, "no");
        var badly = platform.call("POST", path, "");
        receiver.answers(200, "thanks");
        assertThat(badly.path("outcome").asText()).isEqualTo("refused");
        assertThat(badly.path("status").asInt()).isEqualTo(403);
        var listed = platform.get("/api/v1/deliveries?channel=" + made.path("id").asText());
        assertThat(listed.path("deliveries")).extracting(it -> it.path("event").asText() + " "
                + it.path("state").asText()).containsExactly("test failed", "test delivered");
    }

    @Test
    void whatIsToldInTheApplicationIsListedAndMarkedAsReadByEachUser() {
        var made = made("in_app", "{}");
        var path = "/api/v1/channels/" + made.path("id").asText() + "/test";
        platform.call("POST", path, "");
        platform.call("POST", path, "");
        var before = platform.get("/api/v1/notifications");
        assertThat(before.path("unread").asInt()).isEqualTo(2);
        var first = before.path("notifications").path(1);
        assertThat(first.path("read").asBoolean()).isFalse();
        assertThat(first.path("title").asText()).startsWith("Test: ");
        send("POST", "notifications/read", "{\"up_to\":" + first.path("id").asText() + "}");
        var after = platform.get("/api/v1/notifications");
        assertThat(after.path("unread").asInt()).isEqualTo(1);
        assertThat(after.path("notifications")).extracting(it -> it.path("read").asBoolean())
                .containsExactly(false, true);
        var other = signIn(null);
        assertThat(TestOutbox.json(platform.send("GET", "/api/v1/notifications", "", "Authorization", other).body())
                .path("unread").asInt()).isEqualTo(2);
    }

    @Test
    void aTopicIsHeardOverMqtt() throws Exception {
        var made = made("mqtt", "{\"topic\":\"siren\"}");
        var client = MqttClient.builder().useMqttVersion5().identifier("siren").serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username("admin").password(TestPlatform.TOKEN.getBytes(UTF_8))
                .applySimpleAuth().send();
        try (var publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("iotflow/alerts/1/siren").qos(MqttQos.AT_LEAST_ONCE).send();
            platform.call("POST", "/api/v1/channels/" + made.path("id").asText() + "/test", "");
            var heard = publishes.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(heard.getTopic()).hasToString("iotflow/alerts/1/siren");
            assertThat(TestOutbox.json(new String(heard.getPayloadAsBytes(), UTF_8)).path("type").asText())
                    .isEqualTo("alert.test");
        } finally {
            client.disconnect();
        }
    }

    @Test
    void aChannelServesThoseBelowWhoDoNotSeeIt() {
        var made = made("in_app", "{}");
        var id = platform.call("POST", "/api/v1/organizations", "{\"name\":\"below-" + numbers++ + "\"}").path("id")
                .asText();
        var below = signIn(id);
        assertThat(platform.send("GET", "/api/v1/channels/" + made.path("id").asText(), "", "Authorization", below)
                .statusCode()).isEqualTo(404);
        assertThat(platform.send("GET", "/api/v1/channels", "", "Authorization", below).body()).contains("\"count\":0");
    }

    /// Of a new administrator.
    private static String signIn(String organization) {
        var name = "reader-" + numbers++;
        platform.call("POST", "/api/v1/users", "{\"name\":\"" + name + "\",\"password\":\"" + PASSWORD
                + "\",\"role\":\"admin\"" + (organization == null ? "" : ",\"organization_id\":" + organization) + "}");
        return "Bearer " + TestOutbox.json(platform.send("POST", "/api/v1/auth/login", "{\"username\":\"" + name
                + "\",\"password\":\"" + PASSWORD + "\"}").body()).path("access_token").asText();
    }
}
