package io.iotflow.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.iotflow.server.database.EmptyDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// The whole platform on free loopback ports with a data folder of its own, as an operator sees it.
public final class TestPlatform implements AutoCloseable {
    public static final String TOKEN = "operator-token-of-the-tests-0123456789";
    private static final JsonMapper JSON = new JsonMapper();

    private final Path folder;
    private final Platform platform;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// A device and its key.
    public record TestDevice(long id, String name, String key) {
        /// A topic below its root, by name.
        public String topic(String rest) {
            return "devices/" + name + '/' + rest;
        }
    }

    private TestPlatform(Path folder, Platform platform) {
        this.folder = folder;
        this.platform = platform;
    }

    /// @param settings more settings, such as `mqtt.server_keep_alive=2`
    public static TestPlatform start(String... settings) {
        return start(InstantSource.system(), settings);
    }

    /// @param clock the platform's own; it may be ahead of the world's
    public static TestPlatform start(InstantSource clock, String... settings) {
        try {
            var folder = Files.createTempDirectory("iotflow-platform-");
            var all = new HashMap<>(Map.of("data.folder", folder.toString(), "http.host", "127.0.0.1", "http.port", "0",
                    "mqtt.host", "127.0.0.1", "mqtt.port", "0", "mqtt.websocket_port", "0",
                    "journal.segment_mib", "16", "journal.budget_mib", "512"));
            for (var setting : settings) {
                var equals = setting.indexOf('=');
                all.put(setting.substring(0, equals), setting.substring(equals + 1));
            }
            var config = PlatformConfig.read(folder.resolve("none.yaml"), Map.of(), all);
            EmptyDatabase.putInto(folder.resolve("database"));
            return new TestPlatform(folder, new Platform(config, Optional.of(TOKEN), clock));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Platform platform() {
        return platform;
    }

    /// The data folder.
    public Path folder() {
        return folder;
    }

    public int mqttPort() {
        return platform.mqttPort();
    }

    /// Says something to the devices of a group.
    public void publishToGroup(long group, String text) {
        platform.mqtt().publishToGroup(group, text.getBytes(StandardCharsets.UTF_8), Optional.empty());
    }

    /// Registers an active device.
    public TestDevice device(String name) {
        var made = call("POST", "/api/v1/admin/devices", "{\"name\":\"" + name + "\",\"device_type\":\"test\"}")
                .path("device");
        return new TestDevice(made.path("id").longValue(), name, made.path("api_key").textValue());
    }

    /// An operator's call; its answer must be a success.
    public JsonNode call(String method, String path, String body) {
        try {
            return JSON.readTree(answer(method, path, body));
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }

    /// What is not JSON, such as `/metrics`.
    public String text(String path) {
        return answer("GET", path, "");
    }

    private String answer(String method, String path, String body) {
        var answer = send(method, path, body, "Authorization", "admin " + TOKEN);
        if (answer.statusCode() / 100 != 2) throw new AssertionError(path + " answers " + answer.body());
        return answer.body();
    }

    /// Anybody's call, whatever the answer.
    ///
    /// @param headers name and value in turn, such as the credentials
    public HttpResponse<String> send(String method, String path, String body, String... headers) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + platform.httpPort() + path))
                .timeout(Duration.ofSeconds(20)).header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public JsonNode get(String path) {
        return call("GET", path, "");
    }

    /// How many values of a metric are stored; whatever was acknowledged counts.
    public long stored(TestDevice device, String metric) {
        var data = get("/api/v1/telemetry/" + device.id() + "/aggregated?field=" + metric
                + "&aggregation=count&window=365d&start_time=2000-01-01T00:00:00Z").path("data");
        var count = 0L;
        for (var window : data) count += window.path("value").longValue();
        return count;
    }

    /// One figure of `/mqtt/monitoring/metrics`; a slash goes deeper.
    public long mqttFigure(String name) {
        var metrics = get("/api/v1/mqtt/monitoring/metrics").path("metrics");
        return metrics.at("/" + name).longValue();
    }

    /// What somebody sees as soon as it is as expected.
    public static <T> T await(Callable<T> seen, Predicate<T> isExpected) {
        var last = new AtomicReference<T>();
        await("something else than " + seen, () -> {
            last.set(seen.call());
            return isExpected.test(last.get());
        });
        return last.get();
    }

    /// Waits for something that must come true within ten seconds.
    public static void await(String what, Callable<Boolean> condition) {
        await(what, Duration.ofSeconds(10), condition);
    }

    public static void await(String what, Duration atMost, Callable<Boolean> condition) {
        var deadline = System.nanoTime() + atMost.toNanos();
        try {
            while (!condition.call()) {
                if (System.nanoTime() > deadline) throw new AssertionError("not within " + atMost + ": " + what);
                LockSupport.parkNanos(5_000_000);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        platform.close();
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
