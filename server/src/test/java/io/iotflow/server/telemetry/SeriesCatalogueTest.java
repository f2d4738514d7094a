package io.iotflow.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Flag;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Type;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.telemetry.SeriesVerdict.Accepted;
import io.iotflow.server.telemetry.SeriesVerdict.TooManySeries;
import io.iotflow.server.telemetry.SeriesVerdict.TypeConflict;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class SeriesCatalogueTest {
    private static final DeviceId DEVICE = new DeviceId(7);
    private final SeriesCatalogue catalogue = new SeriesCatalogue(_ -> List.of(), 5_000);

    @Test
    void keepsTheTypeThatCameFirst() {
        assertThat(catalogue.check(DEVICE, "t", Type.NUMBER)).isInstanceOf(Accepted.class);
        assertThat(catalogue.check(DEVICE, "t", Type.NUMBER)).isInstanceOf(Accepted.class);
        assertThat(catalogue.check(DEVICE, "t", Type.TEXT)).isEqualTo(new TypeConflict(Type.NUMBER));
        assertThat(catalogue.check(new DeviceId(8), "t", Type.TEXT)).isInstanceOf(Accepted.class);
        assertThat(catalogue.series(DEVICE)).containsExactly(new Series("t", Type.NUMBER));
    }

    @Test
    void boundsTheMetricsOfADeviceAndTheNamesOfAll() {
        for (var i = 0; i < Limits.SERIES_PER_DEVICE; i++) {
            assertThat(catalogue.check(DEVICE, "m" + i, Type.NUMBER)).isInstanceOf(Accepted.class);
        }
        assertThat(catalogue.check(DEVICE, "one.more", Type.NUMBER))
                .isEqualTo(new TooManySeries(Limits.SERIES_PER_DEVICE));
        assertThat(catalogue.check(DEVICE, "m77", Type.NUMBER)).isInstanceOf(Accepted.class);
        assertThat(catalogue.series(DEVICE)).hasSize(Limits.SERIES_PER_DEVICE);
        var small = new SeriesCatalogue(_ -> List.of(), 2);
        small.check(DEVICE, "a", Type.NUMBER);
        small.check(DEVICE, "b", Type.NUMBER);
        assertThat(small.check(DEVICE, "c", Type.NUMBER)).isEqualTo(new TooManySeries(2));
        assertThat(small.check(new DeviceId(8), "a", Type.NUMBER)).isInstanceOf(Accepted.class);
    }

    @Test
    void latestIsByTimeOfMeasurement() {
        observe("t", 10, new Real(1));
        observe("t", 5, new Real(2));
        assertThat(catalogue.latest(DEVICE)).containsExactly(new Latest("t", 10, new Real(1)));
        observe("t", 10, new Whole(3));
        assertThat(catalogue.latest(DEVICE)).containsExactly(new Latest("t", 10, new Whole(3)));
        observe("t", 11, new Real(4.0));
        observe("on", 1, new Flag(true));
        observe("note", 1, new Text("x"));
        assertThat(catalogue.latest(DEVICE)).containsExactly(new Latest("note", 1, new Text("x")),
                new Latest("on", 1, new Flag(true)), new Latest("t", 11, new Real(4.0)));
    }

    @Test
    void storedValuesFillInWithoutReplacingNewerOnes() {
        var stored = List.of(new Latest("a", 10, new Real(1)), new Latest("b", 10, new Real(2)),
                new Latest("c", 10, new Real(3)));
        var restarted = new SeriesCatalogue(_ -> stored, 100);
        for (var it : stored) restarted.load(DEVICE, it.metric(), DeviceSeries.code(Type.NUMBER, DeviceSeries.CLEAR));
        restarted.observe(DEVICE, new Measurement("a", 9, new Real(9)));
        restarted.observe(DEVICE, new Measurement("b", 10, new Real(9)));
        restarted.observe(DEVICE, new Measurement("c", 11, new Real(9)));
        assertThat(restarted.latest(DEVICE)).containsExactly(new Latest("a", 10, new Real(1)),
                new Latest("b", 10, new Real(9)), new Latest("c", 11, new Real(9)));
    }

    @Test
    void oneTypeWinsWhenManyThreadsClaimAMetricAtOnce() throws Exception {
        for (var round = 0; round < 200; round++) {
            var device = new DeviceId(round + 1);
            var start = new CountDownLatch(1);
            var accepted = ConcurrentHashMap.<Type>newKeySet();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (var type : Type.values()) {
                    threads.submit(() -> {
                        start.await();
                        for (var i = 0; i < 20; i++) catalogue.check(device, "other" + i, Type.NUMBER);
                        if (catalogue.check(device, "t", type) instanceof Accepted) accepted.add(type);
                        return null;
                    });
                }
                start.countDown();
            }
            assertThat(accepted).hasSize(1);
            assertThat(catalogue.series(device)).hasSize(21);
        }
    }

    private void observe(String metric, long time, Value value) {
        catalogue.observe(DEVICE, new Measurement(metric, time, value));
    }
}
