package io.iotflow.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Flag;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.telemetry.AggregateQuery.Fill;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AggregateTest {
    private static final long NOON = micros("2026-03-01T12:00:00Z");
    private static final long MINUTE = 60_000_000;
    private static final long HOUR = 60 * MINUTE;

    private TelemetryStore store;
    private long devices;

    @BeforeAll
    void open(@TempDir Path folder) {
        store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system());
    }

    @AfterAll
    void close() {
        store.close();
    }

    @Test
    void computesEveryFunction() throws Exception {
        var device = device();
        for (var i = 1; i <= 5; i++) write(device, "m", NOON + i, new Whole(i));
        commit();
        check(device, "1h", Aggregate.AVG, new Real(3));
        check(device, "1h", Aggregate.MEAN, new Real(3));
        check(device, "1h", Aggregate.MIN, new Whole(1));
        check(device, "1h", Aggregate.MAX, new Whole(5));
        check(device, "1h", Aggregate.SUM, new Real(15));
        check(device, "1h", Aggregate.COUNT, new Whole(5));
        check(device, "1h", Aggregate.FIRST, new Whole(1));
        check(device, "1h", Aggregate.LAST, new Whole(5));
        check(device, "1h", Aggregate.STDDEV, new Real(Math.sqrt(2.5)));
        check(device, "1h", Aggregate.P50, new Real(3));
        check(device, "1h", Aggregate.P95, new Real(4.8));
        check(device, "1h", Aggregate.P99, new Real(4.96));
    }

    @Test
    void oneValueHasNoDeviationAndFlagsCountAsZeroAndOne() throws Exception {
        var device = device();
        write(device, "m", NOON, new Flag(true));
        write(device, "m", NOON + HOUR, new Flag(true));
        write(device, "m", NOON + HOUR + 1, new Flag(false));
        commit();
        var rows = ask(device, Set.of("m"), "1h", "Z", Fill.NONE, Aggregate.STDDEV, Aggregate.AVG, Aggregate.LAST);
        assertThat(rows.get(0).values().get("m")).containsExactly(null, new Real(1), new Flag(true));
        assertThat(rows.get(1).values().get("m")).containsExactly(
                new Real(Math.sqrt(0.5)), new Real(0.5), new Flag(false));
    }

    @Test
    void agreesWithASimpleComputationOverRandomData() throws Exception {
        var device = device();
        var random = new Random(1);
        var sums = new double[24];
        var counts = new long[24];
        for (var i = 0; i < 20_000; i++) {
            var at = i * 24 * HOUR / 20_000;
            var value = random.nextGaussian() * 1e6;
            write(device, "m", NOON + at, new Real(value));
            write(device, "noise", NOON + at, new Real(1e300));
            sums[(int) (at / HOUR)] += value;
            counts[(int) (at / HOUR)]++;
        }
        commit();
        var rows = ask(device, Set.of("m"), "1h", "Z", Fill.NONE, Aggregate.AVG, Aggregate.COUNT);
        assertThat(rows).hasSize(24);
        for (var i = 0; i < 24; i++) {
            var values = rows.get(i).values().get("m");
            assertThat(((Real) values.get(0)).number()).isCloseTo(sums[i] / counts[i],
                    offset(1e-6));
            assertThat(values.get(1)).isEqualTo(new Whole(counts[i]));
        }
    }

    @Test
    void fillsGapsAsAsked() throws Exception {
        var device = device();
        write(device, "m", NOON + HOUR, new Whole(10));
        write(device, "m", NOON + 4 * HOUR, new Whole(40));
        commit();
        assertThat(filled(device, Fill.NONE)).containsExactly(new Real(10), new Real(40));
        assertThat(filled(device, Fill.NULL)).containsExactly(null, new Real(10), null, null, new Real(40), null);
        assertThat(filled(device, Fill.PREVIOUS)).containsExactly(
                null, new Real(10), new Real(10), new Real(10), new Real(40), new Real(40));
        assertThat(filled(device, Fill.LINEAR)).containsExactly(
                null, new Real(10), new Real(20), new Real(30), new Real(40), null);
    }

    @Test
    void daysFollowTheZoneWhenClocksAreSet() throws Exception {
        var device = device();
        var start = micros("2026-03-28T23:00:00Z");
        for (var i = 0; i < 72; i++) write(device, "m", start + i * HOUR, new Whole(i));
        commit();
        var rows = ask(device, Set.of("m"), "1d", "Europe/Berlin", Fill.NONE, Aggregate.COUNT);
        assertThat(rows).extracting(row -> row.values().get("m").getFirst())
                .containsExactly(new Whole(23), new Whole(24), new Whole(24), new Whole(1));
    }

    @Test
    void textsAreCountedButNotAveraged() throws Exception {
        var device = device();
        write(device, "door", NOON, new Text("open"));
        write(device, "door", NOON + 1, new Text("shut"));
        write(device, "m", NOON + 1, new Real(1));
        commit();
        var rows = ask(device, Set.of("door", "m"), "1h", "Z", Fill.NONE,
                Aggregate.COUNT, Aggregate.FIRST, Aggregate.LAST);
        assertThat(rows).hasSize(1);
        assertThat(rows.getFirst().values().get("door")).containsExactly(
                new Whole(2), new Text("open"), new Text("shut"));
        assertThatThrownBy(() -> ask(device, Set.of("door"), "1h", "Z", Fill.NONE, Aggregate.AVG))
                .isInstanceOf(PlatformException.class).hasMessageContaining("door");
    }

    @Test
    void refusesMoreWindowsThanAnAnswerHolds() throws Exception {
        var device = device();
        write(device, "m", NOON, new Real(1));
        commit();
        assertThatThrownBy(() -> ask(device, Set.of("m"), "1s", "Z", Fill.NULL, Aggregate.AVG))
                .isInstanceOf(PlatformException.class).hasMessageContaining("window");
    }

    @Test
    void gathersAllDevicesInOddZones() throws Exception {
        var some = new ArrayList<DeviceId>();
        for (var i = 0; i < 500; i++) {
            var device = device();
            if (i % 250 == 7) some.add(device);
            for (var quarter = 0; quarter < 8; quarter++) {
                write(device, "fleet", NOON + quarter * 15 * MINUTE, new Real(quarter));
            }
        }
        commit();
        var window = Window.parse("1h", ZoneId.of("Asia/Kathmandu")).orElseThrow();
        var rows = store.fleet(new FleetQuery(Optional.empty(), "fleet", NOON, NOON + 2 * HOUR, window, true)).rows();
        assertThat(rows).containsExactly(
                new FleetRows.Row(NOON - 45 * MINUTE, 500, 0, 0, 0),
                new FleetRows.Row(NOON + 15 * MINUTE, 2_000, 5_000, 1, 4),
                new FleetRows.Row(NOON + 75 * MINUTE, 1_500, 9_000, 5, 7));
        assertThat(store.fleet(new FleetQuery(Optional.of(some), "fleet", NOON, NOON + 2 * HOUR, window, true)).rows())
                .containsExactly(
                        new FleetRows.Row(NOON - 45 * MINUTE, 2, 0, 0, 0),
                        new FleetRows.Row(NOON + 15 * MINUTE, 8, 20, 1, 4),
                        new FleetRows.Row(NOON + 75 * MINUTE, 6, 36, 5, 7));
        assertThat(store.fleet(new FleetQuery(Optional.of(List.of()), "fleet", NOON, NOON + 2 * HOUR, window, true))
                .rows()).isEmpty();
        assertThat(store.fleet(new FleetQuery(Optional.empty(), "' OR 1=1 --", 0, NOON, window, false)).rows())
                .isEmpty();
    }

    private List<Value> filled(DeviceId device, Fill fill) {
        var query = new AggregateQuery(device, new TreeSet<>(Set.of("m")), NOON, NOON + 6 * HOUR,
                Window.utc(1, Window.Unit.HOUR), List.of(Aggregate.AVG), fill);
        return store.aggregate(query, nothingSealed(query)).rows().stream()
                .map(row -> row.values().get("m").getFirst()).toList();
    }

    static Disclosure nothingSealed(AggregateQuery query) {
        return new Disclosure((_, _, _, _) -> Optional.empty(), query.device(), true);
    }

    private void check(DeviceId device, String window, Aggregate function, Value expected) {
        var rows = ask(device, Set.of("m"), window, "Z", Fill.NONE, function);
        assertThat(rows).hasSize(1);
        assertThat(rows.getFirst().values().get("m")).isEqualTo(Arrays.asList(expected));
    }

    private List<AggregateRows.Row> ask(DeviceId device, Set<String> metrics, String window, String zone, Fill fill,
            Aggregate... functions) {
        var query = new AggregateQuery(device, new TreeSet<>(metrics), 1, NOON + 31 * 24 * HOUR,
                Window.parse(window, ZoneId.of(zone)).orElseThrow(), List.of(functions), fill);
        return store.aggregate(query, nothingSealed(query)).rows();
    }

    private DeviceId device() {
        return new DeviceId(++devices);
    }

    private void write(DeviceId device, String metric, long time, Value value) {
        store.append(device, new Measurement(metric, time, value));
    }

    private void commit() throws InterruptedException {
        store.commit();
        assertThat(store.awaitApplied(Duration.ofSeconds(20))).isTrue();
    }

    private static long micros(String time) {
        return TimeSpan.micros(Instant.parse(time));
    }
}
