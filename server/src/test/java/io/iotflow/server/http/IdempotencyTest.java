package io.iotflow.server.http;

import static io.iotflow.server.http.HttpListenerTest.problem;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Writes that are sent again with the same `Idempotency-Key`, over a real connection.
class IdempotencyTest {
    private static final String[] OPERATOR = {"Authorization", "admin operator-token"};
    private static final String[] DEVICE = {"X-API-Key", "device-key"};

    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private final AtomicReference<java.time.Instant> now = new AtomicReference<>(TestListener.NOW);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final TestListener server = new TestListener(TestListener.CONFIG, now::get, this::routes);

    @AfterEach
    void stop() {
        released.countDown();
        server.close();
    }

    private void routes(RouteTable table) {
        table.post("things", Access.PUBLIC, request -> made(request.json().path("name").asText()))
                .credentialHeader("X-Own-Key");
        table.put("things/{thing}", Access.PUBLIC, request -> made(request.parameter("thing")));
        table.post("large", Access.PUBLIC, _ -> made("x".repeat(1 << 20)));
        table.post("measurements", Access.PUBLIC, _ -> made("m")).repeatable();
        table.post("slow", Access.PUBLIC, _ -> {
            begun.countDown();
            released.await();
            return made("slow");
        });
    }

    private Reply made(String name) {
        var number = done.incrementAndGet();
        if (failure.get() != null) throw failure.get();
        return Reply.created(name + " " + number).header("ETag", "\"" + number + "\"");
    }

    private HttpResponse<String> post(String path, String body, String key, String... more) {
        var headers = new String[more.length + 2];
        headers[0] = "Idempotency-Key";
        headers[1] = key;
        System.arraycopy(more, 0, headers, 2, more.length);
        return server.send("POST", path, body, headers);
    }

    private static final String A = "{\"name\":\"a\"}";
    private static final String B = "{\"name\":\"b\"}";

    @Test
    void theFirstAnswerIsGivenAgainAndNothingIsDoneTwice() {
        var first = post("/api/v1/things", A, "k 1");
        var again = post("/api/things", A, "k 1");
        assertThat(done).hasValue(1);
        assertThat(again.statusCode()).isEqualTo(first.statusCode()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first.body()).isEqualTo("\"a 1\"");
        assertThat(again.headers().firstValue("ETag")).contains("\"1\"");
        assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
        assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
        assertThat(post("/api/v1/things", A, "k 1").headers().allValues("Idempotent-Replayed")).hasSize(1);
    }

    @Test
    void everyCallerAndEveryRouteHasItsOwnKeys() {
        assertThat(post("/api/v1/things", A, "k").body()).contains("a 1");
        assertThat(post("/api/v1/things", A, "k", OPERATOR).body()).contains("a 2");
        assertThat(post("/api/v1/things", A, "k", DEVICE).body()).contains("a 3");
        assertThat(post("/api/v1/things", A, "k", "X-Own-Key", "secret").body()).contains("a 4");
        assertThat(post("/api/v1/large", A, "k").body()).contains(" 5");
        assertThat(post("/api/v1/things", A, "k", DEVICE).body()).contains("a 3");
    }

    @Test
    void aKeyForAnotherRequestIsRefused() {
        post("/api/v1/things", A, "k");
        problem(post("/api/v1/things", B, "k"), 422, "key_reused");
        problem(post("/api/v1/things?dry=1", A, "k"), 422, "key_reused");
        server.send("PUT", "/api/v1/things/a", A, "Idempotency-Key", "k");
        problem(server.send("PUT", "/api/v1/things/b", A, "Idempotency-Key", "k"), 422, "key_reused");
        assertThat(done).hasValue(2);
        assertThat(post("/api/v1/things", B, "other").body()).contains("b 3");
    }

    @Test
    void whoComesWhileTheFirstIsBeingAnsweredWaits() throws Exception {
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = callers.submit(() -> post("/api/v1/slow", "", "k"));
            begun.await();
            var second = post("/api/v1/slow", "", "k");
            problem(second, 409, "in_progress");
            assertThat(second.headers().firstValue("Retry-After")).contains("1");
            released.countDown();
            assertThat(first.get().body()).isEqualTo(post("/api/v1/slow", "", "k").body()).contains("slow 1");
        }
    }

    @Test
    void refusalsAreGivenAgainButNotFailures() {
        failure.set(new PlatformException(ErrorCode.NAME_TAKEN, "taken"));
        problem(post("/api/v1/things", A, "refused"), 409, "name_taken");
        failure.set(new IllegalStateException("BUG: of this test"));
        problem(post("/api/v1/things", A, "bug"), 500, "internal");
        failure.set(PlatformException.retryLater(ErrorCode.UNAVAILABLE, "no", Duration.ofSeconds(1)));
        problem(post("/api/v1/things", A, "unavailable"), 503, "unavailable");
        failure.set(PlatformException.retryLater(ErrorCode.RATE_LIMITED, "no", Duration.ofSeconds(1)));
        problem(post("/api/v1/things", A, "limited"), 429, "rate_limited");
        failure.set(null);
        var refused = post("/api/v1/things", A, "refused");
        problem(refused, 409, "name_taken");
        assertThat(refused.headers().firstValue("Idempotent-Replayed")).contains("true");
        for (var key : new String[] {"bug", "unavailable", "limited"}) {
            assertThat(post("/api/v1/things", A, key).statusCode()).as(key).isEqualTo(201);
        }
    }

    @Test
    void keysThatAreNoneAreRefused() {
        problem(post("/api/v1/things", A, "k".repeat(256)), 400, "malformed_request");
        problem(post("/api/v1/things", A, "tab\there"), 400, "malformed_request");
        problem(post("/api/v1/things", A, ""), 400, "malformed_request");
        assertThat(post("/api/v1/things", A, "k".repeat(255)).statusCode()).isEqualTo(201);
        assertThat(done).hasValue(1);
    }

    @Test
    void measurementsHeedNoKey() {
        assertThat(post("/api/v1/measurements", A, "k").body()).contains("m 1");
        assertThat(post("/api/v1/measurements", B, "k").body()).contains("m 2");
    }

    @Test
    void answersAreForgottenAfterADay() {
        post("/api/v1/things", A, "k");
        now.set(TestListener.NOW.plus(Limits.IDEMPOTENCY_TIME).minusSeconds(1));
        assertThat(post("/api/v1/things", A, "k").body()).contains("a 1");
        now.set(TestListener.NOW.plus(Limits.IDEMPOTENCY_TIME));
        assertThat(post("/api/v1/things", A, "k").body()).contains("a 2");
    }

    @Test
    void theOldestAnswersAreForgottenWhenTheyTakeTooMuch() {
        post("/api/v1/things", A, "oldest");
        var large = Limits.IDEMPOTENCY_BYTES / (1 << 20);
        for (var i = 0; i < large; i++) post("/api/v1/large", "", "k" + i);
        assertThat(post("/api/v1/large", "", "k" + (large - 1)).headers().firstValue("Idempotent-Replayed"))
                .contains("true");
        assertThat(post("/api/v1/things", A, "oldest").headers().firstValue("Idempotent-Replayed")).isEmpty();
    }

    @Test
    void theOldestAnswersAreForgottenWhenThereAreTooMany() {
        for (var i = 0; i <= Limits.IDEMPOTENCY_KEYS; i++) post("/api/v1/things", A, "k" + i);
        assertThat(post("/api/v1/things", A, "k1").body()).isEqualTo("\"a 2\"");
        assertThat(post("/api/v1/things", A, "k0").headers().firstValue("Idempotent-Replayed")).isEmpty();
    }
}
