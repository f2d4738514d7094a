package io.iotflow.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.telemetry.RawQuery.Order;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureTest {
    private static final long DAY = 86_400_000_000L;
    private static final long MONDAY = 20_454 * DAY;
    private static final DeviceId DEVICE = new DeviceId(7);
    private static final DeviceId OTHER = new DeviceId(8);
    private static final double SECRET_NUMBER = 48.210033214159;
    private static final long SECRET_WHOLE = 7_301_118_220_190_333_557L;
    private static final String SECRET_TEXT = "the patient is called Zeynep Yılmaz";

    @TempDir
    private Path folder;

    @Test
    void leavesNoByteOfWhatWasErasedOnDisk() throws Exception {
        try (var store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system())) {
            for (var day = 0; day < 3; day++) {
                for (var i = 0; i < 500; i++) {
                    write(store, DEVICE, "pulse", MONDAY + day * DAY + i, new Real(60));
                    write(store, OTHER, "pulse", MONDAY + day * DAY + i, new Real(61));
                }
                write(store, DEVICE, "pulse", MONDAY + day * DAY + 600, new Real(SECRET_NUMBER));
                write(store, DEVICE, "count", MONDAY + day * DAY + 600, new Whole(SECRET_WHOLE));
                write(store, DEVICE, "note", MONDAY + day * DAY + 600, new Text(SECRET_TEXT));
                store.commit();
            }
            // Late data rewrites a partition and leaves an older copy of it behind.
            write(store, OTHER, "pulse", MONDAY + 100, new Real(62));
            store.commit();
            store.awaitApplied(Duration.ofSeconds(10));
            var secrets = List.of(bytes(SECRET_NUMBER), bytes((double) SECRET_WHOLE),
                    SECRET_TEXT.getBytes(StandardCharsets.UTF_8));
            for (var secret : secrets) assertThat(filesWith(secret)).isNotEmpty();

            store.erase(DEVICE, Set.of(), MONDAY + 600, MONDAY + 3 * DAY);

            assertThat(values(store, DEVICE, "pulse")).hasSize(500).containsOnly(new Real(60));
            assertThat(values(store, DEVICE, "note")).isEmpty();
            assertThat(values(store, OTHER, "pulse")).hasSize(1_500);
            assertThat(store.series().latest(DEVICE)).containsExactly(new Latest("pulse", MONDAY + 499, new Real(60)));
            for (var secret : secrets) assertGone(secret);
        }
    }

    @Test
    void takesTheSameMeasurementAgain() throws Exception {
        try (var store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system())) {
            write(store, DEVICE, "t", MONDAY, new Real(1));
            write(store, DEVICE, "note", MONDAY, new Text("one"));
            store.erase(DEVICE, Set.of(), 0, TelemetryStore.LATEST_MICROS);
            assertThat(store.series().latest(DEVICE)).isEmpty();
            write(store, DEVICE, "t", MONDAY, new Real(2));
            store.series().observe(DEVICE, new Measurement("t", MONDAY, new Real(2)));
            write(store, DEVICE, "note", MONDAY, new Text("two"));
            store.commit();
            store.awaitApplied(Duration.ofSeconds(10));
            assertThat(values(store, DEVICE, "t")).containsExactly(new Real(2));
            assertThat(values(store, DEVICE, "note")).containsExactly(new Text("two"));
            assertThat(store.series().latest(DEVICE)).containsExactly(new Latest("t", MONDAY, new Real(2)));
        }
    }

    @Test
    void erasesOnlyTheMetricsNamed() throws Exception {
        try (var store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system())) {
            for (var metric : List.of("a", "b")) write(store, DEVICE, metric, MONDAY, new Real(1));
            for (var metric : List.of("x", "y")) write(store, DEVICE, metric, MONDAY, new Text("one"));
            store.erase(DEVICE, Set.of("a", "x", "unknown' OR 1=1 --"), 0, TelemetryStore.LATEST_MICROS);
            var rows = store.raw(new RawQuery(DEVICE, Set.of(), 0, MONDAY + 1, Order.ASCENDING, 9)).rows();
            assertThat(rows).hasSize(1);
            assertThat(rows.getFirst().values()).containsOnlyKeys("b", "y");
        }
    }

    @Test
    void tellsWhoeverAppendedThatAFailedErasureTookItAlong() throws Exception {
        StuckSequence.prepare(folder);
        try (var store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system())) {
            write(store, DEVICE, "t", MONDAY, new Real(1));
            store.commit();
            write(store, DEVICE, "t", MONDAY + 1, new Real(2));
            var stuck = StuckSequence.block(folder);
            assertThatThrownBy(() -> store.erase(OTHER, Set.of(), 0, TelemetryStore.LATEST_MICROS)).isNotNull();
            stuck.release();
            assertThatThrownBy(store::commit).hasMessageContaining("erasure");
            write(store, DEVICE, "t", MONDAY + 1, new Real(2));
            store.commit();
            store.awaitApplied(Duration.ofSeconds(10));
            assertThat(values(store, DEVICE, "t")).containsExactly(new Real(1), new Real(2));
            assertThat(store.pointsWritten()).isEqualTo(2);
        }
    }

    @Test
    void countsWhatItCommitsForOthers() {
        try (var store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system())) {
            write(store, DEVICE, "t", MONDAY, new Real(1));
            store.erase(OTHER, Set.of(), 0, TelemetryStore.LATEST_MICROS);
            assertThat(store.pointsWritten()).isEqualTo(1);
            store.commit();
            assertThat(store.pointsWritten()).isEqualTo(1);
        }
    }

    @Test
    void dropsPartitionsBeyondTheRetention() throws Exception {
        var now = Instant.parse("2026-01-31T12:00:00Z");
        var usual = TelemetryConfig.USUAL;
        var config = new TelemetryConfig(Duration.ofDays(10), usual.partition(), usual.queryThreads(),
                usual.queryTimeout(), usual.nativeMemory(), usual.metricNames());
        try (var store = TelemetryStore.open(config, folder, InstantSource.fixed(now.minus(Duration.ofDays(20))))) {
            for (var day = 0; day < 30; day++) write(store, DEVICE, "t", MONDAY + day * DAY, new Whole(day));
            write(store, DEVICE, "old", MONDAY, new Whole(0));
            store.commit();
            store.awaitApplied(Duration.ofSeconds(10));
            assertThat(values(store, DEVICE, "t")).hasSize(30);
        }
        try (var store = TelemetryStore.open(config, folder, InstantSource.fixed(now))) {
            await(() -> values(store, DEVICE, "t").size() == 10);
            assertThat(values(store, DEVICE, "t").getFirst()).isEqualTo(new Whole(20));
            assertThat(store.series().latest(DEVICE)).extracting(Latest::metric).containsExactly("t");
        }
    }

    private void assertGone(byte[] secret) throws Exception {
        await(() -> filesWith(secret).isEmpty());
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException {
        var deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.holds() && System.nanoTime() < deadline) LockSupport.parkNanos(50_000_000);
        assertThat(condition.holds()).isTrue();
    }

    private List<Path> filesWith(byte[] secret) throws IOException {
        var found = new ArrayList<Path>();
        try (var files = Files.walk(folder)) {
            for (var file : files.toList()) {
                try {
                    if (Files.isRegularFile(file) && contains(Files.readAllBytes(file), secret)) found.add(file);
                } catch (NoSuchFileException e) {
                    // Removed meanwhile, as hoped.
                }
            }
        }
        return found;
    }

    private static boolean contains(byte[] content, byte[] secret) {
        for (var at = 0; at <= content.length - secret.length; at++) {
            var same = 0;
            while (same < secret.length && content[at + same] == secret[same]) same++;
            if (same == secret.length) return true;
        }
        return false;
    }

    private static byte[] bytes(double number) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(number).array();
    }

    private static void write(TelemetryStore store, DeviceId device, String metric, long time, Value value) {
        store.append(device, new Measurement(metric, time, value));
    }

    private static List<Value> values(TelemetryStore store, DeviceId device, String metric) {
        return store.raw(new RawQuery(device, Set.of(metric), 0, TelemetryStore.LATEST_MICROS, Order.ASCENDING, 5_000))
                .rows().stream().map(row -> row.values().get(metric)).toList();
    }
}
