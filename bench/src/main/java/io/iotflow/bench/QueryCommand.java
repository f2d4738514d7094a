package io.iotflow.bench;

import io.iotflow.bench.load.Device;
import io.iotflow.bench.load.LoadResult.PerDevice;
import io.iotflow.bench.load.Payload;
import io.iotflow.bench.load.Schedule;
import io.iotflow.bench.platform.BatchLoad;
import io.iotflow.bench.platform.PlatformApi;
import io.iotflow.bench.platform.Verification;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a question costs over HTTP when the store is full: a day of a fleet, one device of which alone has a million
/// points. Questions are asked one after another over one connection; the whole answer is read.
@Command(description = "Loads a day of a fleet and measures queries over HTTP.")
final class QueryCommand implements Callable<Integer> {
    private static final String METRIC = Payload.metric(0);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LOADING = Duration.ofHours(1);
    private static final int WARM_UP = 50;

    private final InstantSource clock;
    /// The same devices are asked for in every run.
    private final Random random = new Random(20_000_000);

    @Mixin
    private Target target;

    @Option(names = "--points", defaultValue = "20000000",
            description = "Points of the whole fleet (default: ${DEFAULT-VALUE}).")
    private long points;

    @Option(names = "--devices", defaultValue = "10000", description = "Devices (default: ${DEFAULT-VALUE}).")
    private int deviceCount;

    @Option(names = "--large", defaultValue = "1000000",
            description = "Points of the one device that is aggregated (default: ${DEFAULT-VALUE}).")
    private long large;

    @Option(names = "--queries", defaultValue = "500", description = "Of each kind (default: ${DEFAULT-VALUE}).")
    private int queries;

    @Option(names = "--batch-records", defaultValue = "5000",
            description = "Records a batch while loading (default: ${DEFAULT-VALUE}).")
    private int batchRecords;

    @Option(names = "--senders", defaultValue = "4",
            description = "Connections that load (default: ${DEFAULT-VALUE}).")
    private int senders;

    @Option(names = "--fleet-path",
            defaultValue = "/api/v1/analytics/fleet?metric=temperature&window=1h&aggregation=avg",
            description = "The fleet-wide question (default: ${DEFAULT-VALUE}).")
    private String fleetPath;

    QueryCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (deviceCount < 2 || points - large < deviceCount - 1) {
            throw new IOException("every device but the large one needs a point of its own");
        }
        var date = clock.instant();
        try (var subject = target.open(Map.of())) {
            var rows = new ArrayList<Row>();
            var devices = subject.register(deviceCount, date);
            boolean kept = load(subject.platform().api(), devices, date.minus(DAY), rows);
            rows.addAll(ask(subject.platform().api(), devices, date.minus(DAY), date));
            subject.platform().requireAlive();
            target.report(rows, date);
            boolean answered = rows.stream().allMatch(row -> !row.figures().isEmpty());
            return kept && answered ? Main.OK : Main.FAILED;
        }
    }

    private boolean load(PlatformApi api, List<Device> devices, Instant from, List<Row> rows)
            throws IOException, InterruptedException {
        target.say("loading " + points + " points of " + deviceCount + " devices");
        long each = (points - large) / (deviceCount - 1);
        var fleet = batches(api, devices.subList(1, deviceCount), each, from).run(LOADING);
        var one = batches(api, devices.subList(0, 1), large, from).run(LOADING);
        var row = new Row("load").with(Figure.POINTS_PER_SECOND,
                (fleet.records() + one.records()) / (fleet.seconds() + one.seconds()));
        var verification = Verification.of(PerDevice.together(List.of(fleet.devices(), one.devices())), 1, api);
        Trial.verified(row, verification);
        rows.add(row);
        return Trial.holds(verification, target);
    }

    private BatchLoad batches(PlatformApi api, List<Device> devices, long each, Instant from) {
        return new BatchLoad(api, devices, new Payload(1), senders, batchRecords, each, from.toEpochMilli() * 1_000,
                Math.max(1, DAY.toNanos() / 1_000 / each));
    }

    private List<Row> ask(PlatformApi api, List<Device> devices, Instant from, Instant to)
            throws InterruptedException {
        var range = "start_time=" + from.toEpochMilli() + "&end_time=" + to.toEpochMilli();
        Supplier<Device> any = () -> devices.get(1 + random.nextInt(devices.size() - 1));
        return List.of(
                timed("latest", api, () -> "/api/v1/telemetry/" + any.get().id() + "/latest"),
                timed("24 h raw", api, () -> "/api/v1/telemetry/" + any.get().id() + "?limit=10000&fields=" + METRIC
                        + "&" + range),
                timed("1 M aggregate", api, () -> "/api/v1/telemetry/" + devices.getFirst().id()
                        + "/aggregated?window=1h&aggregation=avg&field=" + METRIC + "&" + range),
                timed("fleet hourly", api, () -> fleetPath));
    }

    /// A question that is not answered has no figures, and the reason is said.
    private Row timed(String label, PlatformApi api, Supplier<String> path) throws InterruptedException {
        var histogram = new Histogram(1_000, 120 * Schedule.NANOS, 3);
        try {
            for (int i = -WARM_UP; i < queries; i++) {
                var question = path.get();
                long start = System.nanoTime();
                api.fetch(question);
                if (i >= 0) histogram.recordValue(Math.min(System.nanoTime() - start, 120 * Schedule.NANOS));
            }
        } catch (IOException e) {
            target.say("  " + label + " was not answered: " + e.getMessage());
            return new Row(label);
        }
        return new Row(label).with(Figure.QUERIES, queries)
                .with(Figure.QUERY_P50_MS, histogram.getValueAtPercentile(50) / 1e6)
                .with(Figure.QUERY_P99_MS, histogram.getValueAtPercentile(99) / 1e6);
    }
}
