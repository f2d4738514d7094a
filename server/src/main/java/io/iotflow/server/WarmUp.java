package io.iotflow.server;

import io.iotflow.simulator.Fleet;
import io.iotflow.simulator.Preset;
import io.iotflow.simulator.Simulation;
import io.iotflow.simulator.SimulationOptions;
import io.iotflow.simulator.Target;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Runs a platform for a moment so that the launcher can record which classes a start and first messages need.
@Command(name = "warm-up", hidden = true)
final class WarmUp implements Callable<Integer> {
    private static final String TOKEN = "only-for-the-time-of-the-warm-up";
    private static final Duration SIMULATED = Duration.ofSeconds(3);
    private static final List<String> PAGES = List.of("/health?detailed=true", "/metrics", "/stats", "/",
            "/api/v1/admin/devices", "/api/v1/devices/statuses", "/api/v1/telemetry/1/latest",
            "/api/v1/telemetry/1?start_time=-1h", "/api/v1/telemetry/1/aggregated?field=temperature&window=1m");

    @Override
    public Integer call() throws IOException, InterruptedException {
        var folder = Files.createTempDirectory("iotflow-warm-up");
        var config = PlatformConfig.read(folder.resolve("none.yaml"), Map.of(), Map.of(
                "data.folder", folder.resolve("data").toString(), "http.host", "127.0.0.1", "http.port", "0",
                "mqtt.host", "127.0.0.1", "mqtt.port", "0", "mqtt.websocket_port", "0", "journal.segment_mib", "8"));
        try (var platform = new Platform(config, Optional.of(TOKEN), InstantSource.system())) {
            simulate(platform, folder);
            visit(platform);
        } finally {
            delete(folder);
        }
        return 0;
    }

    private static void simulate(Platform platform, Path folder) throws InterruptedException {
        var target = new Target("127.0.0.1", platform.mqttPort(), platform.httpPort(), Target.Protocol.MQTT);
        var options = SimulationOptions.of(target, Fleet.of(Preset.HOME), folder.resolve("keys.json"));
        options = options.with(options.access().withOperatorToken(TOKEN));
        try (var simulation = Simulation.start(options)) {
            simulation.await(SIMULATED);
        }
    }

    private static void visit(Platform platform) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            for (var page : PAGES) {
                client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + platform.httpPort() + page))
                        .header("Authorization", "admin " + TOKEN).build(), BodyHandlers.discarding());
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
