package io.iotflow.server.http;

import io.iotflow.server.core.DeviceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// A listener on a free loopback port with one device (key `device-key`) and one operator (token `operator-token`),
/// and a client for it.
final class TestListener implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final HttpConfig CONFIG = new HttpConfig("127.0.0.1", 0, List.of("https://app.example.com"), 64, 4, 1_000,
            Duration.ofSeconds(5), Duration.ofSeconds(2), List.of());

    final HttpListener listener;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TestListener(Routes... routes) {
        this(CONFIG, routes);
    }

    TestListener(HttpConfig config, Routes... routes) {
        this(config, InstantSource.fixed(NOW), routes);
    }

    TestListener(HttpConfig config, InstantSource clock, Routes... routes) {
        listener = new HttpListener(config, clock, List.of(TestListener::authenticate),
                List.of(routes));
    }

    static Optional<Caller> authenticate(String scheme, String credential) {
        return switch (scheme + " " + credential) {
            case "apikey device-key" -> Optional.of(Callers.device(7, "sensor-7"));
            case "admin operator-token" -> Optional.of(Callers.ADMIN);
            default -> Optional.empty();
        };
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + listener.port() + path);
    }

    HttpResponse<String> get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    HttpResponse<String> send(String method, String path, String body, String... headers) {
        var request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(10))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        return send(request.build());
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpClient client() {
        return client;
    }

    @Override
    public void close() {
        // Not close(), which waits for open WebSockets to end.
        client.shutdownNow();
        listener.close();
    }
}
