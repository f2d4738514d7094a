package io.iotflow.server.command;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.iotflow.server.live.LivePlatform;
import io.iotflow.server.live.LivePlatform.Known;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands on their way to real MQTT clients and back.
class CommandRoutesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;
    private static LivePlatform platform;

    @BeforeAll
    static void start() {
        platform = new LivePlatform(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    /// A device's client, with what it has got. Each connection is one that knows nothing of those before, as after the
    /// device has lost its power.
    private static final class Listener implements AutoCloseable {
        private final Known device;
        private Mqtt5BlockingClient client;
        private Mqtt5Publishes messages;

        private Listener(Known device) {
            this.device = device;
        }

        /// @param session how many seconds it lasts after the connection
        Listener connect(boolean isClean, int session) {
            client = Mqtt5Client.builder().identifier("client-" + device.name()).serverHost("127.0.0.1")
                    .serverPort(platform.platform().mqttPort())
                    .simpleAuth().username(device.name()).password(device.key().getBytes(StandardCharsets.UTF_8))
                    .applySimpleAuth().buildBlocking();
            messages = client.publishes(MqttGlobalPublishFilter.ALL, true);
            client.connectWith().cleanStart(isClean).sessionExpiryInterval(session).send();
            return this;
        }

        Listener subscribe(String rest, MqttQos qos) {
            client.subscribeWith().topicFilter("devices/" + device.name() + "/" + rest).qos(qos).send();
            return this;
        }

        Mqtt5Publish next() throws InterruptedException {
            return messages.receive(20, TimeUnit.SECONDS).orElseThrow();
        }

        JsonNode take() throws Exception {
            var publish = next();
            publish.acknowledge();
            return json(publish);
        }

        boolean isQuiet() {
            return messages.receiveNow().isEmpty();
        }

        void say(String topic, String body) {
            client.publishWith().topic("devices/" + device.name() + "/" + topic).qos(MqttQos.AT_LEAST_ONCE)
                    .payload(body.getBytes(StandardCharsets.UTF_8)).send();
        }

        void leave() {
            messages.close();
            client.disconnect();
        }

        @Override
        public void close() {
            if (client.getState().isConnected()) leave();
        }
    }

    private static Listener listening(Known device) {
        return new Listener(device).connect(true, 0).subscribe("commands", MqttQos.AT_LEAST_ONCE);
    }

    private static JsonNode json(Mqtt5Publish publish) throws Exception {
        return JSON.readTree(publish.getPayloadAsBytes());
    }

    private static LivePlatform.Answer command(Known device, String body) {
        return platform.asOperator("POST", "/api/v1/devices/" + device.id() + "/commands", body);
    }

    private static String sent(Known device, String body) {
        var answer = command(device, body);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
        return answer.body().path("command_id").asText();
    }

    private static JsonNode show(String id) {
        return platform.asOperator("GET", "/api/v1/commands/" + id, null).body();
    }

    private static String story(String id) {
        return show(id).path("steps").valueStream().map(step -> step.path("state").asText())
                .collect(Collectors.joining(" "));
    }

    private static void awaitStory(String id, String expected) {
        await(() -> story(id), expected::equals);
    }

    private static LivePlatform.Answer cancel(String id) {
        return platform.asOperator("POST", "/api/v1/commands/" + id + "/cancel", "");
    }

    @Test
    void aCommandIsFollowedFromItsWishToItsResultWithAProofForEachStep() throws Exception {
        var device = platform.register("command-listener");
        try (var client = listening(device)) {
            var id = sent(device, "{\"type\":\"update_interval\",\"parameters\":{\"seconds\":5,\"type\":\"x\"},"
                    + "\"loud\":true,\"id\":\"forged\",\"timestamp\":\"forged\",\"delivery\":{\"priority\":5}}");
            var arrived = client.take();
            assertThat(arrived.path("id").asText()).isEqualTo(id);
            assertThat(arrived.path("type").asText()).isEqualTo("update_interval");
            assertThat(arrived.path("seconds").asInt()).isEqualTo(5);
            assertThat(arrived.path("parameters").path("seconds").asInt()).isEqualTo(5);
            assertThat(arrived.path("loud").asBoolean()).isTrue();
            assertThat(arrived.has("delivery")).isFalse();
            assertThat(Instant.parse(arrived.path("timestamp").asText())).isBefore(Instant.now().plusSeconds(5));
            awaitStory(id, "queued sent delivered");
            client.say("commands/" + id + "/result", "{\"status\":\"acknowledged\"}");
            awaitStory(id, "queued sent delivered acknowledged");
            client.say("status", "{\"command_id\":\"" + id + "\",\"status\":\"success\",\"data\":{\"seconds\":5}}");
            awaitStory(id, "queued sent delivered acknowledged succeeded");
            client.say("commands/" + id + "/result", "{\"status\":\"error\",\"message\":\"no\"}");
            var shown = show(id);
            assertThat(shown.path("status").asText()).isEqualTo("succeeded");
            assertThat(shown.path("result").path("data").path("seconds").asInt()).isEqualTo(5);
            assertThat(shown.path("device_name").asText()).isEqualTo(device.name());
            var proof = shown.path("steps").path(2).path("proof");
            assertThat(proof.path("by").asText()).isEqualTo("puback");
            assertThat(proof.path("client_id").asText()).isEqualTo("client-" + device.name());
            assertThat(proof.path("packet_id").asInt()).isPositive();
            assertThat(cancel(id).status()).isEqualTo(409);
        }
    }

    @Test
    void nothingIsCalledDeliveredThatTheClientHasNotAcknowledged() throws Exception {
        var device = platform.register("command-silent");
        try (var client = listening(device)) {
            var id = sent(device, "{\"type\":\"restart\",\"delivery\":{\"backoff\":\"100ms\"}}");
            var first = client.next();
            assertThat(story(id)).isEqualTo("queued sent");
            assertThat(cancel(id).status()).as("it has gone out").isEqualTo(409);
            client.leave();
            awaitStory(id, "queued sent queued");
            client.connect(true, 0).subscribe("commands", MqttQos.AT_LEAST_ONCE);
            var second = client.next();
            assertThat(json(second)).isEqualTo(json(first));
            second.acknowledge();
            awaitStory(id, "queued sent queued sent delivered");
            assertThat(client.isQuiet()).isTrue();
        }
    }

    @Test
    void aResumedSessionGetsNoCopyAndNothingThatWasTakenBack() throws Exception {
        var device = platform.register("command-resumed");
        try (var client = new Listener(device).connect(true, 600).subscribe("commands", MqttQos.AT_LEAST_ONCE)
                .subscribe("#", MqttQos.AT_LEAST_ONCE)) {
            var kept = sent(device, "{\"type\":\"kept\",\"delivery\":{\"backoff\":\"100ms\"}}");
            client.next();
            client.leave();
            awaitStory(kept, "queued sent queued");
            var taken = sent(device, "{\"type\":\"taken\"}");
            var soon = Instant.now().plusMillis(300);
            var late = sent(device, "{\"type\":\"late\",\"expires_at\":\"" + soon + "\"}");
            assertThat(cancel(taken).body().path("status").asText()).isEqualTo("cancelled");
            awaitStory(late, "queued expired");
            client.connect(false, 0);
            assertThat(client.take().path("type").asText()).isEqualTo("kept");
            awaitStory(kept, "queued sent queued sent delivered");
            var after = sent(device, "{\"type\":\"after\"}");
            assertThat(client.take().path("id").asText()).isEqualTo(after);
            assertThat(client.isQuiet()).isTrue();
        }
    }

    @Test
    void whatWaitsGoesOutByPriorityWhenTheDeviceListens() throws Exception {
        var device = platform.register("command-waiting");
        var expires = Instant.now().plusSeconds(60).truncatedTo(ChronoUnit.MICROS).toString();
        sent(device, "{\"type\":\"second\",\"expires_at\":\"" + expires + "\"}");
        sent(device, "{\"command\":\"third\",\"delivery\":{\"priority\":-1}}");
        sent(device, "{\"type\":\"first\",\"delivery\":{\"priority\":9}}");
        var soon = Instant.now().plusMillis(1_500);
        sent(device, "{\"type\":\"fourth\",\"delivery\":{\"priority\":9,\"not_before\":\"" + soon + "\"}}");
        try (var client = listening(device)) {
            var types = new ArrayList<String>();
            for (var n = 0; n < 4; n++) {
                var publish = client.next();
                publish.acknowledge();
                types.add(json(publish).path("type").asText());
                if (types.getLast().equals("second")) {
                    assertThat(json(publish).path("expires_at").asText()).isEqualTo(expires);
                    assertThat(publish.getMessageExpiryInterval().orElse(0)).isBetween(1L, 60L);
                }
            }
            assertThat(types).containsExactly("first", "second", "third", "fourth");
            assertThat(Instant.now()).isAfter(soon);
        }
    }

    @Test
    void aSubscriptionOfQos0IsNotBelievedToDeliver() throws Exception {
        var device = platform.register("command-qos0");
        try (var client = new Listener(device).connect(true, 0).subscribe("commands", MqttQos.AT_MOST_ONCE)) {
            var id = sent(device, "{\"type\":\"restart\"}");
            assertThat(client.take().path("id").asText()).isEqualTo(id);
            assertThat(story(id)).isEqualTo("queued sent");
            client.say("commands/" + id + "/result", "{\"status\":\"success\"}");
            awaitStory(id, "queued sent succeeded");
        }
    }

    @Test
    void moreThanMayBeUnderWayFollowAsRoomBecomesFree() throws Exception {
        var device = platform.register("command-crowd");
        try (var client = listening(device)) {
            var ids = new ArrayList<String>();
            for (var n = 0; n < 40; n++) ids.add(sent(device, "{\"type\":\"n\",\"n\":" + n + "}"));
            for (var id : ids) assertThat(client.take().path("id").asText()).isEqualTo(id);
            awaitStory(ids.getLast(), "queued sent delivered");
        }
    }

    @Test
    void aDevicePollsConfirmsAndAnswersOverHttp() {
        var device = platform.register("command-polling");
        var one = sent(device, "{\"type\":\"one\"}");
        var two = sent(device, "{\"type\":\"two\"}");
        var fetched = platform.as(device, "GET", "/api/v1/devices/commands", null).body();
        assertThat(fetched.path("commands").findValuesAsText("id")).containsExactly(one, two);
        assertThat(story(one)).isEqualTo("queued sent");
        var again = platform.as(device, "GET", "/api/v1/devices/commands?received=" + one, null).body();
        assertThat(again.path("commands").findValuesAsText("id")).containsExactly(two);
        assertThat(story(one)).isEqualTo("queued sent delivered");
        assertThat(show(two).path("attempts").asInt()).isEqualTo(2);
        var result = "/api/v1/devices/commands/" + two + "/result";
        assertThat(platform.as(device, "POST", result, "{\"status\":\"received\"}").body().path("status").asText())
                .isEqualTo("delivered");
        assertThat(platform.as(device, "POST", result, "{\"status\":\"perhaps\"}").status()).isEqualTo(422);
        assertThat(platform.as(device, "POST", result, "{\"status\":\"error\",\"message\":\"stuck\"}").body()
                .path("status").asText()).isEqualTo("failed");
        assertThat(platform.as(device, "POST", result, "{\"status\":\"success\"}").body().path("status").asText())
                .isEqualTo("failed");
        assertThat(show(two).path("result").path("message").asText()).isEqualTo("stuck");
        var stranger = platform.register("command-stranger");
        assertThat(platform.as(stranger, "POST", result, "{\"status\":\"success\"}").status()).isEqualTo(404);
        assertThat(platform.as(stranger, "GET", "/api/v1/devices/commands?received=" + one, null).body()
                .path("count").asInt()).isZero();
    }

    @Test
    void aStrangersResultByTopicChangesNothing() throws Exception {
        var device = platform.register("command-victim");
        var stranger = platform.register("command-forger");
        try (var client = listening(device); var forger = listening(stranger)) {
            var id = sent(device, "{\"type\":\"open\"}");
            client.take();
            awaitStory(id, "queued sent delivered");
            forger.say("commands/" + id + "/result", "{\"status\":\"success\"}");
            forger.say("commands/no-id/result", "\u0000{{");
            client.say("commands/" + id + "/result", "{\"status\":\"success\",\"x\":\"\\u0000\"}");
            awaitStory(id, "queued sent delivered succeeded");
            assertThat(show(id).path("result").path("is_cut").asBoolean()).isTrue();
        }
    }

    @Test
    void onlyADeviceThatIsActiveOrInMaintenanceGetsCommands() {
        var device = platform.register("command-status");
        for (var status : List.of("inactive", "maintenance", "quarantined")) {
            platform.asOperator("PUT", "/api/v1/admin/devices/" + device.id() + "/status",
                    "{\"status\":\"" + status + "\"}");
            var answer = command(device, "{\"type\":\"restart\"}");
            assertThat(answer.status()).as(status).isEqualTo(status.equals("maintenance") ? 202 : 409);
            if (answer.status() == 409) assertThat(answer.body().path("detail").asText()).contains(status);
        }
        var id = platform.asOperator("GET", "/api/v1/devices/" + device.id() + "/commands", null).body()
                .path("commands").path(0).path("id").asText();
        platform.asOperator("DELETE", "/api/v1/admin/devices/" + device.id(), null);
        awaitStory(id, "queued cancelled");
    }

    @Test
    void theSameKeyMeansTheSameCommand() {
        var device = platform.register("command-key");
        var other = platform.register("command-key-2");
        var body = "{\"type\":\"pay\",\"delivery\":{\"idempotency_key\":\"k\"}}";
        var id = sent(device, body);
        assertThat(sent(device, body)).isEqualTo(id);
        assertThat(sent(other, body)).isNotEqualTo(id);
        assertThat(command(device, body.replace("pay", "pay2")).status()).isEqualTo(422);
        assertThat(platform.asOperator("GET", "/api/v1/devices/" + device.id() + "/commands", null).body()
                .path("count").asInt()).isEqualTo(1);
    }

    @Test
    void listsAreFilteredAndPaged() {
        var device = platform.register("command-lists");
        for (var n = 0; n < 5; n++) {
            sent(device, "{\"type\":\"" + (n % 2 == 0 ? "even" : "odd") + "\",\"n\":" + n + "}");
        }
        var base = "/api/v1/commands?device=command-lists";
        var page = platform.asOperator("GET", base + "&type=even&limit=2", null).body();
        assertThat(page.path("commands").findValuesAsText("n")).containsExactly("4", "2");
        page = platform.asOperator("GET", base + "&type=even&limit=2&cursor=" + page.path("next_cursor").asText(), null)
                .body();
        assertThat(page.path("commands").findValuesAsText("n")).containsExactly("0");
        assertThat(page.path("next_cursor").isNull()).isTrue();
        assertThat(platform.asOperator("GET", base + "&status=queued,sent", null).body().path("count").asInt())
                .isEqualTo(5);
        assertThat(platform.asOperator("GET", base + "&status=lost", null).status()).isEqualTo(422);
        assertThat(platform.asOperator("GET", "/api/v1/commands/" + new UUID(1, 2), null).status())
                .isEqualTo(404);
        assertThat(platform.asOperator("GET", "/api/v1/commands/nothing", null).status()).isEqualTo(404);
    }

    @Test
    void aJobSendsToManyNeverMoreAtOnceThanItMay() throws Exception {
        var devices = new ArrayList<Known>();
        for (var n = 0; n < 6; n++) devices.add(platform.register("job-" + n));
        platform.asOperator("PUT", "/api/v1/admin/devices/job-5/status", "{\"status\":\"inactive\"}");
        var clients = new ArrayList<Listener>();
        try {
            for (var device : devices.subList(0, 4)) clients.add(listening(device));
            var made = platform.asOperator("POST", "/api/v1/commands", "{\"type\":\"blink\","
                    + "\"parameters\":{\"times\":3},\"filter\":\"device.name.startsWith('job-')\",\"concurrency\":2}");
            assertThat(made.status()).as(made.body().toString()).isEqualTo(202);
            assertThat(made.body().path("devices").asInt()).isEqualTo(5);
            assertThat(made.body().path("refused").findValuesAsText("device_name")).containsExactly("job-5");
            var job = "/api/v1/command-jobs/" + made.body().path("id").asText();
            var done = 0;
            while (done < 4) {
                for (var client : clients) {
                    var out = client.messages.receiveNow();
                    if (out.isEmpty()) continue;
                    out.get().acknowledge();
                    var counts = platform.asOperator("GET", job, null).body().path("counts");
                    assertThat(counts.path("sent").asInt() + counts.path("delivered").asInt()).isBetween(1, 2);
                    client.say("commands/" + json(out.get()).path("id").asText() + "/result",
                            "{\"status\":\"success\"}");
                    done++;
                }
            }
            await(() -> platform.asOperator("GET", job, null).body().path("counts").path("succeeded").asInt(),
                    count -> count == 4);
            assertThat(platform.asOperator("GET", job, null).body().path("status").asText()).isEqualTo("running");
            var stopped = platform.asOperator("POST", job + "/stop", "").body();
            assertThat(stopped.path("status").asText()).isEqualTo("stopped");
            assertThat(stopped.path("counts").path("cancelled").asInt()).isEqualTo(1);
            var outcomes = platform.asOperator("GET", "/api/v1/commands?job=" + made.body().path("id").asText(), null)
                    .body();
            assertThat(outcomes.path("commands").findValuesAsText("device_name")).containsExactlyInAnyOrder("job-0",
                    "job-1", "job-2", "job-3", "job-4");
            assertThat(platform.asOperator("GET", "/api/v1/command-jobs", null).body().path("command_jobs")
                    .findValuesAsText("type")).contains("blink");
        } finally {
            clients.forEach(Listener::close);
        }
    }

    @Test
    void whatIsNoCommandIsRefusedWithItsReason() {
        var device = platform.register("command-wrong");
        assertThat(command(device, "[]").status()).isEqualTo(400);
        assertThat(command(device, "{").status()).isEqualTo(400);
        for (var wrong : new String[] {"{}", "{\"type\":\"\"}", "{\"type\":5}", "{\"type\":\"" + "x".repeat(65) + "\"}",
            "{\"type\":\"a\",\"expires_at\":\"2020-01-01T00:00:00Z\"}", "{\"type\":\"a\",\"expires_at\":\"never\"}",
            "{\"type\":\"a\",\"expires_at\":{}}", "{\"type\":\"a\",\"delivery\":5}", "{\"type\":\"a\",\"expires_at\":"
                + "\"2999-01-01T00:00:00Z\"}", "{\"type\":\"a\",\"x\":\"\\u0000\"}",
            "{\"type\":\"a\",\"delivery\":{\"priority\":101}}", "{\"type\":\"a\",\"delivery\":{\"speed\":1}}",
            "{\"type\":\"a\",\"delivery\":{\"attempts\":0}}", "{\"type\":\"a\",\"delivery\":{\"timeout\":\"99d\"}}",
            "{\"type\":\"a\",\"expires_at\":\"+1h\",\"delivery\":{\"not_before\":\"+2h\"}}"}) {
            assertThat(command(device, wrong).status()).as(wrong).isEqualTo(422);
        }
        assertThat(platform.asOperator("POST", "/api/v1/mqtt/fleet/nowhere/command", "{\"type\":\"a\"}").status())
                .isEqualTo(404);
        for (var wrong : new String[] {"{\"type\":\"a\"}", "{\"type\":\"a\",\"devices\":[\"nobody\"]}",
            "{\"type\":\"a\",\"group\":\"nowhere\"}",
            "{\"type\":\"a\",\"filter\":\"device.\"}", "{\"type\":\"a\",\"filter\":\"true\",\"devices\":[\"x\"]}",
            "{\"type\":\"a\",\"devices\":[\"command-wrong\"],\"n\":1}"}) {
            assertThat(platform.asOperator("POST", "/api/v1/commands", wrong).status()).as(wrong).isEqualTo(422);
        }
        assertThat(platform.asOperator("POST", "/api/v1/commands", "{\"type\":\"a\",\"filter\":\"false\"}").status())
                .isEqualTo(409);
        assertThat(platform.asOperator("POST", "/api/v1/devices/nobody/commands", "{\"type\":\"a\"}").status())
                .isEqualTo(404);
        assertThat(platform.as(device, "POST", "/api/v1/devices/" + device.id() + "/commands",
                "{\"type\":\"a\"}").status())
                .isEqualTo(403);
    }
}
