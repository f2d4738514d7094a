package io.iotflow.server.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.iotflow.server.Platform;
import io.iotflow.server.PlatformConfig;
import io.iotflow.server.database.EmptyDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The whole platform on free loopback ports, with an operator's token and a client for it.
public final class LivePlatform implements AutoCloseable {
    public static final String TOKEN = "operators-token-for-tests-0123456789";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Platform platform;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// A device as its maker knows it.
    public record Known(long id, String name, String key) {}

    /// What the platform answered.
    public record Answer(int status, JsonNode body, HttpResponse<String> whole) {}

    public LivePlatform(Path folder, Map<String, String> settings) {
        var all = new HashMap<>(Map.of("data.folder", folder.toString(), "http.host", "127.0.0.1", "http.port", "0",
                "mqtt.host", "127.0.0.1", "mqtt.port", "0", "mqtt.websocket_port", "-1", "journal.segment_mib", "4",
                "journal.budget_mib", "64", "journal.buffer_mib", "2"));
        all.put("registration.mode", "open");
        all.put("registration.limit", "1000");
        all.putAll(settings);
        var config = PlatformConfig.read(folder.resolve("none.yaml"), Map.of(), all);
        EmptyDatabase.putInto(folder.resolve("database"));
        platform = new Platform(config, Optional.of(TOKEN), InstantSource.system());
    }

    public Platform platform() {
        return platform;
    }

    public HttpClient client() {
        return client;
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + platform.httpPort() + path);
    }

    public Known register(String name) {
        var made = send("POST", "/api/v1/devices/register", "{\"name\":\"" + name + "\",\"device_type\":\"test\"}");
        var device = made.body().path("device");
        return new Known(device.path("id").asLong(), name, device.path("api_key").asText());
    }

    public Answer asOperator(String method, String path, String body, String... headers) {
        return send(method, path, body, with(headers, "Authorization", "admin " + TOKEN));
    }

    public Answer as(Known device, String method, String path, String body, String... headers) {
        return send(method, path, body, with(headers, "X-API-Key", device.key()));
    }

    private static String[] with(String[] headers, String name, String value) {
        var all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = name;
        all[headers.length + 1] = value;
        return all;
    }

    public Answer send(String method, String path, String body, String... headers) {
        var request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        try {
            var answer = client.send(request.build(), BodyHandlers.ofString());
            var isJson = answer.headers().firstValue("Content-Type").orElse("").contains("json");
            return new Answer(answer.statusCode(), JSON.readTree(isJson ? answer.body() : "{}"), answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        // Not close(), which waits for open WebSockets to end.
        client.shutdownNow();
        platform.close();
    }
}
