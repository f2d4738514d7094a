package io.iotflow.server.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.http.HttpConfig;
import io.iotflow.server.http.HttpListener;
import io.iotflow.server.http.OpenApiContract;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Health, metrics and statistics, over HTTP and as the API document says.
class OperationsRoutesTest {
    private final AtomicReference<Health> store = new AtomicReference<>(
            Health.healthy("follows the log", Map.of("lag_ms", 12)));
    private final AtomicInteger asked = new AtomicInteger();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Metrics metrics = new Metrics();
    private OperationsRoutes operations;
    private HttpListener listener;

    @BeforeEach
    void start() {
        begin(List.of(HealthCheck.of("telemetry_store", () -> {
            asked.incrementAndGet();
            return store.get();
        }), HealthCheck.of("database", () -> Health.healthy("answers", Map.of("connections", 3)))));
    }

    private void begin(List<HealthCheck> checks) {
        var config = new HttpConfig("127.0.0.1", 0, List.of(), 64, 4, 1_000, Duration.ofSeconds(5),
                Duration.ofSeconds(1), List.of());
        operations = new OperationsRoutes("0.1.0", checks, metrics,
                () -> Map.of("devices", Map.of("total", 9, "online", 8)), InstantSource.system());
        listener = new HttpListener(config, InstantSource.system(), List.of(), List.of(operations));
    }

    @AfterEach
    void stop() {
        client.shutdownNow();
        listener.close();
        operations.close();
        metrics.close();
    }

    private HttpResponse<String> get(String path) {
        try {
            return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path)).build(),
                    BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void healthIsShortUnlessAskedForMore() {
        assertThat(get("/health").body()).contains("\"status\":\"healthy\"", "\"version\":\"0.1.0\"")
                .doesNotContain("components");
        assertThat(get("/health?detailed=true").body()).contains("telemetry_store", "\"lag_ms\":12", "database");
        assertThat(get("/health?include=database").body()).contains("database").doesNotContain("telemetry_store");
        assertThat(get("/health?include=nothing").statusCode()).isEqualTo(422);
    }

    @Test
    void anUnhealthyPartTakesThePlatformOutOfService() {
        store.set(Health.unhealthy("the disk is full", Map.of()));
        assertThat(get("/health").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").body()).contains("telemetry_store");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void aDegradedPartIsSaidButStillServes() {
        store.set(Health.degraded("2 s behind", Map.of()));
        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(get("/health").body()).contains("\"status\":\"degraded\"");
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void aFloodOfQuestionsAsksThePartsOnce() {
        for (var i = 0; i < 50; i++) get("/health");
        assertThat(asked.get()).isLessThanOrEqualTo(5);
    }

    @Test
    void aPartThatHangsOrFailsIsUnhealthyAndTheOthersAreStillSaid() {
        stopListening();
        var never = new CountDownLatch(1);
        begin(List.of(HealthCheck.of("hanging", () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Health.healthy("", Map.of());
        }), HealthCheck.of("failing", () -> {
            throw new IllegalStateException("secret");
        }), HealthCheck.of("fine", () -> Health.healthy("works", Map.of()))));
        assertThat(get("/health?detailed").body()).contains("did not answer within 2 s", "the check failed", "works")
                .doesNotContain("secret");
    }

    private void stopListening() {
        listener.close();
        operations.close();
    }

    @Test
    void metricsAreInPrometheusForm() {
        var messages = new LongAdder();
        metrics.counter("iotflow.ingest.messages", "Messages by outcome.", messages::sum, "outcome", "accepted");
        metrics.gauge("iotflow.ingest.queue", "Messages waiting.", () -> 5);
        metrics.timer("iotflow.journal.commit", "Time of a commit.").record(Duration.ofMillis(3));
        messages.add(41);
        System.gc();
        var answer = get("/metrics");
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain; version=0.0.4");
        assertThat(answer.body()).contains("iotflow_ingest_messages_total{outcome=\"accepted\"} 41.0",
                "iotflow_ingest_queue 5.0", "iotflow_journal_commit_seconds_count 1", "jvm_memory_used_bytes",
                "jvm_gc_", "jvm_threads_live_threads", "process_cpu_usage", "process_files_open_files",
                "process_uptime_seconds");
    }

    @Test
    void everyAnswerIsAsDocumented() {
        try (var contract = new OpenApiContract(URI.create("http://127.0.0.1:" + listener.port()))) {
            var ours = contract.operations().stream().filter(it -> !it.path().startsWith("/api/")
                    && !it.path().startsWith("/{tenant}/") && !it.path().startsWith("/.well-known/")
                    && !it.isEndless()).toList();
            assertThat(ours).hasSize(7);
            for (var operation : ours) {
                for (var example : contract.examples(operation)) {
                    assertThat(contract.check(example, Map.of(), 200)).as(example.toString()).isEmpty();
                }
            }
            store.set(Health.unhealthy("the disk is full", Map.of()));
            while (get("/health").statusCode() == 200) Thread.onSpinWait();
            var health = ours.stream().filter(it -> it.path().startsWith("/health") && !it.path().endsWith("live"));
            health.forEach(it -> assertThat(contract.check(contract.examples(it).getFirst(), Map.of(), 503)).isEmpty());
        }
    }

    @Test
    void everyRouteIsDocumented() {
        try (var contract = new OpenApiContract(URI.create("http://127.0.0.1:" + listener.port()))) {
            assertThat(contract.documented()).containsAll(listener.routes().stream().map(Object::toString).toList());
        }
    }

    @Test
    void theDocumentsExamplesAreAsItsSchemasSay() {
        try (var contract = new OpenApiContract(URI.create("http://127.0.0.1:" + listener.port()))) {
            assertThat(contract.operations()).hasSizeGreaterThan(40);
            assertThat(contract.wrongExamples()).isEmpty();
        }
    }
}
