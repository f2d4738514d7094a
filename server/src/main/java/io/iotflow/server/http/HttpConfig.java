package io.iotflow.server.http;

import io.iotflow.server.certificate.TlsKeys;
import io.iotflow.server.core.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The HTTP listener's settings.
public record HttpConfig(
        @Setting(value = "0.0.0.0", doc = "The address to listen on; 127.0.0.1 keeps everyone else out.")
        String host,
        @Setting(value = "8080", doc = "The TCP port for the API, the dashboard and WebSocket; 0 takes any free one.")
        int port,
        @Setting(value = "8443", doc = "The TCP port for the same over TLS; opened when a certificate is configured; 0"
                + " takes any free one.")
        int tlsPort,
        @Setting(value = "", doc = "PKCS #12 file with the server's certificate and key; empty = no TLS port, unless"
                + " tls_self_signed is on.")
        Optional<Path> tlsKeystore,
        @Setting(value = "", doc = "Password of tls_keystore.", secret = true)
        Optional<String> tlsKeystorePassword,
        @Setting(value = "false", doc = "Makes a certificate for localhost at the first start and opens the TLS port"
                + " with it. For trying out; clients cannot verify it.")
        boolean tlsSelfSigned,
        @Setting(value = "0s", doc = "How long browsers that came over TLS shall come to this host over nothing else"
                + " (Strict-Transport-Security); it binds all ports of the host. 0s does not say it.")
        Duration hsts,
        @Setting(value = "", doc = "Origins whose pages may call the API from a browser, such as "
                + "https://app.example.com, comma separated; * allows every one. Empty allows only our own pages.")
        List<String> corsOrigins,
        @Setting(value = "1024", doc = "Requests answered at the same time; one more is answered 503 with "
                + "Retry-After. Bounds the memory that request bodies take.")
        int maxConcurrentRequests,
        @Setting(value = "1024", doc = "Live event streams and WebSockets open at the same time; one more is "
                + "answered 503 with Retry-After.")
        int maxStreams,
        @Setting(value = "10000", doc = "TCP connections open at the same time on each of the two ports; further ones"
                + " wait to be accepted, over TLS they are closed.")
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
        if (tlsPort < 0 || tlsPort > 65_535) {
            throw new IllegalArgumentException("http.tls_port must be from 0 to 65535");
        }
        if (hsts.isNegative()) throw new IllegalArgumentException("http.hsts must not be negative");
        if (readTimeout.isNegative() || readTimeout.isZero()) {
            throw new IllegalArgumentException("http.read_timeout must be longer than zero");
        }
        corsOrigins = List.copyOf(corsOrigins);
        trustedProxies = List.copyOf(trustedProxies);
    }

    /// Without TLS.
    public HttpConfig(String host, int port, List<String> corsOrigins, int maxConcurrentRequests, int maxStreams,
            int maxConnections, Duration readTimeout, Duration stopGrace, List<String> trustedProxies) {
        this(host, port, 0, Optional.empty(), Optional.empty(), false, Duration.ZERO, corsOrigins,
                maxConcurrentRequests, maxStreams, maxConnections, readTimeout, stopGrace, trustedProxies);
    }

    /// The server's certificate for the TLS port, if there shall be one.
    public Optional<TlsKeys> tlsKeys(Path folder) {
        return TlsKeys.of("http.tls_keystore", tlsKeystore, tlsKeystorePassword, tlsSelfSigned, folder);
    }

    private static void positive(String key, int value) {
        if (value < 1) throw new IllegalArgumentException(key + " must be at least 1");
    }
}
