package io.iotflow.bench;

import io.iotflow.bench.load.Load;
import io.iotflow.bench.load.LoadPlan;
import io.iotflow.bench.load.Payload;
import io.iotflow.bench.platform.Observer;
import io.iotflow.bench.platform.ShadowCheck;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
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

/// Devices that report what they are over MQTT: as fast as they can, and at a rate. Then every device's shadow is asked
/// how often it was updated.
@Command(description = "Updates of shadows over MQTT: capacity and fixed rate, each checked against the shadows.")
final class ShadowCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    enum Part { CAPACITY, RATE }

    private final InstantSource clock;

    @Mixin
    private Target target;

    @Option(names = "--part", split = ",", defaultValue = "rate,capacity",
            description = "Any of capacity, rate (default: both).")
    private List<Part> parts;

    @Option(names = "--devices", defaultValue = "5000", description = "How many (default: ${DEFAULT-VALUE}).")
    private int devices;

    @Option(names = "--window", defaultValue = "4",
            description = "Unacknowledged updates a connection, at most (default: ${DEFAULT-VALUE}).")
    private int window;

    @Option(names = "--rate", defaultValue = "10000",
            description = "Updates a second of all devices, in the part rate (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--values", defaultValue = "3", description = "Values an update (default: ${DEFAULT-VALUE}).")
    private int values;

    @Option(names = "--duration", converter = DurationConverter.class, defaultValue = "60s",
            description = "How long is measured (default: ${DEFAULT-VALUE}).")
    private Duration duration;

    @Option(names = "--warmup", converter = DurationConverter.class, defaultValue = "10s",
            description = "Load before the measuring begins (default: ${DEFAULT-VALUE}).")
    private Duration warmup;

    ShadowCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var date = clock.instant();
        var rows = new ArrayList<Row>();
        var kept = true;
        for (var part : parts) kept &= isKept(part, rows);
        target.report(rows, date);
        if (!kept) target.say("FAILED: shadows lack what was acknowledged");
        return kept ? Main.OK : Main.FAILED;
    }

    private boolean isKept(Part part, List<Row> rows) throws IOException, InterruptedException {
        try (var subject = target.open(Map.of())) {
            var fleet = subject.register(devices, clock.instant());
            var platform = subject.platform();
            var wanted = part == Part.RATE ? rate : 0;
            var row = new Row("shadow " + (part == Part.RATE ? "at a rate" : "capacity"));
            rows.add(row);
            target.say(row.label() + ": " + devices + " devices, " + duration.toSeconds() + " s");
            var plan = LoadPlan.mqtt(platform.mqtt(), device -> "devices/" + device.name() + "/shadow/update", 1,
                    Payload.ofShadow(values), window);
            try (var load = Load.connect(plan, fleet, 1, clock);
                 var observer = new Observer(Optional.of(platform.api()), platform.pid())) {
                double cpu = Trial.ownCpuSeconds();
                var result = load.run(IngestMode.schedule(wanted, devices, window), warmup, duration);
                row.with(Figure.GENERATOR_CPU_S, Trial.ownCpuSeconds() - cpu);
                Trial.observed(row, observer.seen());
                Trial.load(row, result, values);
                Trial.explain(result, target);
                var ended = System.nanoTime();
                var check = ShadowCheck.of(result.devices(), platform.api());
                row.with(Figure.SHADOWS_DONE_S, (System.nanoTime() - ended) / NANOS)
                        .with(Figure.UPDATES_APPLIED, check.applied()).with(Figure.UPDATES_MISSING, check.missing())
                        .with(Figure.UPDATES_SURPLUS, check.surplus());
                check.examples().forEach(example -> target.say("  NOT KEPT: " + example));
                platform.requireAlive();
                return check.holds() && result.broken() == 0;
            }
        }
    }
}
