package io.iotflow.server.http;

import io.iotflow.server.core.Setting;
import java.time.Duration;
import java.util.List;

/// The HTTP listener's settings.
public record HttpConfig(
        @Setting(value = "0.0.0.0", doc = "The address to listen on; 127.0.0.1 keeps everyone else out.")
        String host,
        @Setting(value = "8080", doc = "The TCP port for the API, the dashboard and WebSocket; 0 takes any free one.")
        int port,
        @Setting(value = "", doc = "Origins whose pages may call the API from a browser, such as "
                + "https://app.example.com, comma separated; * allows every one. Empty allows only our own pages.")
        List<String> corsOrigins,
        @Setting(value = "1024", doc = "Requests answered at the same time; one more is answered 503 with "
                + "Retry-After. Bounds the memory that request bodies take.")
        int maxConcurrentRequests,
        @Setting(value = "1024", doc = "Live event streams and WebSockets open at the same time; one more is "
                + "answered 503 with Retry-After.")
        int maxStreams,
        @Setting(value = "10000", doc = "TCP connections open at the same time; further ones wait to be accepted.")
        int maxConnections,
        @Setting(value = "60s", doc = "How long a connection may stay silent while the server waits for it, before, "
                + "in and between requests; then it is closed.")
        Duration readTimeout,
        @Setting(value = "5s", doc = "How long running requests are given to end when the platform stops.")
        Duration stopGrace,
        @Setting(value = "", doc = "Addresses of reverse proxies whose X-Forwarded-For is believed, comma separated. "
                + "Limits for each address count the client's address only then.")
        List<String> trustedProxies) {

    public HttpConfig {
        if (port < 0 || port > 65_535) throw new IllegalArgumentException("http.port must be from 0 to 65535");
        positive("http.max_concurrent_requests", maxConcurrentRequests);
        positive("http.max_streams", maxStreams);
        positive("http.max_connections", maxConnections);
        if (readTimeout.isNegative() || readTimeout.isZero()) {
            throw new IllegalArgumentException("http.read_timeout must be longer than zero");
        }
        corsOrigins = List.copyOf(corsOrigins);
        trustedProxies = List.copyOf(trustedProxies);
    }

    private static void positive(String key, int value) {
        if (value < 1) throw new IllegalArgumentException(key + " must be at least 1");
    }
}
