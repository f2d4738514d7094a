package io.iotflow.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Flag;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.telemetry.RawQuery.Order;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TelemetryStoreTest {
    private static final long NOON = micros("2026-03-01T12:00:00Z");
    private static final DeviceId DEVICE = new DeviceId(7);
    private static final DeviceId OTHER = new DeviceId(8);

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
    void givesBackEveryKindOfValueAsItWasSent() throws Exception {
        var sent = List.of(new Whole(5), new Real(5.0), new Real(-0.0), new Real(Double.MIN_VALUE), new Whole(0),
                new Whole(-1), new Whole(Long.MAX_VALUE), new Whole(Long.MIN_VALUE), new Whole((1L << 53) + 1),
                new Whole(-(1L << 62) - 257), new Flag(true), new Flag(false));
        for (var i = 0; i < sent.size(); i++) write(DEVICE, "m" + i, NOON + i, sent.get(i));
        write(DEVICE, "state", NOON, new Text("açık 🔓"));
        write(DEVICE, "empty", NOON, new Text(""));
        commit();
        for (var i = 0; i < sent.size(); i++) assertThat(values(DEVICE, "m" + i)).containsExactly(sent.get(i));
        assertThat(values(DEVICE, "state")).containsExactly(new Text("açık 🔓"));
        assertThat(values(DEVICE, "empty")).containsExactly(new Text(""));
    }

    @Test
    void showsRowsUntilTheLimitOrUntilTheTakerHasEnough() throws Exception {
        for (var i = 0; i < 5; i++) write(DEVICE, "t", NOON + i, new Whole(i));
        commit();
        var seen = new ArrayList<Long>();
        var query = all(DEVICE, Order.ASCENDING, 3);
        var last = store.show(query, row -> seen.add(row.timeMicros()));
        assertThat(last).hasValue(NOON + 2);
        assertThat(store.show(query.after(last.getAsLong()), row -> seen.add(row.timeMicros()))).isEmpty();
        assertThat(seen).containsExactly(NOON, NOON + 1, NOON + 2, NOON + 3, NOON + 4);
        seen.clear();
        assertThat(store.show(query, row -> {
            seen.add(row.timeMicros());
            return false;
        })).isEmpty();
        assertThat(seen).containsExactly(NOON);
        assertThat(store.show(all(OTHER, Order.ASCENDING, 3), _ -> true)).isEmpty();
    }

    @Test
    void saysForHowLongACommitHasWaitedToBeSeen() throws Exception {
        assertThat(store.unseenFor()).isZero();
        // Backwards, so that applying takes its time.
        for (var i = 100_000; i > 0; i--) write(DEVICE, "t", NOON + i, new Whole(i));
        store.commit();
        assertThat(store.unseenFor()).isPositive();
        assertThat(store.awaitApplied(Duration.ofSeconds(20))).isTrue();
        assertThat(store.unseenFor()).isZero();
    }

    @Test
    void putsValuesOfOneTimeIntoOneRow() throws Exception {
        write(DEVICE, "temperature", NOON, new Real(21.5));
        write(DEVICE, "door", NOON, new Text("open"));
        write(DEVICE, "humidity", NOON + 1, new Whole(60));
        write(OTHER, "temperature", NOON, new Real(99));
        commit();
        var rows = store.raw(all(DEVICE, Order.ASCENDING, 10)).rows();
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).values()).containsOnlyKeys("door", "temperature");
        assertThat(rows.get(1).values()).containsOnlyKeys("humidity");
    }

    @Test
    void keepsOneValueForEachTimeHoweverOftenItIsWritten() throws Exception {
        write(DEVICE, "t", NOON, new Real(1));
        write(DEVICE, "t", NOON, new Real(2));
        commit();
        write(DEVICE, "t", NOON, new Real(3));
        commit();
        assertThat(values(DEVICE, "t")).containsExactly(new Real(3));
    }

    @Test
    void takesLateDataInOrder() throws Exception {
        write(DEVICE, "t", NOON, new Real(2));
        commit();
        write(DEVICE, "t", NOON - 40L * 86_400_000_000L, new Real(1));
        write(DEVICE, "t", NOON + 1, new Real(3));
        commit();
        assertThat(values(DEVICE, "t")).containsExactly(new Real(1), new Real(2), new Real(3));
        assertThat(store.raw(new RawQuery(DEVICE, Set.of("t"), 0, NOON + 9, Order.DESCENDING, 2)).rows())
                .extracting(RawRows.Row::timeMicros).containsExactly(NOON + 1, NOON);
    }

    @Test
    void takesTheFirstAndTheLastTimeThereIs() throws Exception {
        write(DEVICE, "t", TelemetryStore.EARLIEST_MICROS, new Real(1));
        write(DEVICE, "t", TelemetryStore.LATEST_MICROS - 1, new Real(2));
        commit();
        assertThat(values(DEVICE, "t")).containsExactly(new Real(1), new Real(2));
    }

    @Test
    void pagesMeetExactlyWithSeveralMetricsAtOneTime() throws Exception {
        for (var i = 0; i < 25; i++) {
            write(DEVICE, "a", NOON + i / 2, new Whole(i));
            if (i % 3 == 0) write(DEVICE, "b", NOON + i / 2, new Text("b" + i));
            write(DEVICE, "c", NOON + i, new Flag(true));
        }
        commit();
        for (var order : Order.values()) {
            var whole = store.raw(all(DEVICE, order, 1_000));
            assertThat(whole.more()).isFalse();
            for (var limit = 1; limit <= 26; limit++) {
                var query = all(DEVICE, order, limit);
                var collected = new ArrayList<RawRows.Row>();
                for (var page = store.raw(query); ; page = store.raw(query)) {
                    collected.addAll(page.rows());
                    if (!page.more()) break;
                    assertThat(page.rows()).hasSize(limit);
                    query = query.after(page.rows().getLast().timeMicros());
                }
                assertThat(collected).isEqualTo(whole.rows());
            }
        }
    }

    @Test
    void isThereAfterBeingClosedAndOpenedAgain() throws Exception {
        write(DEVICE, "t", NOON, new Real(1));
        write(DEVICE, "door", NOON, new Text("shut"));
        store.commit();
        close();
        open();
        assertThat(store.series().series(DEVICE)).containsExactly(
                new Series("door", Value.Type.TEXT), new Series("t", Value.Type.NUMBER));
        assertThat(values(DEVICE, "t")).containsExactly(new Real(1));
        assertThat(store.series().latest(DEVICE)).containsExactly(
                new Latest("door", NOON, new Text("shut")), new Latest("t", NOON, new Real(1)));
    }

    @Test
    void forgetsWhatWasNotCommitted() throws Exception {
        write(DEVICE, "t", NOON, new Real(1));
        close();
        open();
        assertThat(store.series().series(DEVICE)).isEmpty();
        assertThat(store.raw(all(DEVICE, Order.ASCENDING, 10)).rows()).isEmpty();
    }

    @Test
    void showsASmallCommitAtOnce() throws Exception {
        for (var i = 0; i < 50; i++) {
            write(DEVICE, "t", NOON + i, new Real(i));
            store.commit();
            assertThat(store.awaitApplied(Duration.ofSeconds(5))).isTrue();
            assertThat(values(DEVICE, "t")).hasSize(i + 1);
        }
    }

    @Test
    void startsAgainFromTheLastCommitAfterAFailure() throws Exception {
        write(DEVICE, "kept", NOON, new Real(1));
        store.commit();
        write(DEVICE, "t", NOON, new Real(2));
        write(DEVICE, "door", NOON, new Text("open"));
        assertThatThrownBy(() -> write(DEVICE, "t", -1, new Real(3))).isInstanceOf(IllegalArgumentException.class);
        commit();
        assertThat(values(DEVICE, "kept")).hasSize(1);
        assertThat(values(DEVICE, "t")).isEmpty();
        write(DEVICE, "t", NOON, new Real(2));
        write(DEVICE, "door", NOON, new Text("open"));
        commit();
        assertThat(values(DEVICE, "t")).containsExactly(new Real(2));
        close();
        open();
        assertThat(store.series().series(DEVICE)).extracting(Series::metric).containsExactly("door", "kept", "t");
    }

    @Test
    void keepsTenThousandDevicesApart() throws Exception {
        for (var hour = 0; hour < 3; hour++) {
            for (var id = 1; id <= 10_000; id++) {
                write(new DeviceId(id), "t", NOON + hour * 3_600_000_000L, new Whole(id * 10L + hour));
            }
            store.commit();
        }
        assertThat(store.awaitApplied(Duration.ofSeconds(30))).isTrue();
        assertThat(store.pointsStored()).isEqualTo(30_000);
        close();
        open();
        assertThat(store.series().deviceCount()).isEqualTo(10_000);
        for (var id = 1; id <= 10_000; id += 997) {
            assertThat(values(new DeviceId(id), "t")).containsExactly(
                    new Whole(id * 10L), new Whole(id * 10L + 1), new Whole(id * 10L + 2));
            assertThat(store.series().latest(new DeviceId(id))).containsExactly(
                    new Latest("t", NOON + 7_200_000_000L, new Whole(id * 10L + 2)));
        }
    }

    @Test
    void answersManyVirtualThreadsAtOnceWhileItIsWrittenTo() throws Exception {
        for (var i = 0; i < 1_000; i++) write(DEVICE, "t", NOON + i, new Real(i));
        commit();
        var answers = new ArrayList<Future<Integer>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < 200; i++) answers.add(threads.submit(() -> values(DEVICE, "t").size()));
            for (var i = 0; i < 20; i++) {
                write(OTHER, "t", NOON + i, new Real(i));
                store.commit();
            }
        }
        for (var answer : answers) assertThat(answer.get()).isEqualTo(1_000);
    }

    @Test
    void givesUpAQuestionThatTakesTooLong() throws Exception {
        for (var i = 0; i < 400_000; i++) write(DEVICE, "t", NOON + i, new Real(i));
        commit();
        close();
        var usual = TelemetryConfig.USUAL;
        var hasty = new TelemetryConfig(usual.retention(), usual.partition(), 1, Duration.ofMillis(1),
                usual.nativeMemory(), usual.metricNames());
        var query = new AggregateQuery(DEVICE, new TreeSet<>(Set.of("t")), NOON, NOON + 1_000_000,
                Window.utc(1, Window.Unit.SECOND), List.of(Aggregate.P50), AggregateQuery.Fill.NONE);
        try (var impatient = TelemetryStore.open(hasty, folder, InstantSource.system())) {
            for (var i = 0; i < 5; i++) {
                assertThatThrownBy(() -> impatient.aggregate(query, AggregateTest.nothingSealed(query)))
                        .isInstanceOf(PlatformException.class)
                        .hasMessageContaining("longer");
            }
        }
        open();
        assertThat(store.aggregate(query, AggregateTest.nothingSealed(query)).rows()).hasSize(1);
    }

    private void write(DeviceId device, String metric, long time, Value value) {
        store.append(device, new Measurement(metric, time, value));
    }

    private void commit() throws InterruptedException {
        store.commit();
        assertThat(store.awaitApplied(Duration.ofSeconds(10))).isTrue();
    }

    private List<Value> values(DeviceId device, String metric) {
        return store.raw(new RawQuery(device, Set.of(metric), 0, TelemetryStore.LATEST_MICROS, Order.ASCENDING, 1_000))
                .rows().stream().map(row -> row.values().get(metric)).toList();
    }

    private static RawQuery all(DeviceId device, Order order, int limit) {
        return new RawQuery(device, Set.of(), 0, TelemetryStore.LATEST_MICROS, order, limit);
    }

    private static long micros(String time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time));
    }
}
