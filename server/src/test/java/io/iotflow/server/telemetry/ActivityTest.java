package io.iotflow.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Text;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.telemetry.FleetActivity.Count;
import io.iotflow.server.telemetry.FleetActivity.Reporter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActivityTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    private Path folder;
    private TelemetryStore store;

    @BeforeEach
    void open() {
        store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void countsNumbersAndTextsOfAllDevices() throws Exception {
        write(7, "t", NOON, new Real(1));
        write(7, "u", NOON, new Real(2));
        write(7, "t", NOON.plusSeconds(59), new Real(3));
        write(8, "note", NOON.plusSeconds(61), new Text("a"));
        write(8, "t", NOON.plusSeconds(3_600), new Real(4)); // the end is not within
        write(9, "t", NOON.minusSeconds(1), new Real(5));
        commit();
        var activity = store.activity(Optional.empty(), NOON, NOON.plusSeconds(3_600));
        assertThat(activity).isEqualTo(new FleetActivity(4, "1m", List.of(new Count(NOON, 3),
                new Count(NOON.plusSeconds(60), 1)), 2, List.of(new Reporter(new DeviceId(7), 3),
                new Reporter(new DeviceId(8), 1))));
        assertThat(store.activity(Optional.empty(), NOON.minus(Duration.ofDays(30)),
                NOON.plus(Duration.ofDays(30))).window())
                .isEqualTo("6h");
    }

    @Test
    void namesTheTenBusiestAndForgetsWhatWasErased() throws Exception {
        for (var device = 1; device <= 12; device++) {
            for (var n = 0; n < device; n++) write(device, "t", NOON.plusSeconds(n), new Real(n));
        }
        commit();
        store.erase(new DeviceId(12), Set.of(), 0, TelemetryStore.LATEST_MICROS);
        var activity = store.activity(Optional.empty(), NOON, NOON.plusSeconds(60));
        assertThat(activity.points()).isEqualTo(66);
        assertThat(activity.devices()).isEqualTo(11);
        assertThat(activity.busiest()).extracting(it -> it.device().value())
                .containsExactly(11L, 10L, 9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L);
    }

    @Test
    void refusesATimeThatEndsBeforeItBegins() {
        assertThatThrownBy(() -> store.activity(Optional.empty(), NOON, NOON)).isInstanceOf(PlatformException.class);
        assertThat(store.activity(Optional.empty(), Instant.MIN, NOON).points()).isZero();
    }

    @Test
    void aMillionMeasurementsOfADayAreCountedQuickly() throws Exception {
        for (var n = 0; n < 1_000_000; n++) {
            write(1 + n % 1_000, "t", NOON.plusMillis(86L * n), new Real(n));
        }
        commit();
        var began = System.nanoTime();
        var activity = store.activity(Optional.empty(), NOON, NOON.plus(Duration.ofHours(24)));
        var took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(activity.points()).isEqualTo(1_000_000);
        assertThat(activity.devices()).isEqualTo(1_000);
        assertThat(activity.windows()).hasSizeBetween(287, 289);
        assertThat(took).isLessThan(Duration.ofSeconds(5));
    }

    private void commit() throws InterruptedException {
        store.commit();
        assertThat(store.awaitApplied(Duration.ofSeconds(60))).isTrue();
    }

    private void write(long device, String metric, Instant time, Value value) {
        store.append(new DeviceId(device), new Measurement(metric, TimeSpan.micros(time), value));
    }
}
