package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// An HTTP server on loopback that keeps what it gets.
final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final CountDownLatch mayAnswer;
    private final List<Got> got = new CopyOnWriteArrayList<>();
    private volatile Answer answer = new Answer(200, "thanks", Map.of());

    /// One call; names of headers in lower case.
    record Got(String method, String path, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        JsonNode json() {
            try {
                return Json.mapper().readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    record Answer(int status, String body, Map<String, String> headers) {}

    private Receiver(int port, CountDownLatch mayAnswer) {
        this(server(port, null), mayAnswer);
    }

    static {
        // Or each answer waits 40 ms for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static HttpServer server(int port, SSLContext tls) {
        try {
            var address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
            if (tls == null) return HttpServer.create(address, 50);
            var server = HttpsServer.create(address, 50);
            server.setHttpsConfigurator(new HttpsConfigurator(tls));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Receiver(HttpServer made, CountDownLatch mayAnswer) {
        this.mayAnswer = mayAnswer;
        server = made;
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            var headers = new HashMap<String, String>();
            exchange.getRequestHeaders().forEach((name, values) ->
                    headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
            got.add(new Got(exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers,
                    exchange.getRequestBody().readAllBytes()));
            try {
                mayAnswer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            var now = answer;
            now.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            var body = now.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(now.status(), body.length == 0 ? -1 : body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
    }

    static Receiver start() {
        return new Receiver(0, new CountDownLatch(0));
    }

    static Receiver tls(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, new char[0], new X509Certificate[] {certificate});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        return new Receiver(server(0, tls), new CountDownLatch(0));
    }

    static Receiver at(int port) {
        return new Receiver(port, new CountDownLatch(0));
    }

    /// Answers nothing before the latch opens.
    static Receiver slow(CountDownLatch mayAnswer) {
        return new Receiver(0, mayAnswer);
    }

    void answers(int status, String body, String... header) {
        answer = new Answer(status, body, header.length == 0 ? Map.of() : Map.of(header[0], header[1]));
    }

    List<Got> got() {
        return got;
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    @Override
    public void close() {
        mayAnswer.countDown();
        server.stop(0);
    }
}
