package io.iotflow.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.iotflow.bench.load.NettySink.Manner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands as they are typed, against the sink behind the platform's HTTP calls.
class BenchTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private record Outcome(int status, String out, String err) {}

    @Test
    void ingestFindsEveryAcknowledgedPoint() throws Exception {
        try (var platform = new SinkPlatform(Manner.HONEST)) {
            var outcome = bench(platform, "ingest", "--mode=pipelined,paced", "--connections=10", "--window=20",
                    "--rate=2000", "--no-compare");
            assertThat(outcome.status).as(outcome.err).isZero();
            assertThat(outcome.out).contains("iotflow pipelined", "iotflow paced", "messages/s", "points missing");
            var rows = recorded();
            assertThat(rows).hasSize(2).allSatisfy(line -> {
                var row = JSON.readTree(line);
                var figures = row.path("figures");
                assertThat(row.path("bench").asText()).isEqualTo("ingest");
                assertThat(row.path("command").asText()).startsWith("bench ingest --mode=")
                        .doesNotContain(SinkPlatform.TOKEN);
                assertThat(figures.path("points_stored").asLong()).isPositive()
                        .isEqualTo(3 * figures.path("messages_acknowledged").asLong());
                assertThat(figures.path("points_missing").asLong()).isZero();
                assertThat(figures.path("store_lag_max_s").asDouble()).isEqualTo(0.25);
                assertThat(figures.path("heap_peak_mb").asDouble()).isEqualTo(2);
                assertThat(figures.path("resident_peak_mb").asDouble()).isPositive();
                assertThat(figures.path("generator_cpu_s").asDouble()).isPositive();
            });
        }
    }

    @Test
    void ingestFailsWhenTheOtherSideAcknowledgesWhatItDoesNotKeep() throws Exception {
        try (var platform = new SinkPlatform(Manner.LIES)) {
            var outcome = bench(platform, "ingest", "--mode=pipelined", "--connections=4", "--window=20",
                    "--no-compare");
            assertThat(outcome.status).isEqualTo(Main.FAILED);
            assertThat(outcome.err).contains("NOT KEPT", "FAILED: the store does not hold what was acknowledged");
            var figures = JSON.readTree(recorded().getFirst()).path("figures");
            long acknowledged = figures.path("points_acknowledged").asLong();
            // Every hundredth message of each of the four connections, which are three points.
            assertThat(figures.path("points_missing").asLong())
                    .isBetween(acknowledged / 100 - 4 * 3, acknowledged / 100)
                    .isEqualTo(acknowledged - figures.path("points_stored").asLong());
        }
    }

    @Test
    void httpCountsSinglesAndBatches() throws Exception {
        try (var platform = new SinkPlatform(Manner.HONEST)) {
            var outcome = bench(platform, "http", "--connections=8", "--batch-devices=30", "--batch-records=100");
            assertThat(outcome.status).as(outcome.err).isZero();
            assertThat(recorded()).hasSize(2).allSatisfy(line -> {
                var figures = JSON.readTree(line).path("figures");
                assertThat(figures.path("messages_per_second").asDouble()).isPositive();
                assertThat(figures.path("points_missing").asLong()).isZero();
                assertThat(figures.path("points_surplus").asLong()).isZero();
            });
        }
    }

    @Test
    void connectionsAreCountedAndWeighed() throws Exception {
        try (var platform = new SinkPlatform(Manner.HONEST)) {
            var outcome = bench(platform, "connections", "--connections=300", "--hold=100ms");
            assertThat(outcome.status).as(outcome.err).isZero();
            var figures = JSON.readTree(recorded().getFirst()).path("figures");
            assertThat(figures.path("connections").asInt()).isEqualTo(300);
            assertThat(figures.path("connects_per_second").asDouble()).isPositive();
            assertThat(figures.has("resident_per_connection_kb")).isTrue();
        }
    }

    @Test
    void queryLoadsAndAsks() throws Exception {
        try (var platform = new SinkPlatform(Manner.HONEST, SinkPlatform.TOKEN, 0, 0, 1)) {
            var outcome = bench(platform, "query", "--points=3000", "--devices=21", "--large=1000", "--queries=20",
                    "--fleet-path=/api/v1/fleet");
            assertThat(outcome.status).as(outcome.err).isZero();
            assertThat(outcome.out).contains("latest", "24 h raw", "1 M aggregate", "fleet hourly");
            assertThat(platform.asked).contains("/api/v1/fleet");
            var load = JSON.readTree(recorded().getFirst()).path("figures");
            assertThat(load.path("points_stored").asLong()).isEqualTo(3_000);
        }
    }

    @Test
    void rulesAreSwitchedOnAndOffAndAskedAboutEveryMessage() throws Exception {
        try (var platform = new SinkPlatform(Manner.HONEST)) {
            var outcome = bench(platform, "rules", "--part=rate", "--devices=20");
            assertThat(outcome.status).as(outcome.err).isZero();
            var rows = recorded().stream().map(BenchTest::read).toList();
            assertThat(rows).extracting(row -> row.path("row").asText())
                    .containsExactly("no rules 1", "100 rules 1", "100 rules 2", "no rules 2", "together");
            assertThat(rows.get(2).path("figures").path("rule_states").asInt()).isEqualTo(200);
            assertThat(rows.get(2).path("figures").path("rule_state_bytes").asInt()).isEqualTo(150);
            assertThat(rows.getLast().path("figures").path("rate_without_rules_percent").asDouble()).isPositive();
        }
    }

    @Test
    void rulesAreReplayedOverWhatWasLoaded() throws Exception {
        try (var platform = new SinkPlatform(Manner.HONEST, SinkPlatform.TOKEN, 0, 0, 1)) {
            var outcome = bench(platform, "rules", "--part=replay", "--points=3000", "--history-devices=3");
            assertThat(outcome.status).as(outcome.err).isZero();
            assertThat(recorded()).hasSize(3);
            var figures = read(recorded().getLast()).path("figures");
            assertThat(figures.path("replay_points").asInt()).isEqualTo(3_000);
            assertThat(figures.path("replay_s").asDouble()).isEqualTo(0.5);
        }
    }

    @Test
    void updatesOfShadowsAreCountedAtEachDevice() throws Exception {
        try (var platform = new SinkPlatform(Manner.HONEST)) {
            var outcome = bench(platform, "shadow", "--devices=10", "--rate=1000");
            assertThat(outcome.status).as(outcome.err).isZero();
            assertThat(recorded()).hasSize(2).allSatisfy(line -> {
                var figures = JSON.readTree(line).path("figures");
                assertThat(figures.path("updates_applied").asLong()).isPositive()
                        .isEqualTo(figures.path("messages_acknowledged").asLong());
                assertThat(figures.path("updates_missing").asLong()).isZero();
                assertThat(figures.path("updates_surplus").asLong()).isZero();
            });
        }
    }

    private static JsonNode read(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void startStartsStopsAndLeavesNothing() throws Exception {
        var launcher = launcher();
        var outcome = run("start", "--platform=" + launcher, "--times=2", "--idle=100ms");
        assertThat(outcome.status).as(outcome.err).isZero();
        var figures = JSON.readTree(recorded().getFirst()).path("figures");
        assertThat(figures.path("warm_start_median_s").asDouble()).isPositive();
        assertThat(figures.path("idle_resident_mb").asDouble()).isPositive();
        assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)
                .filter(child -> child.info().commandLine().orElse("").contains("SinkPlatform"))).isEmpty();
    }

    @Test
    void aPlatformThatDiesIsQuoted() throws Exception {
        var launcher = script("#!/bin/sh\necho the port is taken\nexit 3\n");
        var outcome = run("ingest", "--platform=" + launcher);
        assertThat(outcome.status).isEqualTo(Main.FAILED);
        assertThat(outcome.err).contains("status 3", "the port is taken");
        assertThat(recorded()).isEmpty();
    }

    @Test
    void aWrongCallIsExplained() {
        check("is none of [pipelined, one-in-flight, fixed-rate, paced]", "ingest", "--mode=fast");
        check("'soon' is not a duration", "http", "--duration=soon");
        check("Missing required subcommand");
        check("--url needs --admin-token", "ingest", "--url=http://127.0.0.1:1", "--admin-token=");
    }

    private void check(String expected, String... arguments) {
        var outcome = run(arguments);
        assertThat(outcome.status).isEqualTo(2);
        assertThat(outcome.err).contains(expected);
    }

    private Outcome bench(SinkPlatform platform, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url=" + platform.url(), "--mqtt-port=" + platform.mqttPort(),
                "--admin-token=" + SinkPlatform.TOKEN, "--pid=" + ProcessHandle.current().pid()));
        if (!List.of("connections", "query").contains(arguments[0])) {
            all.addAll(List.of("--duration=500ms", "--warmup=200ms"));
        }
        return run(all.toArray(String[]::new));
    }

    private Outcome run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var all = new ArrayList<>(List.of(arguments));
        if (arguments.length > 0) all.add("--results=" + folder.resolve("results.jsonl"));
        int status = Main.commandLine(InstantSource.system()).setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true)).execute(all.toArray(String[]::new));
        return new Outcome(status, out.toString(), err.toString());
    }

    private List<String> recorded() throws Exception {
        var file = folder.resolve("results.jsonl");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /// The sink as a program, started by a script as the platform is by its launcher.
    private Path launcher() throws Exception {
        return script("#!/bin/sh\n'" + Path.of(System.getProperty("java.home"), "bin", "java") + "' -Xmx64m -cp '"
                + System.getProperty("java.class.path") + "' " + SinkPlatform.class.getName() + "\n");
    }

    private Path script(String text) throws Exception {
        var file = folder.resolve("iotflow");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }
}
