package io.iotflow.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.iotflow.bench.load.NettySink.Manner;
import io.iotflow.bench.platform.Mosquitto;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final Duration SHORT = Duration.ofMillis(300);

    @Test
    void countsExactlyWhatTheOtherSideReceived() throws Exception {
        try (var sink = new NettySink(Manner.HONEST, "key")) {
            var result = run(sink, 20, new Schedule.Window(100), 2);
            assertThat(result.sent()).isPositive().isEqualTo(result.acknowledged()).isEqualTo(sink.received.sum());
            assertThat(result.measured()).isPositive().isLessThanOrEqualTo(result.acknowledged());
            assertThat(result.unexpected()).isZero();
            assertThat(result.broken()).isZero();
            for (var device : result.devices()) {
                assertThat(sink.kept(device.device().name())).isEqualTo(device.acknowledged());
            }
        }
    }

    @Test
    void sendsNothingTwiceAndEveryMessageHasATimeOfItsOwn() throws Exception {
        try (var sink = new NettySink(Manner.REMEMBERS, "")) {
            var result = run(sink, 3, new Schedule.Rate(20_000, 3, 64), 1);
            assertThat(sink.payloads).hasSize((int) result.sent());
            assertThat(new HashSet<>(sink.payloads)).hasSameSizeAs(sink.payloads);
        }
    }

    @Test
    void neverHasMoreInFlightThanItsWindow() throws Exception {
        for (int window : new int[] {1, 5, 100, 128}) {
            try (var sink = new NettySink(Manner.SILENT, "")) {
                var plan = plan(sink.address(), 1, window);
                try (var load = Load.connect(plan, SinkThroughput.devices(4), 1, InstantSource.system())) {
                    var run = Thread.startVirtualThread(() -> {
                        try {
                            load.run(new Schedule.Window(window), Duration.ZERO, SHORT);
                        } catch (Exception e) {
                            // Closed below before it has drained: that is the end of this test.
                            Thread.currentThread().interrupt();
                        }
                    });
                    assertThat(run.join(SHORT.plusMillis(100))).isFalse();
                    assertThat(sink.received.sum()).isEqualTo(4L * window);
                }
            }
        }
    }

    @Test
    void keepsItsRateAndCatchesUpWhatIsOverdue() throws Exception {
        try (var sink = new NettySink(Manner.HONEST, "")) {
            var schedule = new Schedule.Rate(5_000, 50, 16);
            var result = run(sink, 50, schedule, 1);
            long due = 0;
            long end = SHORT.plus(SHORT).toNanos();
            for (int i = 0; i < 50; i++) due += schedule.due(i, end);
            assertThat(result.sent()).isEqualTo(due).isEqualTo(sink.received.sum());
            assertThat(result.lateness().getTotalCount()).isBetween(1_400L, 1_600L);
        }
    }

    @Test
    void aStallIsSeenByEveryMessageItDelayed() throws Exception {
        try (var sink = new NettySink(Manner.STALLS, "")) {
            // 2,000 a second for 600 ms: the stall begins after 250 ms, and 500 messages fall due while it lasts.
            var plan = plan(sink.address(), 1, 128);
            try (var load = Load.connect(plan, SinkThroughput.devices(10), 1, InstantSource.system())) {
                var result = load.run(new Schedule.Rate(2_000, 10, 128), Duration.ZERO, SHORT.plus(SHORT));
                long stall = NettySink.STALL.toNanos();
                assertThat(result.latency().getMaxValue()).isGreaterThan(stall * 9 / 10);
                assertThat(result.latency().getCountBetweenValues(stall / 2, Schedule.NANOS)).isGreaterThan(200);
                assertThat(result.acknowledged()).isEqualTo(result.sent()).isGreaterThanOrEqualTo(1_200);
            }
        }
    }

    @Test
    void noticesAcknowledgementsOfNothing() throws Exception {
        try (var sink = new NettySink(Manner.STUTTERS, "")) {
            var result = run(sink, 2, new Schedule.Window(1), 1);
            assertThat(result.acknowledged()).isEqualTo(result.sent()).isEqualTo(sink.received.sum());
            assertThat(result.unexpected()).isPositive();
        }
    }

    @Test
    void aBrokenConnectionStaysBrokenAndItsMessagesUnacknowledged() throws Exception {
        try (var sink = new NettySink(Manner.HANGS_UP, "")) {
            var result = run(sink, 3, new Schedule.Window(10), 1);
            assertThat(result.broken()).isEqualTo(3);
            assertThat(result.failures().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(3);
            assertThat(result.devices()).allSatisfy(device -> {
                assertThat(device.acknowledged()).isLessThanOrEqualTo(999);
                assertThat(device.sent()).isBetween(1_000L, 1_010L);
            });
        }
    }

    @Test
    void saysWhyItWasNotLetIn() throws Exception {
        try (var sink = new NettySink(Manner.HONEST, "another")) {
            var result = run(sink, 2, new Schedule.Window(1), 1);
            assertThat(result.failures()).containsOnlyKeys("CONNACK return code 5").containsValue(2L);
            assertThat(result.sent()).isZero();
        }
    }

    @Test
    void qosZeroIsCountedWhenWritten() throws Exception {
        try (var sink = new NettySink(Manner.HONEST, "")) {
            var plan = LoadPlan.mqtt(sink.address(), Device::name, 0, new Payload(3), 1);
            LoadResult result;
            try (var load = Load.connect(plan, SinkThroughput.devices(5), 1, InstantSource.system())) {
                result = load.run(new Schedule.Window(1), SHORT, SHORT);
            }
            assertThat(result.measured()).isPositive();
            assertThat(result.acknowledged()).isZero();
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (sink.received.sum() < result.sent() && System.nanoTime() < end) Thread.onSpinWait();
            assertThat(sink.received.sum()).isEqualTo(result.sent());
        }
    }

    @Test
    void loadsARealBrokerAndItsSubscriberMissesNothing() throws Exception {
        var program = Mosquitto.find();
        assumeTrue(program.isPresent(), "mosquitto is not installed");
        try (var broker = Mosquitto.start(program.get());
             var subscriber = Load.connect(LoadPlan.mqttSubscribers(broker.address(), "devices/+/telemetry"),
                     List.of(new Device("0", "counter", "")), 1, InstantSource.system());
             var load = Load.connect(plan(broker.address(), 1, 10), SinkThroughput.devices(10), 1,
                     InstantSource.system())) {
            var result = load.run(new Schedule.Rate(2_000, 10, 10), SHORT, SHORT);
            assertThat(result.acknowledged()).isPositive().isEqualTo(result.sent());
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (subscriber.deliveries() < result.sent() && System.nanoTime() < end) Thread.onSpinWait();
            assertThat(subscriber.deliveries()).isEqualTo(result.sent());
        }
    }

    private static LoadPlan plan(InetSocketAddress address, int qos, int window) {
        return LoadPlan.mqtt(address, device -> "devices/" + device.name() + "/telemetry", qos, new Payload(3), window);
    }

    private static LoadResult run(NettySink sink, int connections, Schedule schedule, int threads) throws Exception {
        try (var load = Load.connect(plan(sink.address(), 1, schedule.inFlight()), SinkThroughput.devices(connections),
                threads, InstantSource.system())) {
            return load.run(schedule, SHORT, SHORT);
        }
    }
}
