package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.publish;
import static io.iotflow.server.ingest.mqtt.RawMqtt.shortOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// More than the store can take: the log runs full.
class OverloadTest {
    /// Text makes the messages large and so fills the log soon.
    private static final String FILLER = IntStream.range(0, 20)
            .mapToObj(i -> "\"t" + i + "\":\"" + "x".repeat(1_000) + '"').collect(Collectors.joining(","));

    @Test
    void publishersArePausedAndNothingAcknowledgedIsLost() throws InterruptedException {
        try (var platform = TestPlatform.start("journal.segment_mib=2", "journal.budget_mib=6",
                "journal.buffer_mib=2", "bench.store=slow")) {
            var devices = new ArrayList<TestDevice>();
            for (int i = 0; i < 4; i++) devices.add(platform.device("loud-" + i));
            var quiet = platform.device("quiet");
            // Other tests of this JVM may have left something behind.
            var before = liveBytes();
            var live = 0L;
            var answeredMeanwhile = 0;
            try (var each = Executors.newVirtualThreadPerTaskExecutor();
                    var client = RawMqtt.connected(platform, quiet, V3);
                    var careless = RawMqtt.connected(platform, platform.device("careless"), V3)) {
                var floods = CompletableFuture.allOf(devices.stream()
                        .map(device -> CompletableFuture.runAsync(() -> flood(platform, device, 300), each))
                        .toArray(CompletableFuture[]::new));
                // Each look collects all garbage, which takes time from those who are looked at.
                var nextLook = System.nanoTime();
                while (!floods.isDone()) {
                    careless.send(publish(0, 0, "devices/careless/telemetry", "", "{\"n\":1," + FILLER + "}"));
                    client.send(publish(1, 1, quiet.topic("heartbeat"), "", ""));
                    assertThat(client.packet()).isEqualTo("40020001");
                    answeredMeanwhile++;
                    if (System.nanoTime() - nextLook < 0) continue;
                    live = Math.max(live, liveBytes());
                    nextLook = System.nanoTime() + Duration.ofSeconds(2).toNanos();
                }
                floods.join();
            }

            var metrics = platform.get("/api/v1/mqtt/monitoring/metrics");
            assertThat(platform.mqttFigure("messages_shed")).as("%s", metrics).isPositive();
            assertThat(answeredMeanwhile).isGreaterThan(3);
            assertThat(live - before).isLessThan(300L << 20);
            for (var device : devices) {
                TestPlatform.await("all of " + device.name(), Duration.ofSeconds(30),
                        () -> platform.stored(device, "n") == 300);
            }
        }
    }

    /// Without garbage, of which there may be any amount until it is collected.
    private static long liveBytes() {
        System.gc();
        var memory = Runtime.getRuntime();
        return memory.totalMemory() - memory.freeMemory();
    }

    /// All at once, as fast as the socket takes it; then waits for every acknowledgement.
    private static void flood(TestPlatform platform, TestDevice device, int count) {
        try (var client = RawMqtt.connected(platform, device, V3)) {
            var sender = Thread.ofVirtual().start(() -> {
                for (int id = 1; id <= count; id++) {
                    client.send(publish(1, id, device.topic("telemetry"), "",
                            "{\"ts\":" + (1_767_225_600_000L + id) + ",\"values\":{\"n\":" + id + ","
                                    + FILLER + "}}"));
                }
            });
            for (int id = 1; id <= count; id++) assertThat(client.packet()).isEqualTo("4002" + shortOf(id));
            sender.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
