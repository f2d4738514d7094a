package io.iotflow.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.certificate.CertificateAuthority;
import io.iotflow.server.certificate.CertificateConfig;
import io.iotflow.server.certificate.ClientTrust;
import io.iotflow.server.certificate.ServerTls;
import io.iotflow.server.certificate.TestAuthority;
import io.iotflow.server.limits.RateLimitConfig;
import io.iotflow.server.limits.RateLimits;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What bounds a client of the TLS port: the same as without TLS.
class TlsPortTest {
    private static final int CONNECTIONS = 8;
    private static final CountDownLatch EXPORT_ENDED = new CountDownLatch(1);

    @TempDir
    static Path folder;
    private static HttpListener listener;
    private static SSLContext context;

    @BeforeAll
    static void start() throws Exception {
        var keys = TestAuthority.pair("EC");
        var own = new TestAuthority("self").issue("localhost", keys.getPublic());
        var config = new CertificateConfig(Optional.empty(), Optional.empty(), Optional.empty(), Duration.ofDays(1));
        var tls = new ServerTls(TestAuthority.shows(keys, own), new ClientTrust(
                new CertificateAuthority(config, folder, InstantSource.system()), config, InstantSource.system()));
        context = SSLContext.getInstance("TLS");
        context.init(null, TestAuthority.trusts(own).getTrustManagers(), null);
        listener = new HttpListener(new HttpConfig("127.0.0.1", 0, List.of(), 64, 4, CONNECTIONS,
                Duration.ofMillis(900), Duration.ofSeconds(1), List.of()), MapConfig.NONE, Optional.of(tls),
                InstantSource.system(), new RateLimits(RateLimitConfig.off()), List.of(), List.of(TlsPortTest::routes));
    }

    @AfterAll
    static void stop() {
        listener.close();
    }

    private static void routes(RouteTable table) {
        table.get("hello", Access.PUBLIC, _ -> Reply.ok(Map.of()));
        table.get("endless", Access.PUBLIC, _ -> Reply.stream("text/csv", out -> {
            try {
                while (true) out.write(new byte[8_192]);
            } finally {
                EXPORT_ENDED.countDown();
            }
        }));
    }

    private static RawClient tls() {
        return new RawClient(listener.tlsPort(), context.getSocketFactory());
    }

    private static void answers() {
        try (var client = tls()) {
            client.send("GET /api/v1/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            assertThat(client.untilClosed()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void handshakesThatFailTakeNoPlaceForGood() {
        for (int i = 0; i < 3 * CONNECTIONS; i++) {
            try (var plain = new RawClient(listener.tlsPort())) {
                plain.send("GET /api/v1/hello HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(plain.untilClosed()).doesNotContain("200");
            }
        }
        answers();
    }

    @Test
    void whoeverSaysNothingIsClosedAndOneTooManyIsClosedAtOnce() {
        var silent = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < 2 * CONNECTIONS; i++) silent.add(new RawClient(listener.tlsPort()));
            for (var client : silent) assertThat(client.untilClosed()).doesNotContain("HTTP");
        } finally {
            silent.forEach(RawClient::close);
        }
        answers();
    }

    @Test
    void aClientThatNeverReadsIsClosed() throws Exception {
        try (var client = tls()) {
            client.send("GET /api/v1/endless HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(EXPORT_ENDED.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void http2IsAgreedInTheHandshake() throws Exception {
        try (var client = HttpClient.newBuilder().sslContext(context).version(HttpClient.Version.HTTP_2).build()) {
            var answer = client.send(HttpRequest.newBuilder(URI.create("https://localhost:" + listener.tlsPort()
                    + "/api/v1/hello")).build(), BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }
}
