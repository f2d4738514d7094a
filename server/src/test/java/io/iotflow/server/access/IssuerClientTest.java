package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Answers of an issuer that means no good.
class IssuerClientTest {
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer server;
    private IssuerClient client;

    @BeforeEach
    void start() throws IOException, NoSuchAlgorithmException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/good", exchange -> answer(exchange, 200, "{\"said\":\"a\"}"));
        server.createContext("/wrong", exchange -> answer(exchange, 500, "{}"));
        server.createContext("/text", exchange -> answer(exchange, 200, "a"));
        server.createContext("/list", exchange -> answer(exchange, 200, "[]"));
        server.createContext("/elsewhere", exchange -> {
            exchange.getResponseHeaders().add("Location", "/good");
            answer(exchange, 302, "{}");
        });
        server.createContext("/silent", _ -> rest());
        server.createContext("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            rest();
        });
        server.createContext("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (over.getCount() > 0) exchange.getResponseBody().write(new byte[10_000]);
        });
        server.start();
        client = new IssuerClient(SSLContext.getDefault(), Duration.ofMillis(500));
    }

    @AfterEach
    void stop() {
        over.countDown();
        client.close();
        server.stop(0);
    }

    private void rest() throws IOException {
        try {
            over.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void answer(HttpExchange exchange, int status, String body)
            throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length());
            exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    @Test
    void anAnswerThatIsNoneSoonSmallAndHereIsRefused() {
        for (var path : new String[] {"/silent", "/slow", "/endless", "/wrong", "/text", "/list", "/elsewhere",
                "/absent"}) {
            assertThatThrownBy(() -> client.fetch(uri(path))).as(path).isInstanceOfSatisfying(PlatformException.class,
                    refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.SIGN_IN_UNAVAILABLE));
        }
        assertThat(client.fetch(uri("/good")).path("said").asText()).isEqualTo("a");
    }
}
