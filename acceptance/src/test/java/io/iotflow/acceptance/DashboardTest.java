package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The dashboard in a real browser, over a platform with simulated devices. The screenshots stay in
/// `target/screenshots`.
class DashboardTest {
    private static final Path DASHBOARD = Path.of("../dashboard").toAbsolutePath().normalize();
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    Path folder;

    @Test
    void aPersonFindsTheWayThroughAllPages() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "Chromium is not installed");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/node")), "Node is not installed at /usr/bin/node");
        assumeTrue(Files.isDirectory(DASHBOARD.resolve("node_modules/playwright-core")),
                "playwright-core is not there; the dashboard's build brings it");
        try (var platform = PackagedPlatform.start(folder.resolve("data"),
                "--set", "notification.allow_private_addresses=true")) {
            var log = folder.resolve("simulate.log");
            var simulation = new ProcessBuilder(PackagedPlatform.program().toString(), "simulate", "--name", "walker",
                    "--type", "temperature", "--telemetry-interval", "1s", "--host", "127.0.0.1",
                    "--mqtt-port", "" + platform.mqttPort(), "--http-port", "" + platform.httpPort())
                    .directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
            try {
                Await.until("the simulated device has sent something", Duration.ofSeconds(60), () -> {
                    if (!simulation.isAlive()) throw new AssertionError("the simulator has ended");
                    return platform.asAdmin("/api/v1/telemetry/walker/latest").body().contains("\"timestamp\"");
                });
                walk(platform);
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + Files.readString(log), e);
            } finally {
                simulation.destroy();
                if (!simulation.waitFor(20, TimeUnit.SECONDS)) simulation.destroyForcibly();
            }
        }
    }

    private static void walk(PackagedPlatform platform) throws Exception {
        var shots = Path.of("target/screenshots").toAbsolutePath();
        var said = Files.createDirectories(shots).resolve("walk.log");
        var builder = new ProcessBuilder("/usr/bin/node", "e2e/run.mjs").directory(DASHBOARD.toFile())
                .redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().put("IOTFLOW_URL", platform.uri("").toString());
        builder.environment().put("IOTFLOW_TOKEN", PackagedPlatform.TOKEN);
        builder.environment().put("IOTFLOW_DEVICE", "walker");
        builder.environment().put("IOTFLOW_SCREENSHOTS", shots.toString());
        var walk = builder.start();
        try {
            assertThat(walk.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("the walk ends").isTrue();
            assertThat(walk.exitValue()).as(Files.readString(said, StandardCharsets.UTF_8)).isZero();
        } finally {
            walk.descendants().forEach(ProcessHandle::destroyForcibly);
            walk.destroyForcibly();
        }
    }
}
