package io.iotflow.server.telemetry;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Real;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.telemetry.RawQuery.Order;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Not a test: measures the store by itself. Arguments: a folder and millions of points (20 by default); a folder that
/// already holds data is only queried. Or `catalogue`, which measures that.
final class TelemetryBench {
    private static final long DAY = 86_400_000_000L;
    private static final long START = 20_454 * DAY;
    private static final int DEVICES = 10_000;
    private static final String[] METRICS = {"temperature", "humidity"};
    private static final DeviceId BUSY = new DeviceId(DEVICES + 1);
    private static final int BUSY_POINTS = 1_000_000;
    private static final int COMMIT_POINTS = 200_000;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("catalogue")) {
            catalogue();
            return;
        }
        var folder = Path.of(arguments[0]);
        var ticks = Integer.parseInt(arguments.length > 1 ? arguments[1] : "20") * 1_000_000
                / DEVICES / METRICS.length;
        var fresh = !Files.exists(folder);
        var opened = System.nanoTime();
        try (var store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system())) {
            say("open %.0f ms, native %d MiB, resident %d MiB", millis(opened), store.nativeMemory() >> 20,
                    resident("VmRSS"));
            if (fresh) load(store, ticks);
            query(store);
            say("native %d MiB, resident %d MiB, of which files %d MiB", store.nativeMemory() >> 20, resident("VmRSS"),
                    resident("RssFile"));
        }
    }

    /// 50,000 devices with 20 metrics each: what they cost in memory and what a look costs.
    private static void catalogue() {
        var catalogue = new SeriesCatalogue(_ -> List.of(), 1_000);
        var metrics = new String[20];
        Arrays.setAll(metrics, i -> "a.metric.name." + i);
        var ids = new DeviceId[50_000];
        Arrays.setAll(ids, i -> new DeviceId(i + 1));
        System.gc();
        var before = heap();
        for (var device : ids) {
            for (var metric : metrics) catalogue.observe(device, new Measurement(metric, START, new Real(1)));
        }
        System.gc();
        say("catalogue: %d bytes a series", (heap() - before) / ids.length / metrics.length);
        for (var round = 0; round < 6; round++) {
            var accepted = 0;
            var near = round % 2 == 0;
            var start = THREADS.getCurrentThreadCpuTime();
            for (var i = 0; i < 5_000_000; i++) {
                var device = ids[(int) ((near ? i / 60 : i * 7_919L) % ids.length)];
                if (catalogue.check(device, new String(metrics[i % 20]), Value.Type.NUMBER)
                        instanceof SeriesVerdict.Accepted) {
                    accepted++;
                }
            }
            say("check: %d ns of processor, devices %s (%d)", (THREADS.getCurrentThreadCpuTime() - start) / 5_000_000,
                    near ? "one after the other" : "at random", accepted);
        }
    }

    private static long heap() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void load(TelemetryStore store, int ticks) throws Exception {
        var ids = new DeviceId[DEVICES];
        Arrays.setAll(ids, i -> new DeviceId(i + 1));
        var points = 0L;
        var start = System.nanoTime();
        var writing = THREADS.getCurrentThreadCpuTime();
        var commits = 0;
        for (var tick = 0; tick < ticks; tick++) {
            var time = START + DAY / ticks * tick;
            for (var device : ids) {
                for (var metric : METRICS) {
                    store.append(device, new Measurement(metric, time + device.value(), new Real(tick % 50 + 0.5)));
                    points++;
                }
            }
            if (points % COMMIT_POINTS == 0) {
                store.commit();
                commits++;
            }
        }
        for (var i = 0; i < BUSY_POINTS; i++) {
            store.append(BUSY, new Measurement("vibration", START + DAY / BUSY_POINTS * i, new Real(i % 1_000)));
            if (i % COMMIT_POINTS == 0) store.commit();
        }
        store.commit();
        points += BUSY_POINTS;
        var committed = millis(start);
        writing = THREADS.getCurrentThreadCpuTime() - writing;
        say("committed %,d points in %.0f ms: %,.0f points/s (%d ns of the writing thread a point, %d commits), "
                + "%d commits not applied yet", points, committed, points * 1_000 / committed, writing / points,
                commits, store.lag());
        store.awaitApplied(Duration.ofMinutes(2));
        say("applied after %.0f ms: %,.0f points/s; native %d MiB, resident %d MiB", millis(start),
                points * 1_000 / millis(start), store.nativeMemory() >> 20, resident("VmRSS"));
    }

    private static void query(TelemetryStore store) throws Exception {
        var number = new int[1];
        time("latest of a device, first time", 200, () -> store.series().latest(new DeviceId(++number[0])));
        time("latest of a device, again", 200, () -> store.series().latest(new DeviceId(number[0])));
        time("24 h raw of one metric", 200, () -> store.raw(new RawQuery(new DeviceId(++number[0]), Set.of("humidity"),
                START, START + DAY, Order.ASCENDING, 10_000)));
        time("1 M points to 24 averages", 20, () -> aggregated(store, Window.Unit.HOUR, Aggregate.AVG));
        time("1 M points to 1440 averages", 20, () -> aggregated(store, Window.Unit.MINUTE, Aggregate.AVG));
        time("1 M points to 24 p95 and stddev", 10,
                () -> aggregated(store, Window.Unit.HOUR, Aggregate.P95, Aggregate.STDDEV));
        time("points stored", 10, store::pointsStored);
        time("fleet-wide hourly average", 20, () -> store.fleet(
                new FleetQuery(Optional.empty(), "temperature", START, START + DAY,
                        Window.utc(1, Window.Unit.HOUR), false)));
        var commit = new long[1];
        time("commit of one point", 50, () -> {
            store.append(BUSY, new Measurement("vibration", START + 2 * DAY + ++commit[0], new Real(1)));
            store.commit();
        });
        store.awaitApplied(Duration.ofSeconds(10));
        time("commit of one point until visible", 50, () -> {
            store.append(BUSY, new Measurement("vibration", START + 2 * DAY + ++commit[0], new Real(1)));
            store.commit();
            store.awaitApplied(Duration.ofSeconds(10));
        });
    }

    private static void aggregated(TelemetryStore store, Window.Unit unit, Aggregate... functions) {
        var query = new AggregateQuery(BUSY, new TreeSet<>(Set.of("vibration")), START, START + DAY,
                Window.utc(1, unit), List.of(functions), AggregateQuery.Fill.NONE);
        store.aggregate(query, AggregateTest.nothingSealed(query));
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void time(String what, int times, Action action) throws Exception {
        var micros = new long[times];
        for (var i = 0; i < times; i++) {
            var start = System.nanoTime();
            action.run();
            micros[i] = (System.nanoTime() - start) / 1_000;
        }
        var first = micros[0];
        Arrays.sort(micros);
        say("%-38s median %,9d us, p99 %,9d us, first %,9d us", what, micros[times / 2], micros[times * 99 / 100],
                first);
    }

    private static double millis(long since) {
        return (System.nanoTime() - since) / 1e6;
    }

    private static long resident(String what) throws IOException {
        var line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(it -> it.startsWith(what))
                .findFirst().orElse("0");
        return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
