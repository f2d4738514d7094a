package io.iotflow.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/// Whatever is sent, the answer is never a failure of ours, and nothing is logged as one.
class RandomRequestsTest {
    private static final HttpConfig CONFIG = new HttpConfig("127.0.0.1", 0, List.of(), 64, 4, 1_000,
            Duration.ofMillis(300), Duration.ofSeconds(1), List.of());
    private static TestListener server;
    private static LoggedFailures log;

    record Sample(String name, java.time.Instant at, int count, List<Double> values) {}

    @BeforeContainer
    static void start() {
        server = new TestListener(CONFIG, table -> {
            table.post("samples", Access.PUBLIC, request -> Reply.ok(request.json(Sample.class)));
            table.post("trees/{name}", Access.PUBLIC, request -> Reply.ok(Map.of(request.parameter("name"),
                    request.json())));
            table.get("times/{time}", Access.PUBLIC, request -> Reply.ok(Map.of("at",
                    Query.time("time", request.parameter("time"), request.receivedAt()),
                    "limit", request.query().whole("limit", 5, 1, 9), "fields", request.query().list("fields"),
                    "start", request.query().time("start").map(Object::toString).orElse(""))));
        });
        log = new LoggedFailures();
    }

    @AfterContainer
    static void stop() {
        assertThat(log.lines()).isEmpty();
        log.close();
        server.close();
    }

    @Property(tries = 1_500)
    void noRequestMakesTheServerFail(@ForAll("requests") byte[] request) {
        try (var client = new RawClient(server.listener.port())) {
            var answer = client.send(request).endOutput().untilClosed();
            assertThat(answer).doesNotContain("HTTP/1.1 5");
        }
    }

    @Property(tries = 1_000)
    void noBodyMakesTheServerFail(@ForAll("bodies") String body) {
        assertThat(server.post("/api/v1/samples", body).statusCode()).isLessThan(500);
        assertThat(server.post("/api/v1/trees/a", body).statusCode()).isLessThan(500);
    }

    @Provide
    Arbitrary<byte[]> requests() {
        var methods = Arbitraries.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "X", "");
        var noise = Arbitraries.strings().withCharRange((char) 0, (char) 255).ofMaxLength(20);
        var paths = Arbitraries.oneOf(noise, Arbitraries.of("/", "/docs", "/health", "/openapi.json", "/api",
                "/api/v1/samples", "/api/v1/trees/%41", "/api/v1/times/now", "/api/v1/times/%00", "//", "/%", "/..",
                "/api/v1/times/-1h?limit=%ff", "/api/v1/times/1e999?start=-9999999999999999w", "*",
                "/api/v1/times/" + "9".repeat(60) + "?limit=&fields=,,&start=now"));
        var heads = Arbitraries.oneOf(noise, Arbitraries.of("Host: a\r\n", "Host: a\r\nContent-Length: 3\r\n",
                "Host: a\r\nTransfer-Encoding: chunked\r\n", "Host: a\r\nX-API-Key: \u00e4\r\n",
                "Host: a\r\nAuthorization: \r\n", "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
                "Host: a\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n", "Host: a\r\nExpect: 100-continue\r\n",
                "Host: a\r\nContent-Type: \u0001\r\nContent-Length: 2\r\n", "Host: a\r\nContent-Encoding: x\r\n"));
        var bodies = Arbitraries.oneOf(noise, Arbitraries.of("", "{}", "3\r\n{}", "0\r\n\r\n", "[1]"));
        return Combinators.combine(methods, paths, Arbitraries.of(" HTTP/1.1", " HTTP/1.0", " HTTP/2.0", ""), heads,
                bodies).as((method, path, version, head, body) -> (method + " " + path + version + "\r\n" + head
                + "Connection: close\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
    }

    @Provide
    Arbitrary<String> bodies() {
        var keys = Arbitraries.of("name", "at", "count", "values", "other", "", "\u0130");
        var values = Arbitraries.of("null", "1", "-1.5e3", "1e999", "99999999999999999999", "\"x\"", "true", "{}",
                "[]", "[1,null]", "[\"x\"]", "\"-1h\"", "\"2026-13-45\"", "NaN", "\"\\ud800\"", "[[[[]]]]");
        var objects = Combinators.combine(keys, values).as((key, value) -> "\"" + key + "\":" + value).list()
                .ofMaxSize(4).map(fields -> "{" + String.join(",", fields) + "}");
        return Arbitraries.oneOf(objects, Arbitraries.strings().ofMaxLength(30), values);
    }
}
