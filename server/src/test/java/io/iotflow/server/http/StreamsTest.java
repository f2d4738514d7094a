package io.iotflow.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Answers that last: server-sent events, WebSockets, long bodies, and what bounds them.
class StreamsTest {
    private static final HttpConfig CONFIG = new HttpConfig("127.0.0.1", 0, List.of(), 2, 2, 1_000,
            Duration.ofMillis(900), Duration.ofSeconds(1), List.of());
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch exportEnded = new CountDownLatch(1);
    private TestListener server;

    @BeforeEach
    void start() {
        server = new TestListener(CONFIG, this::routes);
    }

    @AfterEach
    void stop() {
        release.countDown();
        server.close();
    }

    private void routes(RouteTable table) {
        table.get("stream", Access.KNOWN, _ -> Reply.events(stream -> {
            stream.send("1", "telemetry", "{\"n\":1}");
            release.await();
            stream.send("2", null, "two\nlines");
        })).longLived();
        table.get("slow", Access.PUBLIC, _ -> {
            release.await();
            return Reply.ok(Map.of());
        });
        table.get("endless", Access.PUBLIC, _ -> Reply.stream("text/csv", out -> {
            try {
                while (true) out.write(new byte[8_192]);
            } finally {
                exportEnded.countDown();
            }
        }));
        table.get("half", Access.PUBLIC, _ -> Reply.stream("text/csv", out -> {
            out.write(new byte[100_000]);
            throw new PlatformException(ErrorCode.UNAVAILABLE, "The store is gone.");
        }));
        table.get("fails", Access.PUBLIC, _ -> Reply.stream("text/csv", _ -> {
            throw new PlatformException(ErrorCode.UNAVAILABLE, "The store is gone.");
        }));
        table.webSocket("/ws", Access.KNOWN, this::converse);
        table.webSocket("/open", Access.PUBLIC, this::converse);
    }

    private WebSocketConversation converse(Request handshake, WebSocketConnection connection) {
        return new WebSocketConversation() {
            @Override
            public void opened() {
                connection.send("hello " + handshake.caller());
            }

            @Override
            public void received(String text) {
                if (text.equals("bad")) throw PlatformException.invalid("subscribe", "is missing");
                connection.send(text.startsWith("admin ") ? connection.authenticate(text).toString() : "echo " + text);
            }

            @Override
            public void closed() {
                events.add("closed");
            }
        };
    }

    @Test
    void eventsArriveWhileTheStreamIsOpen() {
        try (var client = new RawClient(server.listener.port())) {
            client.send("GET /api/v1/stream HTTP/1.1\r\nHost: a\r\nX-API-Key: device-key\r\n\r\n");
            assertThat(client.until("{\"n\":1}\n\n")).contains("text/event-stream", "id: 1\nevent: telemetry\ndata: ");
            release.countDown();
            assertThat(client.until("data: lines\n\n")).contains("id: 2\ndata: two\ndata: lines");
        }
    }

    @Test
    void streamsDoNotCountAsRequestsButHaveTheirOwnBound() {
        try (var first = new RawClient(server.listener.port()); var second = new RawClient(server.listener.port())) {
            for (var client : List.of(first, second)) {
                client.send("GET /api/v1/stream HTTP/1.1\r\nHost: a\r\nX-API-Key: device-key\r\n\r\n");
                client.until("{\"n\":1}\n\n");
            }
            var third = server.get("/api/v1/stream", "X-API-Key", "device-key");
            HttpListenerTest.problem(third, 503, "overloaded");
            assertThat(third.headers().firstValue("Retry-After")).contains("1");
            HttpListenerTest.problem(server.get("/api/v1/nowhere"), 404, "not_found");
        }
    }

    @Test
    void moreRequestsThanAllowedAreToldToComeBack() {
        try (var first = new RawClient(server.listener.port()); var second = new RawClient(server.listener.port())) {
            first.send("GET /api/v1/slow HTTP/1.1\r\nHost: a\r\n\r\n");
            second.send("GET /api/v1/slow HTTP/1.1\r\nHost: a\r\n\r\n");
            var third = server.get("/api/v1/nowhere");
            while (third.statusCode() == 404) third = server.get("/api/v1/nowhere");
            HttpListenerTest.problem(third, 503, "overloaded");
            assertThat(third.headers().firstValue("Retry-After")).contains("1");
            release.countDown();
            assertThat(first.until("{}")).startsWith("HTTP/1.1 200");
            assertThat(second.until("{}")).startsWith("HTTP/1.1 200");
        }
        assertThat(server.listener.statistics().overloaded().sum()).isPositive();
    }

    @Test
    void aClientThatNeverReadsIsClosed() throws Exception {
        try (var client = new RawClient(server.listener.port())) {
            client.send("GET /api/v1/endless HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(exportEnded.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aStreamThatFailsBeforeItsFirstByteIsAProblem() {
        HttpListenerTest.problem(server.get("/api/v1/fails"), 503, "unavailable");
    }

    @Test
    void aStreamThatFailsLaterIsVisiblyCutOff() {
        assertThatThrownBy(() -> server.get("/api/v1/half")).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void http2IsSpokenToo() throws Exception {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            var request = HttpRequest.newBuilder(server.uri("/api/v1/nowhere")).build();
            var answer = client.send(request, BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            HttpListenerTest.problem(answer, 404, "not_found");
            var posted = client.send(HttpRequest.newBuilder(server.uri("/api/v1/slow"))
                    .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000))).build(), BodyHandlers.ofString());
            HttpListenerTest.problem(posted, 405, "method_not_allowed");
        }
    }

    @Test
    void aWebSocketConversesOnceTheCredentialsAreRight() throws Exception {
        var messages = new LinkedBlockingQueue<String>();
        var socket = connect("/ws", messages, "X-API-Key", "device-key");
        assertThat(next(messages)).contains("sensor-7");
        socket.sendText("a", false).join();
        socket.sendText("b", true).join();
        assertThat(next(messages)).isEqualTo("echo ab");
        socket.sendText("bad", true).join();
        assertThat(next(messages)).contains("\"code\":\"invalid\"");
        socket.sendClose(1000, "bye").join();
        assertThat(next(messages)).startsWith("closed");
        assertThat(next(events)).isEqualTo("closed");
    }

    @Test
    void aBrowserMaySendItsCredentialAsASubprotocolOrAMessage() throws Exception {
        var messages = new LinkedBlockingQueue<String>();
        var token = Base64.getUrlEncoder().withoutPadding()
                .encodeToString("operator-token".getBytes(StandardCharsets.UTF_8));
        server.client().newWebSocketBuilder().subprotocols("iotflow", "iotflow.admin." + token)
                .buildAsync(socketUri("/ws"), new Listening(messages)).join();
        assertThat(next(messages)).contains("kind=TOKEN");
        var open = connect("/open", messages);
        assertThat(next(messages)).contains("Anonymous");
        open.sendText("admin operator-token", true).join();
        assertThat(next(messages)).contains("kind=TOKEN");
        open.sendText("admin wrong", true).join();
        assertThat(next(messages)).contains("\"code\":\"unauthorized\"");
    }

    @Test
    void aHandshakeWithoutCredentialsIsRefused() {
        var messages = new LinkedBlockingQueue<String>();
        assertThatThrownBy(() -> connect("/ws", messages)).isInstanceOf(CompletionException.class)
                .hasRootCauseMessage("Unexpected HTTP response status code 401");
        HttpListenerTest.problem(server.get("/open"), 400, "malformed_request");
    }

    @Test
    void aListeningWebSocketOutlivesTheReadTimeoutBecauseItIsPinged() throws Exception {
        var messages = new LinkedBlockingQueue<String>();
        connect("/ws", messages, "X-API-Key", "device-key");
        next(messages);
        for (var pings = 0; pings < 6; pings++) {
            assertThat(messages.poll(10, TimeUnit.SECONDS)).isEqualTo("ping");
        }
    }

    @Test
    void aWebSocketWhoseClientVanishedIsClosed() throws Exception {
        var messages = new LinkedBlockingQueue<String>();
        connect("/ws", messages, "X-API-Key", "device-key").abort();
        assertThat(next(events)).isEqualTo("closed");
    }

    @Test
    void stoppingSaysGoodbye() throws Exception {
        var messages = new LinkedBlockingQueue<String>();
        connect("/ws", messages, "X-API-Key", "device-key");
        next(messages);
        server.listener.close();
        assertThat(next(messages)).startsWith("closed 1001");
        assertThat(next(events)).isEqualTo("closed");
    }

    private WebSocket connect(String path, BlockingQueue<String> messages, String... header) {
        var builder = server.client().newWebSocketBuilder();
        if (header.length == 2) builder.header(header[0], header[1]);
        return builder.buildAsync(socketUri(path), new Listening(messages)).join();
    }

    private URI socketUri(String path) {
        return URI.create("ws://127.0.0.1:" + server.listener.port() + path);
    }

    /// The next message but pings. The client takes one thing to send at a time: what is sent is waited for.
    private static String next(BlockingQueue<String> queue) throws InterruptedException {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        var message = "ping";
        while ("ping".equals(message)) message = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        assertThat(message).as("a message within 10 s").isNotNull();
        return message;
    }

    private record Listening(BlockingQueue<String> messages) implements WebSocket.Listener {
        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            messages.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPing(WebSocket socket, java.nio.ByteBuffer message) {
            messages.add("ping");
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            messages.add("closed " + status);
            return null;
        }
    }
}
