package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.iotflow.acceptance.PackagedPlatform.Device;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How the program starts, refuses to start, and stops.
class StartStopTest {
    /// Of all processors, since other tests run at the same time; `bench start` measures what passes on the clock.
    private static final Duration WARM_START = Duration.ofSeconds(15);
    private static final Duration CLEAN_STOP = Duration.ofSeconds(15);

    @TempDir
    Path folder;

    /// What a run of the program that ends by itself left behind.
    private record Ended(int code, String said) {}

    private static Ended run(List<String> command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(said).isTrue();
            return new Ended(process.exitValue(), said);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Ended check(String... options) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(PackagedPlatform.program().toString(), "run", "--check-config"));
        command.addAll(Arrays.asList(options));
        return run(command);
    }

    private static void send(PackagedPlatform platform, Device device, int number) {
        var answer = platform.as(device, "POST", "/api/v1/devices/telemetry",
                "{\"ts\":" + (1_767_225_600_000L + number) + ",\"values\":{\"n\":" + number + "}}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private static int count(PackagedPlatform platform, Device device) {
        return platform.asAdmin("/api/v1/telemetry/" + device.name() + "?start_time=2026-01-01&limit=1000").json()
                .path("count").asInt();
    }

    @Test
    void stopsCleanlyStartsWarmAndKeepsWhatItAcknowledged() throws Exception {
        var data = folder.resolve("data");
        Device device;
        try (var platform = PackagedPlatform.start(data)) {
            device = platform.register("keeper");
            for (int i = 0; i < 100; i++) send(platform, device, i);
            var tree = platform.processTree();
            var began = System.nanoTime();
            var code = platform.terminate();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).as(platform.logText()).isLessThan(CLEAN_STOP);
            assertThat(code).as("0, or 128 + SIGTERM as the JVM has it").isIn(0, 143);
            assertThat(tree).noneMatch(ProcessHandle::isAlive);
            assertThat(platform.logText()).contains("event=stopped").doesNotContain("\tat ");
        }
        try (var platform = PackagedPlatform.launch(List.of(), data)) {
            awaitFirstAccepted(platform, device);
            var took = platform.processTree().stream().flatMap(it -> it.info().totalCpuDuration().stream())
                    .reduce(Duration.ZERO, Duration::plus);
            System.out.println("warm start to the first accepted message: " + took.toMillis() + " ms of processors");
            assertThat(took).isPositive();
            assertThat(count(platform, device)).isEqualTo(101);
            assertThat(took).isLessThan(WARM_START);
        }
    }

    private static void awaitFirstAccepted(PackagedPlatform platform, Device device) {
        Await.until("a message is accepted", Duration.ofSeconds(60), () -> {
            try {
                send(platform, device, 100);
                return true;
            } catch (java.io.UncheckedIOException _) {
                return false; // not listening yet
            }
        });
    }

    @Test
    void refusesADataFolderThatIsInUse() {
        var data = folder.resolve("data");
        try (var first = PackagedPlatform.start(data); var second = PackagedPlatform.launch(List.of(), data)) {
            var device = first.register("first");
            assertThat(second.process().onExit().orTimeout(60, TimeUnit.SECONDS).join().exitValue()).isEqualTo(2);
            assertThat(first.logText()).contains("iotflow: another IoTFlow is running on " + data)
                    .contains("choose another folder with --data").doesNotContain("\tat ");
            send(first, device, 1);
            assertThat(count(first, device)).as("the first is undisturbed").isEqualTo(1);
        }
    }

    @Test
    void saysInASentenceThatAPortIsTakenAndWhichSettingChoosesAnother() {
        try (var first = PackagedPlatform.start(folder.resolve("one"))) {
            var taken = Map.of("http.port", first.httpPort(), "mqtt.port", first.mqttPort(),
                    "mqtt.websocket_port", first.websocketPort());
            taken.forEach((setting, port) -> refuses(setting + "=" + port, port + "; is it in use? Choose another with "
                    + setting));
        }
    }

    private void refuses(String setting, String sentence) {
        try (var second = PackagedPlatform.launch(List.of(), folder.resolve("two"), "--set", setting)) {
            int code = second.process().onExit().orTimeout(60, TimeUnit.SECONDS).join().exitValue();
            assertThat(code).as(second.logText()).isEqualTo(2);
            assertThat(second.logText()).contains(sentence).doesNotContain("\tat ");
        }
    }

    @Test
    void saysInASentenceThatTheDataFolderIsNone() throws Exception {
        var file = Files.createFile(folder.resolve("file"));
        var ended = run(List.of(PackagedPlatform.program().toString(), "run", "--config", "/dev/null", "--data",
                file.toString()));
        assertThat(ended.code()).as(ended.said()).isEqualTo(2);
        assertThat(ended.said()).contains(file + " is no folder").doesNotContain("\tat ");
    }

    @Test
    void saysInTwoLinesThatAnOptionIsWrong() throws Exception {
        var ended = run(List.of(PackagedPlatform.program().toString(), "simulate", "--type", "toaster"));
        assertThat(ended.code()).as(ended.said()).isEqualTo(2);
        assertThat(ended.said().lines()).hasSize(2).first().asString().contains("toaster").contains("door_lock");
        assertThat(ended.said()).contains("iotflow simulate --help");
    }

    @Test
    void namesAllMistakesOfAConfigurationAtOnce() throws Exception {
        var file = Files.writeString(folder.resolve("iotflow.yaml"), """
                http:
                  prot: 8080
                  read_timeout: soon
                mqtt:
                  port: many
                journal:
                  durability: perhaps
                """);
        var ended = check("--config", file.toString(), "--set", "registration.mod=open");
        assertThat(ended.code()).as(ended.said()).isEqualTo(2);
        assertThat(ended.said()).contains("there is no key http.prot; did you mean http.port?")
                .contains("http.read_timeout = soon is no duration").contains("mqtt.port = many is no whole number")
                .contains("journal.durability = perhaps is none of fsync, os")
                .contains("registration.mod; did you mean registration.mode?").doesNotContain("\tat ");
    }

    @Test
    void saysThatAConfigurationIsGood() throws Exception {
        var ended = check("--config", "/dev/null", "--set", "http.port=8081");
        assertThat(ended.code()).as(ended.said()).isZero();
        assertThat(ended.said()).contains("the configuration is good");
    }

    @Test
    void runsAsAnOrdinaryUser() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"),
                "this is an ordinary user already: every other test shows it");
        var setpriv = Path.of("/usr/bin/setpriv");
        assumeTrue(Files.isExecutable(setpriv), "setpriv is not installed, so there is no way to become nobody");
        var wrapper = List.of(setpriv.toString(), "--reuid=nobody", "--regid=nogroup", "--clear-groups");
        assumeTrue(run(join(wrapper, "test", "-x", PackagedPlatform.program().toString())).code() == 0,
                "nobody may not read the distribution here");
        // Each folder above the data folder must let nobody through.
        var above = Files.createTempDirectory("iotflow-nobody-");
        try {
            Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
            var data = Files.createDirectory(above.resolve("data"));
            assertThat(run(List.of("chown", "nobody:nogroup", data.toString())).code()).isZero();
            try (var platform = PackagedPlatform.launch(wrapper, data).awaitReady()) {
                var device = platform.register("ordinary");
                send(platform, device, 1);
                assertThat(count(platform, device)).isEqualTo(1);
                assertThat(platform.process().info().user()).contains("nobody");
                assertThat(platform.terminate()).isIn(0, 143);
            }
        } finally {
            run(List.of("rm", "-rf", above.toString()));
        }
    }

    private static List<String> join(List<String> wrapper, String... words) {
        var all = new ArrayList<>(wrapper);
        all.addAll(Arrays.asList(words));
        return all;
    }
}
