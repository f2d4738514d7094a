package io.iotflow.bench;

import io.iotflow.bench.load.Device;
import io.iotflow.bench.load.Load;
import io.iotflow.bench.load.LoadPlan;
import io.iotflow.bench.load.LoadResult.PerDevice;
import io.iotflow.bench.load.Payload;
import io.iotflow.bench.load.Schedule;
import io.iotflow.bench.platform.BatchLoad;
import io.iotflow.bench.platform.Observer;
import io.iotflow.bench.platform.Verification;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Telemetry over HTTP/1.1: one message a request, and batches of many devices.
@Command(description = "Telemetry over HTTP, one message a request and in batches, each checked against the store.")
final class HttpCommand implements Callable<Integer> {
    private static final Duration STEP = Duration.ofMillis(100);

    private final InstantSource clock;

    @Mixin
    private Target target;

    @Option(names = "--mode", split = ",", defaultValue = "single,batch",
            description = "single, batch or both (default: both).")
    private List<Mode> modes;

    @Option(names = "--connections", defaultValue = "64",
            description = "Keep-alive connections of single requests (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(names = "--duration", converter = DurationConverter.class, defaultValue = "60s",
            description = "How long is measured (default: ${DEFAULT-VALUE}).")
    private Duration duration;

    @Option(names = "--warmup", converter = DurationConverter.class, defaultValue = "10s",
            description = "Load before the measuring begins (default: ${DEFAULT-VALUE}).")
    private Duration warmup;

    @Option(names = "--metrics", defaultValue = "3", description = "Metrics a message (default: ${DEFAULT-VALUE}).")
    private int metrics;

    @Option(names = "--batch-devices", defaultValue = "1000",
            description = "Devices in the batches (default: ${DEFAULT-VALUE}).")
    private int batchDevices;

    @Option(names = "--batch-records", defaultValue = "1000",
            description = "Records a batch (default: ${DEFAULT-VALUE}).")
    private int batchRecords;

    @Option(names = "--senders", defaultValue = "4",
            description = "Connections that send batches (default: ${DEFAULT-VALUE}).")
    private int senders;

    enum Mode { SINGLE, BATCH }

    HttpCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var date = clock.instant();
        var rows = new ArrayList<Row>();
        boolean kept = true;
        for (var mode : modes) {
            try (var subject = target.open(Map.of())) {
                var row = new Row(mode == Mode.SINGLE ? "http single" : "http batch");
                var verification = mode == Mode.SINGLE ? single(row, subject) : batch(row, subject);
                subject.platform().requireAlive();
                Trial.verified(row, verification);
                kept &= Trial.holds(verification, target);
                rows.add(row);
            }
        }
        target.report(rows, date);
        if (!kept) target.say("FAILED: the store does not hold what was acknowledged");
        return kept ? Main.OK : Main.FAILED;
    }

    private Verification single(Row row, Target.Subject subject) throws IOException, InterruptedException {
        var platform = subject.platform();
        var devices = subject.register(connections, clock.instant());
        var base = platform.api().base();
        var plan = LoadPlan.http(new InetSocketAddress(base.getHost(), base.getPort()), "/api/v1/devices/telemetry",
                new Payload(metrics));
        target.say("http single: " + connections + " connections, " + duration.toSeconds() + " s");
        try (var load = Load.connect(plan, devices, 1, clock);
             var observer = new Observer(Optional.of(platform.api()), platform.pid())) {
            double cpu = Trial.ownCpuSeconds();
            var result = load.run(new Schedule.Window(1), warmup, duration);
            row.with(Figure.GENERATOR_CPU_S, Trial.ownCpuSeconds() - cpu);
            Trial.observed(row, observer.seen());
            Trial.load(row, result, metrics);
            Trial.explain(result, target);
            return Verification.of(result.devices(), metrics, platform.api());
        }
    }

    private Verification batch(Row row, Target.Subject subject) throws IOException, InterruptedException {
        var platform = subject.platform();
        var devices = subject.register(batchDevices, clock.instant());
        target.say("http batch: " + senders + " connections, " + batchRecords + " records a batch, "
                + duration.toSeconds() + " s");
        var past = clock.instant().minus(Duration.ofDays(2));
        var warm = batches(subject, devices, past.toEpochMilli()).run(warmup);
        try (var observer = new Observer(Optional.of(platform.api()), platform.pid())) {
            double cpu = Trial.ownCpuSeconds();
            var done = batches(subject, devices, past.plus(Duration.ofDays(1)).toEpochMilli()).run(duration);
            row.with(Figure.GENERATOR_CPU_S, Trial.ownCpuSeconds() - cpu)
                    .with(Figure.CONNECTIONS, senders)
                    .with(Figure.MESSAGES_PER_SECOND, done.records() / done.seconds())
                    .with(Figure.POINTS_PER_SECOND, done.records() * metrics / done.seconds());
            Trial.observed(row, observer.seen());
            return Verification.of(PerDevice.together(List.of(warm.devices(), done.devices())), metrics,
                    platform.api());
        }
    }

    private BatchLoad batches(Target.Subject subject, List<Device> devices, long firstMillis) {
        return new BatchLoad(subject.platform().api(), devices, new Payload(metrics), senders, batchRecords,
                Duration.ofDays(1).dividedBy(STEP), firstMillis * 1_000, STEP.toNanos() / 1_000);
    }
}
