package io.iotflow.bench;

import io.iotflow.bench.load.Load;
import io.iotflow.bench.load.LoadPlan;
import io.iotflow.bench.load.Payload;
import io.iotflow.bench.platform.Launch;
import io.iotflow.bench.platform.ProcessTree;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Many idle MQTT connections: how fast they come in and what each one costs. Devices are registered, and memory is
/// measured, before the first one connects, so what is counted is the connection.
@Command(description = "Idle MQTT connections: connects per second, memory for each.")
final class ConnectionsCommand implements Callable<Integer> {
    private static final double KIBI = 1024;
    /// Files that this process and the platform need beside the connections.
    private static final int OTHER_FILES = 1_000;

    private final InstantSource clock;

    @Mixin
    private Target target;

    @Option(names = "--connections", defaultValue = "18000", description = "How many (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(names = "--hold", converter = DurationConverter.class, defaultValue = "10s",
            description = "How long they stay before memory is measured (default: ${DEFAULT-VALUE}).")
    private Duration hold;

    ConnectionsCommand(InstantSource clock) {
        this.clock = clock;
    }

    /// @param heap bytes in use right after a collection; not-a-number when unseen
    private record Memory(double resident, double heap) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        var date = clock.instant();
        int wanted = withinFileLimit();
        try (var subject = target.open(Map.of())) {
            var platform = subject.platform();
            target.say("registering " + wanted + " devices");
            var devices = subject.register(wanted, clock.instant());
            var before = memory(platform);
            target.say("connecting " + wanted + " devices");
            var plan = LoadPlan.mqtt(platform.mqtt(), device -> "devices/" + device.name() + "/telemetry", 1,
                    new Payload(1), 1);
            try (var load = Load.connect(plan, devices, 1, clock)) {
                TimeUnit.NANOSECONDS.sleep(hold.toNanos());
                var after = memory(platform);
                var result = load.result();
                Trial.explain(result, target);
                int open = wanted - result.broken();
                var row = new Row("idle")
                        .with(Figure.CONNECTIONS, open)
                        .with(Figure.CONNECTIONS_BROKEN, result.broken())
                        .with(Figure.CONNECTS_PER_SECOND, open / (load.connecting().toNanos() / 1e9))
                        .with(Figure.RESIDENT_PER_CONNECTION_KB, (after.resident - before.resident) / KIBI / open)
                        .with(Figure.HEAP_PER_CONNECTION_KB, (after.heap - before.heap) / KIBI / open);
                target.report(List.of(row), date);
                return result.broken() == 0 ? Main.OK : Main.FAILED;
            }
        }
    }

    /// Both ends of each connection are files, each in its own process, and both have the same limit here.
    private int withinFileLimit() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/limits"))) {
            var limit = lines.filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s+")[3]).findFirst().orElse("unlimited");
            if (limit.equals("unlimited") || Integer.parseInt(limit) >= connections + OTHER_FILES) return connections;
            int possible = Integer.parseInt(limit) - OTHER_FILES;
            target.say("a process may open " + limit + " files here: " + possible + " connections instead of "
                    + connections);
            return possible;
        }
    }

    private Memory memory(Launch.Platform platform) throws IOException, InterruptedException {
        if (platform.pid().isPresent()) collect(new ProcessTree(platform.pid().getAsLong()).javaPid());
        double heap = platform.api().metrics().heapBytes().orElse(Double.NaN);
        return new Memory(resident(platform.pid()), heap);
    }

    private static double resident(OptionalLong pid) {
        return pid.isPresent() ? new ProcessTree(pid.getAsLong()).residentBytes() : Double.NaN;
    }

    private void collect(long pid) throws IOException, InterruptedException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        boolean done = Files.isExecutable(jcmd) && new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.run")
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        if (!done) target.say("no garbage collection could be asked for: the heap figure holds garbage");
    }
}
