package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whenever the platform was killed in the middle of many commands to real clients: none is lost, none is called
/// delivered that no client has acknowledged, none is done after it was cancelled or has expired, no result is
/// overwritten, and a key means one command. `-Diotflow.soak=true` kills it more often.
class CommandCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("iotflow.soak") ? 20 : 2;
    private static final int DEVICES = 6;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Random RANDOM = new Random(Long.getLong("iotflow.seed", 20_260_205));

    @TempDir
    Path folder;

    private final List<Client> clients = new ArrayList<>();
    /// Every command that the platform has answered for, by its id.
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();
    private final Set<String> cancelled = ConcurrentHashMap.newKeySet();

    /// @param key by which it may be asked for again
    private record Asked(String id, PackagedPlatform.Device device, String key, Instant expires) {}

    /// A device that does each command once, remembers what it did when, and answers always the same.
    private static final class Client implements AutoCloseable {
        private final PackagedPlatform.Device device;
        private final Random random;
        private final Map<String, Instant> done = new ConcurrentHashMap<>();
        private final Map<String, String> answers = new ConcurrentHashMap<>();
        private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        private Mqtt5AsyncClient mqtt;

        private Client(PackagedPlatform.Device device, Random random) {
            this.device = device;
            this.random = random;
        }

        void connect(PackagedPlatform platform) {
            mqtt = Mqtt5Client.builder().identifier("c-" + device.name()).serverHost("127.0.0.1")
                    .serverPort(platform.mqttPort()).simpleAuth().username(device.name())
                    .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().buildAsync();
            mqtt.publishes(MqttGlobalPublishFilter.ALL, this::take, true);
            try {
                mqtt.connectWith().cleanStart(false).sessionExpiryInterval(600).send().get(20, TimeUnit.SECONDS);
                mqtt.subscribeWith().topicFilter("devices/" + device.name() + "/commands")
                        .qos(MqttQos.AT_LEAST_ONCE).send().get(20, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new IllegalStateException(e);
            }
        }

        private void take(Mqtt5Publish publish) {
            var command = json(publish.getPayloadAsBytes());
            var id = command.path("id").asText();
            done.putIfAbsent(id, Instant.now());
            acknowledged.add(id); // before it is: it may arrive although nobody lives to tell
            publish.acknowledge();
            var status = answers.computeIfAbsent(id, _ -> random.nextInt(4) == 0 ? "error" : "success");
            mqtt.publishWith().topic("devices/" + device.name() + "/commands/" + id + "/result")
                    .qos(MqttQos.AT_LEAST_ONCE).payload(("{\"status\":\"" + status + "\",\"id\":\"" + id + "\"}")
                            .getBytes(StandardCharsets.UTF_8)).send();
        }

        /// What was not answered before the platform died is answered again, as a device does that keeps its results.
        void answerAgain() {
            answers.forEach((id, status) -> mqtt.publishWith()
                    .topic("devices/" + device.name() + "/commands/" + id + "/result").qos(MqttQos.AT_LEAST_ONCE)
                    .payload(("{\"status\":\"" + status + "\",\"id\":\"" + id + "\"}")
                            .getBytes(StandardCharsets.UTF_8)).send());
        }

        @Override
        public void close() {
            if (mqtt != null && mqtt.getState() != MqttClientState.DISCONNECTED) mqtt.disconnect();
        }
    }

    private static JsonNode json(byte[] text) {
        try {
            return PackagedPlatform.JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noCommandIsLostOrBelievedToBeWhatItIsNotWheneverItWasKilled() throws Exception {
        var data = folder.resolve("data");
        var platform = PackagedPlatform.start(data);
        try {
            for (var n = 0; n < DEVICES; n++) {
                clients.add(new Client(platform.register("obedient-" + n), new Random(RANDOM.nextLong())));
            }
            for (var round = 1; round <= ROUNDS; round++) {
                sendUntilKilled(platform);
                platform = PackagedPlatform.start(data);
            }
            var running = platform;
            for (var client : clients) client.connect(running);
            clients.forEach(Client::answerAgain);
            for (var it : asked.values()) {
                Await.until("the end of command " + it.id(), SOON, () -> isEnded(show(running, it.id())));
            }
            var ends = asked.values().stream().map(it -> judged(running, it)).toList();
            System.out.println(ends.size() + " commands: " + ends.stream().distinct().sorted()
                    .map(end -> end + " " + ends.stream().filter(end::equals).count()).toList());
            assertThat(ends).hasSizeGreaterThan(100).contains("succeeded", "failed", "cancelled");
            keysMeanOneCommand(running);
            assertThat(platform.terminate()).isIn(0, 143);
        } finally {
            clients.forEach(Client::close);
            platform.close();
        }
    }

    private void sendUntilKilled(PackagedPlatform platform) throws InterruptedException {
        // Half of them come a little later, so that commands wait, too.
        var late = new ArrayList<Client>();
        for (var client : clients) {
            if (RANDOM.nextBoolean()) client.connect(platform);
            else late.add(client);
        }
        var threads = new ArrayList<Thread>();
        var before = asked.size();
        for (var client : clients) {
            var random = new Random(RANDOM.nextLong());
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    while (true) send(platform, client.device, random);
                } catch (UncheckedIOException | AssertionError _) {
                    // Killed. What was not answered may be there or not.
                }
            }));
        }
        Await.until("commands flow", SOON, () -> asked.size() > before + 40);
        for (var client : late) client.connect(platform);
        LockSupport.parkNanos(Duration.ofMillis(RANDOM.nextInt(20, 1_500)).toNanos());
        var tree = platform.processTree();
        platform.kill9();
        for (var thread : threads) assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        clients.forEach(Client::close);
        Await.until("no process is left", SOON, () -> tree.stream().noneMatch(ProcessHandle::isAlive));
    }

    private void send(PackagedPlatform platform, PackagedPlatform.Device device, Random random) {
        var key = "k" + random.nextLong();
        var expires = Instant.now().plusMillis(random.nextInt(5) == 0 ? random.nextInt(1, 400) : 600_000);
        var body = "{\"type\":\"do\",\"expires_at\":\"" + expires + "\",\"delivery\":{\"idempotency_key\":\"" + key
                + "\",\"backoff\":\"50ms\",\"attempts\":50,\"priority\":" + random.nextInt(3) + "}}";
        var answer = platform.asAdmin("POST", "/api/v1/devices/" + device.id() + "/commands", body);
        // It had expired on its way here, or too many wait already.
        if (answer.status() == 422 || answer.status() == 409) return;
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        var id = answer.json().path("command_id").asText();
        asked.put(id, new Asked(id, device, key, expires));
        if (random.nextInt(6) > 0) return;
        var cancel = platform.asAdmin("POST", "/api/v1/commands/" + id + "/cancel", "");
        if (cancel.status() == 200) cancelled.add(id);
        else assertThat(cancel.status()).as(cancel.body()).isEqualTo(409);
    }

    private static JsonNode show(PackagedPlatform platform, String id) {
        var answer = platform.asAdmin("/api/v1/commands/" + id);
        assertThat(answer.status()).as("command " + id + " is lost: " + answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static boolean isEnded(JsonNode command) {
        return Set.of("succeeded", "failed", "expired", "cancelled").contains(command.path("status").asText());
    }

    /// @return how it has ended
    private String judged(PackagedPlatform platform, Asked it) {
        var command = show(platform, it.id());
        var end = command.path("status").asText();
        var client = clients.stream().filter(one -> one.device.equals(it.device())).findFirst().orElseThrow();
        var done = client.done.get(it.id());
        var story = command.toString();
        for (var step : command.path("steps")) {
            if (step.path("state").asText().equals("delivered")) {
                assertThat(client.acknowledged).as(story).contains(it.id());
            }
        }
        if (cancelled.contains(it.id())) {
            assertThat(end).as(story).isEqualTo("cancelled");
            assertThat(done).as("a cancelled command was done: " + story).isNull();
        }
        if (done != null) {
            // The client's thread may come late; what it was sent in time it does.
            assertThat(done).as(story).isBefore(it.expires().plusMillis(500));
        }
        if (end.equals("succeeded") || end.equals("failed") && command.path("result").isObject()) {
            assertThat(end).as(story).isEqualTo(client.answers.get(it.id()).equals("success") ? "succeeded" : "failed");
        }
        if (done == null) assertThat(end).as(story).isIn("expired", "cancelled");
        return end;
    }

    private void keysMeanOneCommand(PackagedPlatform platform) {
        for (var it : asked.values().stream().limit(20).toList()) {
            var body = "{\"type\":\"do\",\"delivery\":{\"idempotency_key\":\"" + it.key() + "\"}}";
            var again = platform.asAdmin("POST", "/api/v1/devices/" + it.device().id() + "/commands", body);
            assertThat(again.json().path("command_id").asText()).isEqualTo(it.id());
        }
    }
}
