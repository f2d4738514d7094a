package io.iotflow.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What every call gets from the plumbing, whichever feature answers it.
class HttpListenerTest {
    private static TestListener server;

    record Sample(String deviceName, Instant since, List<Integer> numbers) {}

    enum Order { ASC, DESC }

    @BeforeAll
    static void start() {
        server = new TestListener(HttpListenerTest::routes);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void routes(RouteTable table) {
        table.get("devices/{device}/status", Access.PUBLIC,
                request -> Reply.ok(Map.of("device", request.parameter("device"))));
        table.get("devices/status", Access.DEVICE, request -> Reply.text(request.device().name()));
        table.get("admin/stats", Access.with(Permission.DEVICES_READ), _ -> Reply.ok(Map.of("devices", 1)));
        table.get("who", Access.PUBLIC, request -> Reply.text(request.caller().toString()));
        table.post("samples", Access.PUBLIC, request -> Reply.created(request.json(Sample.class))).bodyLimit(1_000);
        table.post("trees", Access.PUBLIC, request -> Reply.ok(request.json()));
        table.get("query", Access.PUBLIC, request -> {
            var query = request.query();
            return Reply.ok(Map.of("limit", query.whole("limit", 100, 1, 1_000),
                    "start", query.time("start").map(Instant::toString).orElse("none"),
                    "order", query.oneOf("order", Order.ASC), "fields", query.list("fields")));
        });
        table.delete("things", Access.PUBLIC, _ -> Reply.noContent());
        table.get("bug", Access.PUBLIC, _ -> {
            throw new IllegalStateException("BUG: secret internals");
        });
        table.get("busy", Access.PUBLIC, _ -> {
            throw PlatformException.retryLater(ErrorCode.RATE_LIMITED, "Slow down.", Duration.ofMillis(1_200));
        });
        table.get("rows", Access.PUBLIC, _ -> Reply.stream("text/csv", out -> {
            for (var row = 0; row < 100_000; row++) out.write("0123456789\n".getBytes());
        }));
        table.outside().get("/health", Access.PUBLIC, _ -> Reply.ok(Map.of("status", "healthy")));
    }

    @Test
    void theAliasAnswersLikeTheBase() {
        assertThat(server.get("/api/v1/devices/a/status").body()).isEqualTo("{\"device\":\"a\"}")
                .isEqualTo(server.get("/api/devices/a/status").body());
        assertThat(server.get("/health").body()).contains("healthy");
        assertThat(server.get("/api/v1/health").statusCode()).isEqualTo(404);
    }

    @Test
    void aPathSegmentMayHoldAnything() {
        assertThat(server.get("/api/v1/devices/status/status").body()).contains("\"status\"");
        assertThat(server.get("/api/v1/devices/a%2Fb%20%C4%B1/status").body()).contains("a/b ı");
        problem(server.get("/api/v1/devices/%FF/status"), 400, "malformed_request");
    }

    @Test
    void credentialsDecideWhoMayCall() {
        problem(server.get("/api/v1/devices/status"), 401, "unauthorized");
        problem(server.get("/api/v1/devices/status", "X-API-Key", "wrong"), 401, "unauthorized");
        problem(server.get("/api/v1/who", "Authorization", "nonsense"), 401, "unauthorized");
        problem(server.get("/api/v1/devices/status", "Authorization", "admin operator-token"), 403, "forbidden");
        problem(server.get("/api/v1/admin/stats", "X-API-Key", "device-key"), 403, "forbidden");
        assertThat(server.get("/api/v1/devices/status", "X-API-Key", "device-key").body())
                .isEqualTo("sensor-7");
        assertThat(server.get("/api/v1/admin/stats", "Authorization", "ADMIN operator-token").statusCode())
                .isEqualTo(200);
        assertThat(server.get("/api/v1/who").body()).contains("Anonymous");
    }

    @Test
    void everyRefusalIsAProblemDocument() {
        var answer = server.get("/api/v1/nowhere");
        problem(answer, 404, "not_found");
        assertThat(answer.body()).contains("\"instance\":\"/api/v1/nowhere\"", "\"error\":\"Not found\"",
                "\"message\":", "\"hint\":", "\"type\":\"urn:iotflow:error:not_found\"");
        var method = server.post("/api/v1/admin/stats", "{}");
        problem(method, 405, "method_not_allowed");
        assertThat(method.headers().firstValue("Allow")).contains("GET");
        var busy = server.get("/api/v1/busy");
        problem(busy, 429, "rate_limited");
        assertThat(busy.headers().firstValue("Retry-After")).contains("2");
    }

    @Test
    void bugsAreAnsweredWithoutInternals() {
        var answer = server.get("/api/v1/bug");
        problem(answer, 500, "internal");
        assertThat(answer.body()).doesNotContain("secret").doesNotContain("Exception");
    }

    @Test
    void bodiesAreReadStrictly() {
        var good = "{\"device_name\":\"a\",\"since\":\"-1h\",\"numbers\":[1]}";
        assertThat(server.post("/api/v1/samples", good).body())
                .isEqualTo("{\"device_name\":\"a\",\"since\":\"2026-03-01T11:00:00Z\",\"numbers\":[1]}");
        problem(server.post("/api/v1/samples", ""), 400, "malformed_request");
        problem(server.post("/api/v1/samples", "{\"device_name\":"), 400, "malformed_request");
        problem(server.post("/api/v1/samples", "{\"device_name\":1e,}"), 400, "malformed_request");
        problem(server.post("/api/v1/samples", "{} {}"), 400, "malformed_request");
        problem(server.post("/api/v1/samples", "{\"device_name\":\"a\",\"device_name\":\"b\"}"), 400,
                "malformed_request");
        problem(server.post("/api/v1/samples", "{\"device_nam\":\"a\"}"), 422, "invalid");
        problem(server.post("/api/v1/samples", "{\"numbers\":[1,\"x\"]}"), 422, "invalid");
        problem(server.post("/api/v1/samples", "{\"since\":\"yesterday\"}"), 422, "invalid");
        problem(server.post("/api/v1/samples", good, "Content-Type", "text/plain"), 415, "unsupported_media_type");
        problem(server.post("/api/v1/samples", " ".repeat(1_001)), 413, "too_large");
        problem(server.post("/api/v1/trees", "[".repeat(65) + "]".repeat(65)), 400, "malformed_request");
        assertThat(server.post("/api/v1/trees", "{\"a\":\n  \"b\n\"}").body()).contains("line 2, column");
    }

    @Test
    void queryParametersAreTyped() {
        assertThat(server.get("/api/v1/query?limit=5&start=2026-01-01&order=desc&fields=a,b&fields=c").body())
                .contains("\"limit\":5", "2026-01-01T00:00:00Z", "DESC", "[\"a\",\"b\",\"c\"]");
        problem(server.get("/api/v1/query?limit=0"), 422, "invalid");
        problem(server.get("/api/v1/query?limit=many"), 422, "invalid");
        problem(server.get("/api/v1/query?order=sideways"), 422, "invalid");
        problem(server.get("/api/v1/query?start=%ff"), 400, "malformed_request");
    }

    @Test
    void longAnswersAreStreamedWhole() {
        assertThat(server.get("/api/v1/rows").body()).hasSize(1_100_000);
    }

    @Test
    void headAndOptionsAnswerWithoutABody() {
        var head = server.send("HEAD", "/health", null);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(server.send("OPTIONS", "/api/v1/things", null).headers().firstValue("Allow"))
                .contains("DELETE, OPTIONS");
        assertThat(server.send("DELETE", "/api/v1/things", null).statusCode()).isEqualTo(204);
    }

    @Test
    void onlyConfiguredOriginsMayCallFromABrowser() {
        var known = server.get("/health", "Origin", "https://app.example.com");
        assertThat(known.headers().firstValue("Access-Control-Allow-Origin")).contains("https://app.example.com");
        var other = server.get("/health", "Origin", "https://evil.example.com");
        assertThat(other.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        var preflight = server.send("OPTIONS", "/api/v1/things", null, "Origin", "https://app.example.com",
                "Access-Control-Request-Method", "DELETE");
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods").orElse("")).contains("DELETE");
    }

    @Test
    void everyAnswerForbidsSniffingAndCaching() {
        var headers = server.get("/health").headers();
        assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(headers.firstValue("Cache-Control")).contains("no-store");
        assertThat(headers.firstValue("Content-Security-Policy").orElse("")).contains("default-src 'none'");
    }

    static void problem(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).contains("\"status\":" + status, "\"code\":\"" + code + "\"");
    }
}
