package io.iotflow.bench;

import io.iotflow.bench.load.Device;
import io.iotflow.bench.platform.Launch;
import io.iotflow.bench.platform.PlatformApi;
import io.iotflow.bench.report.Machine;
import io.iotflow.bench.report.Report;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that every benchmark shares: what is measured and where the figures go.
final class Target {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--platform", defaultValue = "./iotflow", paramLabel = "PATH",
            description = "The launcher of the packaged platform, started as '<PATH> run' (default: ${DEFAULT-VALUE}).")
    private Path launcher;

    @Option(names = "--env", paramLabel = "KEY=VALUE", description = "Environment for the platform; repeatable.")
    private Map<String, String> environment = new LinkedHashMap<>();

    @Option(names = "--heap", defaultValue = "1g",
            description = "The platform's largest heap (default: ${DEFAULT-VALUE}).")
    private String heap;

    @Option(names = "--url", paramLabel = "URL", description = "Measure a platform that runs already.")
    private URI url;

    @Option(names = "--mqtt-port", defaultValue = "1883", description = "Its MQTT port (default: ${DEFAULT-VALUE}).")
    private int mqttPort;

    @Option(names = "--admin-token", defaultValue = "${env:IOTFLOW_ADMIN_TOKEN}",
            description = "Its operator token (default: IOTFLOW_ADMIN_TOKEN of the environment).")
    private String adminToken;

    @Option(names = "--pid", description = "Its process id, to see its memory and processor time.")
    private Long pid;

    @Option(names = "--results", defaultValue = "bench/results/results.jsonl", paramLabel = "FILE",
            description = "Where figures are appended as JSON lines (default: ${DEFAULT-VALUE}).")
    private Path results;

    @Option(names = "--no-record", description = "Only print.")
    private boolean unrecorded;

    /// Whether the platform is started here, and so can be started differently.
    boolean isOurs() {
        return url == null;
    }

    Launch launch(Map<String, String> extra) {
        var all = new HashMap<>(environment);
        all.putAll(extra);
        return new Launch(List.of(launcher.toString(), "run"), heap, all);
    }

    /// A platform that is ready: the given one, or a new one on an empty data folder.
    Subject open(Map<String, String> extra) throws IOException, InterruptedException {
        if (!isOurs()) {
            if (adminToken == null || adminToken.isBlank()) {
                throw new ParameterException(spec.commandLine(), "--url needs --admin-token");
            }
            var mqtt = new InetSocketAddress(url.getHost(), mqttPort);
            return new Subject(new Launch.Platform(new PlatformApi(url, adminToken), mqtt,
                    pid == null ? OptionalLong.empty() : OptionalLong.of(pid)).awaitReady(), null);
        }
        var folder = Launch.newDataFolder();
        try {
            var platform = launch(extra).start(folder);
            try {
                return new Subject(platform.awaitReady(), folder);
            } catch (IOException | InterruptedException | RuntimeException e) {
                platform.close();
                throw e;
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            Launch.delete(folder);
            throw e;
        }
    }

    /// @param folder deleted at the end; null when it is not ours
    record Subject(Launch.Platform platform, Path folder) implements AutoCloseable {

        /// New devices under names that no earlier run has used.
        List<Device> register(int count, Instant now) throws IOException, InterruptedException {
            return register(count, 1, "bench", now);
        }

        /// New devices that take turns in being of so many types: `<type>-0`, `<type>-1`, …
        List<Device> register(int count, int types, String type, Instant now)
                throws IOException, InterruptedException {
            var prefix = type + "-" + Long.toString(now.toEpochMilli(), 36) + "-";
            return platform.api().register(IntStream.range(0, count).mapToObj(i -> prefix + i).toList(),
                    name -> types == 1 ? type
                            : type + "-" + Integer.parseInt(name.substring(prefix.length())) % types);
        }

        @Override
        public void close() throws IOException {
            platform.close();
            if (folder != null) Launch.delete(folder);
        }
    }

    /// What is under way, for whoever watches.
    void say(String what) {
        spec.commandLine().getErr().println(what);
    }

    /// Prints the table and appends the lines.
    void report(List<Row> rows, Instant date) throws IOException {
        var given = spec.commandLine().getParseResult().originalArgs();
        var command = "bench " + String.join(" ", withoutToken(given)); // which begin with its name
        var report = new Report(spec.name(), command, date, Machine.revision(), Machine.here(), rows);
        spec.commandLine().getOut().print(report.table());
        spec.commandLine().getOut().flush();
        if (!unrecorded) report.appendTo(results);
    }

    private static List<String> withoutToken(List<String> arguments) {
        return IntStream.range(0, arguments.size())
                .filter(i -> !arguments.get(i).startsWith("--admin-token"))
                .filter(i -> i == 0 || !arguments.get(i - 1).equals("--admin-token"))
                .mapToObj(arguments::get).toList();
    }
}
