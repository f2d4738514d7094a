package io.iotflow.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is not HTTP, or hardly: answered or closed, never logged as a failure of ours, and nobody else notices.
class BadHttpTest {
    private static final HttpConfig CONFIG = new HttpConfig("127.0.0.1", 0, List.of(), 64, 4, 1_000,
            Duration.ofMillis(800), Duration.ofSeconds(1), List.of());
    private TestListener server;
    private LoggedFailures log;

    @BeforeEach
    void start() {
        server = new TestListener(CONFIG, table -> {
            table.post("echo", Access.PUBLIC, request -> Reply.ok(Map.of("bytes", request.body().length)))
                    .bodyLimit(1_000);
            table.post("tree", Access.PUBLIC, request -> Reply.ok(request.json()));
            table.post("device", Access.DEVICE, request -> Reply.ok(request.json()));
            table.get("hello", Access.PUBLIC, _ -> Reply.ok(Map.of("hello", "world")));
        });
        log = new LoggedFailures();
    }

    @AfterEach
    void stop() {
        assertThat(server.get("/api/v1/hello").statusCode()).as("others are still served").isEqualTo(200);
        assertThat(log.lines()).isEmpty();
        log.close();
        server.close();
    }

    private String answer(String request) {
        try (var client = new RawClient(server.listener.port())) {
            return client.send(request).untilClosed();
        }
    }

    private void refused(String request, int status) {
        var answer = answer(request);
        assertThat(answer).as(request).startsWith("HTTP/1.1 " + status).contains("application/problem+json");
    }

    @Test
    void badRequestLinesAndHeadersAreRefusedInOurForm() {
        refused("GET /api/v1/hello HTTP/1.1\r\nConnection: close\r\n\r\n", 400);
        refused("GET /api/v1/hello HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400);
        refused("GET /a b c HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        refused("GET /api/v1/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400);
        refused("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        refused("GET / HTTP/1.1\r\nHost: a\r\nX: " + "b".repeat(40_000) + "\r\n\r\n", 400);
        refused("GET / HTTP/1.1\r\nHost: a\r\n" + "X: b\r\n".repeat(5_000) + "\r\n", 400);
        refused("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400);
        refused("GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n", 400);
    }

    @Test
    void noiseIsClosed() {
        for (var noise : List.of("hello\r\n\r\n", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001", "\r\n\r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n", "\u0000".repeat(9_000), "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnot frames at all")) {
            assertThat(answer(noise)).as(noise).doesNotContain("HTTP/1.1 200").doesNotContain("HTTP/1.1 5");
        }
    }

    @Test
    void lengthsThatLieAreRefused() {
        refused("POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello", 400);
        refused("POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\nhello", 400);
        refused("POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nhello", 413);
        refused("POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n"
                + "x".repeat(5_000), 413);
    }

    @Test
    void aRequestCannotBeSmuggledInABodyOfTwoLengths() {
        var answer = answer("POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1/hello HTTP/1.1\r\nHost: a\r\n"
                + "Connection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400").doesNotContain("world");
    }

    @Test
    void chunkedGarbageIsRefused() {
        var head = "POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        refused(head + "zz\r\nhello\r\n", 400);
        refused(head + "7fffffff\r\nhello\r\n", 413);
        refused(head + "-1\r\nhello\r\n", 400);
        refused(head + "3e9\r\n" + "x".repeat(1_001) + "\r\n0\r\n\r\n", 413);
        assertThat(answer(head.replace("chunked", "chunked\r\nConnection: close") + "5\r\nhello\r\n0\r\n\r\n"))
                .contains("\"bytes\":5");
    }

    @Test
    void invalidUtf8IsRefused() {
        try (var client = new RawClient(server.listener.port())) {
            var answer = client.send("POST /api/v1/tree HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n"
                    + "Connection: close\r\n\r\n{\"a\":\"\u00ff\u00fe\"}").untilClosed();
            assertThat(answer).startsWith("HTTP/1.1 400").contains("malformed_request");
        }
    }

    @Test
    void aBodyThatIsNotWantedDoesNotBecomeTheNextRequest() {
        var smuggled = "GET /api/v1/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        var padded = smuggled.repeat(6_000);
        var answer = answer("POST /api/v1/device HTTP/1.1\r\nHost: a\r\nContent-Length: " + padded.length()
                + "\r\n\r\n" + padded);
        assertThat(answer).startsWith("HTTP/1.1 401").doesNotContain("world");
        var small = answer("POST /api/v1/device HTTP/1.1\r\nHost: a\r\nContent-Length: " + smuggled.length()
                + "\r\n\r\n" + smuggled + smuggled);
        assertThat(small).startsWith("HTTP/1.1 401").containsOnlyOnce("world");
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() {
        var one = "POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s";
        var answer = answer(one.formatted(1, "a") + one.formatted(2, "ab") + one.formatted(3, "abc")
                + "GET /api/v1/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(answer).containsSubsequence("\"bytes\":1", "\"bytes\":2", "\"bytes\":3", "world");
    }

    @Test
    void aClientThatSaysNothingIsClosed() {
        for (var silence : List.of("", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\nX-", "POST /api/v1/echo HTTP/1.1\r\n"
                + "Host: a\r\nContent-Length: 10\r\n\r\nhel")) {
            assertThat(answer(silence)).as(silence).doesNotContain("HTTP/1.1 200").doesNotContain("HTTP/1.1 5");
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleIsForgotten() {
        for (var i = 0; i < 20; i++) {
            try (var client = new RawClient(server.listener.port())) {
                client.send("POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhel");
            }
            try (var client = new RawClient(server.listener.port())) {
                client.send("POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhel").endOutput();
                assertThat(client.untilClosed()).doesNotContain("HTTP/1.1 5");
            }
        }
    }

    @Test
    void strangeMethodsAreRefused() {
        refused("BREW /api/v1/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405);
        refused("BREW /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404);
        refused("TRACE /api/v1/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405);
    }
}
