package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whenever the platform was killed, each shadow has all that was acknowledged, once: what devices report over MQTT and
/// HTTP, and what people desire. `-Diotflow.soak=true` kills it more often.
class ShadowCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("iotflow.soak") ? 20 : 2;
    private static final Random RANDOM = new Random(Long.getLong("iotflow.seed", 20_260_101));

    @TempDir
    Path folder;

    /// One device that counts, and how far it was told that its counting is kept.
    private static final class Counter {
        private final PackagedPlatform.Device device;
        private final boolean speaksMqtt;
        private final AtomicLong sent = new AtomicLong();
        private final AtomicLong acknowledged = new AtomicLong();
        private final AtomicLong wished = new AtomicLong();
        private final AtomicLong kept = new AtomicLong();

        Counter(PackagedPlatform.Device device, boolean speaksMqtt) {
            this.device = device;
            this.speaksMqtt = speaksMqtt;
        }

        void report(PackagedPlatform platform) {
            if (speaksMqtt) reportOverMqtt(platform);
            else reportOverHttp(platform);
        }

        private void reportOverHttp(PackagedPlatform platform) {
            try {
                while (true) {
                    var answer = platform.as(device, "PATCH", "/api/v1/devices/shadow", next());
                    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
                    acknowledged.set(sent.get());
                }
            } catch (UncheckedIOException | AssertionError _) {
                // Killed. Whether the last one was kept, the shadow will tell.
            }
        }

        private void reportOverMqtt(PackagedPlatform platform) {
            Mqtt3BlockingClient client = Mqtt3Client.builder().serverHost("127.0.0.1")
                    .serverPort(platform.mqttPort()).simpleAuth().username(device.name())
                    .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().buildBlocking();
            try {
                client.connect();
                while (true) {
                    client.publishWith().topic("devices/" + device.name() + "/shadow/update")
                            .qos(MqttQos.AT_LEAST_ONCE).payload(next().getBytes(StandardCharsets.UTF_8)).send();
                    acknowledged.set(sent.get());
                }
            } catch (RuntimeException _) {
                // Killed, likewise.
            }
        }

        private String next() {
            return "{\"reported\":{\"n\":" + sent.incrementAndGet() + "}}";
        }

        void wish(PackagedPlatform platform) {
            try {
                while (true) {
                    var answer = platform.asAdmin("PATCH", "/api/v1/devices/" + device.id() + "/shadow",
                            "{\"desired\":{\"n\":" + wished.incrementAndGet() + "}}");
                    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
                    kept.set(wished.get());
                    LockSupport.parkNanos(5_000_000);
                }
            } catch (UncheckedIOException | AssertionError _) {
                // Killed, likewise.
            }
        }

        void check(PackagedPlatform platform) {
            var seen = platform.asAdmin("/api/v1/devices/" + device.id() + "/shadow").json();
            assertThat(seen.at("/reported/n").asLong()).as(device.name() + " reported: " + seen)
                    .isBetween(acknowledged.get(), sent.get());
            assertThat(seen.at("/desired/n").asLong()).as(device.name() + " desired: " + seen)
                    .isBetween(kept.get(), wished.get());
            var reports = seen.path("reported_version").asLong();
            assertThat(seen.path("version").asLong() - reports).isEqualTo(seen.path("desired_version").asLong());
            // Each that was lost on its way to a platform that was killed is one that was sent and not counted.
            assertThat(reports).as(device.name() + " counted: " + seen).isBetween(
                    seen.at("/reported/n").asLong() - ROUNDS, sent.get());
        }
    }

    @Test
    void whatWasAcknowledgedIsInTheShadowWheneverItWasKilled() throws Exception {
        var data = folder.resolve("data");
        var platform = PackagedPlatform.start(data);
        try {
            var counters = new ArrayList<Counter>();
            for (var n = 0; n < 4; n++) counters.add(new Counter(platform.register("counter-" + n), n % 2 == 0));
            for (var round = 1; round <= ROUNDS; round++) {
                countUntilKilled(platform, counters);
                platform = PackagedPlatform.start(data);
                var running = platform;
                Await.until("what was committed to be read again", Duration.ofSeconds(30), () -> counters.stream()
                        .allMatch(it -> running.asAdmin("/api/v1/devices/" + it.device.id() + "/shadow").json()
                                .at("/reported/n").asLong() >= it.acknowledged.get()));
                counters.forEach(it -> it.check(running));
            }
            assertThat(counters.stream().mapToLong(it -> it.acknowledged.get()).sum()).isGreaterThan(200);
            assertThat(platform.terminate()).isIn(0, 143);
        } finally {
            platform.close();
        }
    }

    private static void countUntilKilled(PackagedPlatform platform, List<Counter> counters) throws Exception {
        var before = counters.stream().mapToLong(it -> it.acknowledged.get()).sum();
        var threads = new ArrayList<Thread>();
        for (var counter : counters) {
            threads.add(Thread.startVirtualThread(() -> counter.report(platform)));
            threads.add(Thread.startVirtualThread(() -> counter.wish(platform)));
        }
        Await.until("reports flow", Duration.ofSeconds(30),
                () -> counters.stream().mapToLong(it -> it.acknowledged.get()).sum() > before + 200);
        LockSupport.parkNanos(Duration.ofMillis(RANDOM.nextInt(20, 1_500)).toNanos());
        var tree = platform.processTree();
        platform.kill9();
        for (var thread : threads) assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        Await.until("no process is left", Duration.ofSeconds(30),
                () -> tree.stream().noneMatch(ProcessHandle::isAlive));
    }
}
