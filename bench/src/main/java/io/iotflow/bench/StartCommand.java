package io.iotflow.bench;

import io.iotflow.bench.load.Device;
import io.iotflow.bench.load.FirstMessage;
import io.iotflow.bench.platform.Launch;
import io.iotflow.bench.platform.ProcessTree;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// From the start of the process to the first acknowledged message, and what an idle platform takes.
@Command(description = "Start to the first accepted message, and idle memory.")
final class StartCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final double MEBI = 1 << 20;

    private final InstantSource clock;

    @Mixin
    private Target target;

    @Option(names = "--times", defaultValue = "5", description = "Warm starts (default: ${DEFAULT-VALUE}).")
    private int times;

    @Option(names = "--idle", converter = DurationConverter.class, defaultValue = "20s",
            description = "Idle time before memory is measured (default: ${DEFAULT-VALUE}).")
    private Duration idle;

    StartCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!target.isOurs()) throw new IOException("a platform that runs already cannot be started: leave --url out");
        var date = clock.instant();
        var folder = Launch.newDataFolder();
        try {
            var row = new Row("start");
            var device = first(folder, row);
            var seconds = new ArrayList<Double>();
            for (int i = 0; i < times; i++) seconds.add(again(folder, device, i == times - 1, row));
            var sorted = seconds.stream().sorted().toList();
            if (!sorted.isEmpty()) {
                row.with(Figure.WARM_START_MEDIAN_S, sorted.get(sorted.size() / 2))
                        .with(Figure.WARM_START_MAX_S, sorted.getLast());
            }
            target.report(List.of(row), date);
            return Main.OK;
        } finally {
            Launch.delete(folder);
        }
    }

    /// On an empty folder: everything is made anew. A device is registered for the warm starts.
    private Device first(Path folder, Row row) throws IOException, InterruptedException {
        try (var platform = target.launch(Map.of()).start(folder)) {
            platform.awaitReady();
            var device = platform.api().register(List.of("bench-start"), _ -> "bench").getFirst();
            row.with(Figure.COLD_START_S, secondsToFirstMessage(platform, device));
            target.say("first start done");
            return device;
        }
    }

    private double again(Path folder, Device device, boolean last, Row row)
            throws IOException, InterruptedException {
        try (var platform = target.launch(Map.of()).start(folder)) {
            double seconds = secondsToFirstMessage(platform, device);
            if (last) {
                TimeUnit.NANOSECONDS.sleep(idle.toNanos());
                var tree = new ProcessTree(platform.pid().orElseThrow());
                row.with(Figure.IDLE_RESIDENT_MB, tree.residentBytes() / MEBI)
                        .with(Figure.IDLE_PROCESSES, tree.size());
            }
            platform.requireAlive();
            return seconds;
        }
    }

    private double secondsToFirstMessage(Launch.Platform platform, Device device) throws IOException {
        long accepted = FirstMessage.awaitAcknowledged(platform.mqtt(), device,
                "devices/" + device.name() + "/telemetry", clock.instant(),
                platform::requireAlive, PATIENCE);
        return (accepted - platform.started()) / 1e9;
    }
}
