package io.iotflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.bench.load.ObedientFleet;
import io.iotflow.bench.platform.ProcessTree;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Commands to a fleet that is online: from the one request that wants them until each device has acknowledged its
/// command and its result is kept.
@Command(description = "Commands to a whole fleet: how long until all are delivered and done.")
final class CommandsCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final InstantSource clock;

    @Mixin
    private Target target;

    @Option(names = "--devices", defaultValue = "10000",
            description = "Devices, one connection each (default: ${DEFAULT-VALUE}).")
    private int devices;

    @Option(names = "--rounds", defaultValue = "3",
            description = "How often all get a command (default: ${DEFAULT-VALUE}).")
    private int rounds;

    CommandsCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var date = clock.instant();
        var rows = new ArrayList<Row>();
        var isComplete = true;
        try (var subject = target.open(Map.of())) {
            var platform = subject.platform();
            target.say("registering and connecting " + devices + " devices");
            var fleet = subject.register(devices, date);
            try (var obedient = ObedientFleet.connect(platform.mqtt(), fleet)) {
                for (var round = 1; round <= rounds; round++) {
                    target.say("round " + round);
                    isComplete &= round(subject, obedient, round, rows);
                }
            }
            platform.requireAlive();
        }
        target.report(rows, date);
        return isComplete ? Main.OK : Main.FAILED;
    }

    private boolean round(Target.Subject subject, ObedientFleet fleet, int round, ArrayList<Row> rows)
            throws IOException, InterruptedException {
        var platform = subject.platform();
        var wish = JsonNodeFactory.instance.objectNode().put("type", "blink")
                .put("filter", "device.type == 'bench'");
        var cpu = processorTime(subject);
        var began = System.nanoTime();
        var job = platform.api().post("/api/v1/commands", wish).path("id").asText();
        var queued = since(began);
        var delivered = Double.NaN;
        JsonNode counts;
        do {
            TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
            counts = platform.api().get("/api/v1/command-jobs/" + job).path("counts");
            var isDelivered = counts.path("queued").asInt() + counts.path("sent").asInt() == 0;
            if (isDelivered && Double.isNaN(delivered)) delivered = since(began);
        } while (counts.path("succeeded").asInt() < devices && since(began) < PATIENCE.toSeconds());
        var done = since(began);
        if (fleet.broken() > 0) target.say(fleet.broken() + " connections are broken");
        target.say(counts.toString() + ", received " + fleet.received());
        rows.add(new Row("round " + round).with(Figure.COMMANDS, counts.path("succeeded").asInt())
                .with(Figure.COMMANDS_QUEUED_S, queued).with(Figure.COMMANDS_DELIVERED_S, delivered)
                .with(Figure.COMMANDS_DONE_S, done)
                .with(Figure.PLATFORM_CPU_S, processorTime(subject) - cpu));
        return counts.path("succeeded").asInt() == devices && fleet.received() == (long) devices * round;
    }

    private static double since(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static double processorTime(Target.Subject subject) {
        var pid = subject.platform().pid();
        return pid.isPresent() ? new ProcessTree(pid.getAsLong()).cpuSeconds() : Double.NaN;
    }
}
