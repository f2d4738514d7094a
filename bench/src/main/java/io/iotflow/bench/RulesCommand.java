package io.iotflow.bench;

import io.iotflow.bench.load.Device;
import io.iotflow.bench.load.Load;
import io.iotflow.bench.load.LoadPlan;
import io.iotflow.bench.load.LoadResult;
import io.iotflow.bench.load.LoadResult.PerDevice;
import io.iotflow.bench.load.Payload;
import io.iotflow.bench.load.Schedule;
import io.iotflow.bench.load.Talker;
import io.iotflow.bench.platform.AlertStream;
import io.iotflow.bench.platform.Observer;
import io.iotflow.bench.platform.PlatformApi;
import io.iotflow.bench.platform.Verification;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What rules cost and how quick they are: the rate of a fleet without rules and with a hundred, in turns on one
/// platform; from an acknowledgement to the live event of the alert; and a rule over a long history.
@Command(description = "Alert rules: what they cost, how quick they are, and a replay of history.")
final class RulesCommand implements Callable<Integer> {
    private static final int METRICS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final String ALARM = """
            {"type":"threshold_high","metric":"temperature","threshold":50}""";

    private final InstantSource clock;
    private final Random random = new Random(4);

    @Mixin
    private Target target;

    enum Part { RATE, LATENCY, REPLAY }

    @Option(names = "--part", split = ",", defaultValue = "rate,latency,replay",
            description = "Any of rate, latency, replay (default: all).")
    private List<Part> parts;

    @Option(names = "--devices", defaultValue = "10000",
            description = "Devices, one connection each (default: ${DEFAULT-VALUE}).")
    private int deviceCount;

    @Option(names = "--window", defaultValue = "4",
            description = "Unacknowledged messages a connection (default: ${DEFAULT-VALUE}).")
    private int window;

    @Option(names = "--duration", converter = DurationConverter.class, defaultValue = "20s",
            description = "How long each turn is measured (default: ${DEFAULT-VALUE}).")
    private Duration duration;

    @Option(names = "--warmup", converter = DurationConverter.class, defaultValue = "10s",
            description = "Load before the measuring begins (default: ${DEFAULT-VALUE}).")
    private Duration warmup;

    @Option(names = "--half-rate", defaultValue = "30000",
            description = "Messages a second beside the latencies under load (default: ${DEFAULT-VALUE}).")
    private double halfRate;

    @Option(names = "--alerts", defaultValue = "200", description = "Latencies of alerts (default: ${DEFAULT-VALUE}).")
    private int alerts;

    @Option(names = "--points", defaultValue = "10000000",
            description = "Points of the history that is replayed (default: ${DEFAULT-VALUE}).")
    private long points;

    @Option(names = "--history-devices", defaultValue = "100",
            description = "Devices that have it (default: ${DEFAULT-VALUE}).")
    private int historyDevices;

    private boolean kept = true;

    RulesCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var date = clock.instant();
        var rows = new ArrayList<Row>();
        try (var subject = target.open(Map.of())) {
            if (parts.contains(Part.RATE) || parts.contains(Part.LATENCY)) {
                var fleet = subject.register(deviceCount, RuleSet.TYPES, "bench", date);
                if (parts.contains(Part.RATE)) rates(subject, fleet, rows);
                if (parts.contains(Part.LATENCY)) latencies(subject, fleet, rows);
            }
            if (parts.contains(Part.REPLAY)) {
                var replay = new ReplayTrial(target, subject, date);
                kept &= replay.load(historyDevices, points / historyDevices, rows);
                replay.run(rows);
            }
            subject.platform().requireAlive();
        }
        target.report(rows, date);
        if (!kept) target.say("FAILED: the store does not hold what was acknowledged");
        return kept ? Main.OK : Main.FAILED;
    }

    /// Without, with, with, without: what changes slowly on the machine falls on both.
    private void rates(Target.Subject subject, List<Device> fleet, List<Row> rows)
            throws IOException, InterruptedException {
        var api = subject.platform().api();
        var sent = new ArrayList<List<PerDevice>>();
        double without = turn(subject, fleet, "no rules 1", 0, rows, sent);
        var rules = RuleSet.create(api, "bench");
        awaitStates(api, fleet.size() * rules.size() / RuleSet.TYPES);
        double with = turn(subject, fleet, rules.size() + " rules 1", rules.size(), rows, sent);
        with += turn(subject, fleet, rules.size() + " rules 2", rules.size(), rows, sent);
        var metrics = api.metrics();
        double states = metrics.require("iotflow_rules_states");
        rows.getLast().with(Figure.RULE_STATES, states)
                .with(Figure.RULE_STATE_BYTES, metrics.require("iotflow_rules_bytes") / states)
                .with(Figure.RULE_WINDOW_BYTES, metrics.require("iotflow_rules_window_bytes") / fleet.size());
        RuleSet.delete(api, rules);
        awaitStates(api, 0);
        without += turn(subject, fleet, "no rules 2", 0, rows, sent);
        var together = new Row("together").with(Figure.RATE_WITHOUT_RULES_PERCENT, 100 * with / without);
        rows.add(together);
        target.say("  checking that every acknowledged point is in the store");
        var verification = Verification.of(PerDevice.together(sent), METRICS, api);
        Trial.verified(together, verification);
        kept &= Trial.holds(verification, target);
    }

    private double turn(Target.Subject subject, List<Device> fleet, String label, int rules, List<Row> rows,
                        List<List<PerDevice>> sent) throws IOException, InterruptedException {
        target.say(label + ": " + fleet.size() + " connections, " + window + " in flight each, "
                + duration.toSeconds() + " s");
        var api = subject.platform().api();
        var row = new Row(label).with(Figure.RULES, rules);
        rows.add(row);
        LoadResult result;
        try (var load = connect(subject, fleet);
             var observer = new Observer(Optional.of(api), subject.platform().pid())) {
            double cpu = Trial.ownCpuSeconds();
            double findings = api.metrics().require("iotflow_rules_findings_total");
            double evaluations = api.metrics().require("iotflow_rules_evaluations_total");
            result = load.run(new Schedule.Window(window), warmup, duration);
            row.with(Figure.GENERATOR_CPU_S, Trial.ownCpuSeconds() - cpu);
            Trial.observed(row, observer.seen());
            Trial.load(row, result, METRICS);
            Trial.explain(result, target);
            row.with(Figure.LANES_LAG_FINAL_MB, api.metrics().require("iotflow_lanes_lag_bytes") / (1 << 20));
            row.with(Figure.RULES_DONE_S, awaitLanes(api));
            if (rules > 0) {
                awaitEvaluations(api, evaluations + result.acknowledged() * (rules / (double) RuleSet.TYPES));
                double seconds = warmup.plus(duration).toNanos() / 1e9;
                row.with(Figure.EVALUATIONS_PER_SECOND,
                        (api.metrics().require("iotflow_rules_evaluations_total") - evaluations) / seconds);
                row.with(Figure.FINDINGS_PER_SECOND,
                        (api.metrics().require("iotflow_rules_findings_total") - findings) / seconds);
            }
        }
        subject.platform().requireAlive();
        sent.add(result.devices());
        told(row);
        return result.perSecond();
    }

    /// A run is long; what is known already is worth seeing.
    private void told(Row row) {
        target.say("  " + row.figures());
    }

    private Load connect(Target.Subject subject, List<Device> fleet) throws IOException, InterruptedException {
        return Load.connect(LoadPlan.mqtt(subject.platform().mqtt(), RulesCommand::topic, 1, new Payload(METRICS),
                window), fleet, 1, clock);
    }

    private static String topic(Device device) {
        return "devices/" + device.name() + "/telemetry";
    }

    /// What must become true of the platform.
    private interface Look {
        boolean at(PlatformApi api) throws IOException, InterruptedException;
    }

    private static double await(PlatformApi api, String what, Look look) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (!look.at(api)) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) throw new IOException("not seen in time: " + what);
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void awaitStates(PlatformApi api, long states) throws IOException, InterruptedException {
        double seconds = await(api, states + " rules at devices",
                it -> it.metrics().require("iotflow_rules_states") == states);
        target.say("  " + states + " rules at devices after " + Math.round(seconds) + " s");
    }

    private static double awaitLanes(PlatformApi api) throws IOException, InterruptedException {
        return await(api, "rules that have seen everything",
                it -> it.metrics().require("iotflow_lanes_lag_bytes") == 0);
    }

    /// That every rule was asked about every message that it is for.
    private static void awaitEvaluations(PlatformApi api, double count) throws IOException, InterruptedException {
        await(api, Math.round(count) + " times that a rule was asked",
                it -> it.metrics().require("iotflow_rules_evaluations_total") >= count);
    }

    private void latencies(Target.Subject subject, List<Device> fleet, List<Row> rows)
            throws IOException, InterruptedException {
        var api = subject.platform().api();
        var rules = new ArrayList<>(RuleSet.create(api, "bench"));
        var device = subject.register(1, 1, "bench-alarm", clock.instant()).getFirst();
        rules.add(RuleSet.create(api, "alarm", "bench-alarm", ALARM));
        awaitStates(api, fleet.size() * RuleSet.TYPES + 1L);
        try (var stream = AlertStream.open(api, device);
             var talker = Talker.connect(subject.platform().mqtt(), device, topic(device), new Payload(1, 21),
                     new Payload(1, 91), clock)) {
            target.say("alerts of a platform that is not busy");
            rows.add(latencies(new Row("alert, not busy"), talker, stream));
            target.say("alerts at " + halfRate + " messages/s");
            rows.add(latenciesUnderLoad(subject, fleet, talker, stream));
        }
        RuleSet.delete(api, rules);
    }

    private Row latenciesUnderLoad(Target.Subject subject, List<Device> fleet, Talker talker, AlertStream stream)
            throws IOException, InterruptedException {
        var row = new Row("alert, half load");
        try (var load = connect(subject, fleet); var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            // Long enough for the latencies, which begin when it is warm.
            var longEnough = warmup.plus(Duration.ofMillis(200L * alerts));
            var running = executor.submit(() -> load.run(new Schedule.Rate(halfRate, fleet.size(), 128), warmup,
                    longEnough));
            LockSupport.parkNanos(warmup.toNanos());
            latencies(row, talker, stream);
            var busy = !running.isDone();
            Trial.load(row, running.get(), METRICS);
            if (!busy) target.say("  the load ended before the last alert");
            return row;
        } catch (ExecutionException e) {
            throw new IOException("the load failed", e.getCause());
        }
    }

    /// From the acknowledgement of the message that begins an alert to the live event that says so.
    private Row latencies(Row row, Talker talker, AlertStream stream) throws IOException, InterruptedException {
        var histogram = new Histogram(1_000, 60 * Schedule.NANOS, 3);
        for (int i = -10; i < alerts; i++) {
            long acknowledged = talker.say(true);
            long told = stream.await("active", PATIENCE);
            if (i >= 0) histogram.recordValue(Math.max(0, told - acknowledged));
            talker.say(false);
            stream.await("resolved", PATIENCE);
            LockSupport.parkNanos(random.nextLong(50_000_000));
        }
        row.with(Figure.ALERTS, alerts)
                .with(Figure.ALERT_P50_MS, histogram.getValueAtPercentile(50) / 1e6)
                .with(Figure.ALERT_P95_MS, histogram.getValueAtPercentile(95) / 1e6)
                .with(Figure.ALERT_P99_MS, histogram.getValueAtPercentile(99) / 1e6);
        told(row);
        return row;
    }
}
