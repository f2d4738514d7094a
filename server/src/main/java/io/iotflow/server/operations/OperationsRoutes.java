package io.iotflow.server.operations;

import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.operations.Health.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/// `/health`, `/health/live`, `/health/ready`, `/metrics` and `/stats`.
public final class OperationsRoutes implements Routes, AutoCloseable {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final String version;
    private final HealthBoard board;
    private final Metrics metrics;
    private final Supplier<Map<String, Object>> statistics;
    private final InstantSource clock;
    private final Instant startedAt;

    /// @param statistics the sections of `/stats` by name
    public OperationsRoutes(String version, List<HealthCheck> checks, Metrics metrics,
            Supplier<Map<String, Object>> statistics, InstantSource clock) {
        this.version = version;
        this.board = new HealthBoard(checks);
        this.metrics = metrics;
        this.statistics = statistics;
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    @Override
    public void declare(RouteTable table) {
        var outside = table.outside();
        outside.get("/health", Access.PUBLIC, this::health);
        outside.get("/health/live", Access.PUBLIC, _ -> Reply.ok(Map.of("status", "alive")));
        outside.get("/health/ready", Access.PUBLIC, _ -> ready());
        outside.get("/metrics", Access.PUBLIC, _ -> Reply.bytes(PROMETHEUS,
                metrics.scrape().getBytes(StandardCharsets.UTF_8)));
        outside.get("/stats", Access.PUBLIC, _ -> stats());
    }

    @Override
    public void close() {
        board.close();
    }

    private Reply health(Request request) {
        var included = request.query().list("include");
        var known = board.names();
        for (var name : included) {
            if (!known.contains(name)) {
                throw PlatformException.invalid("include", "has no part " + name + "; the parts are "
                        + String.join(", ", known));
            }
        }
        var parts = new LinkedHashMap<>(board.parts());
        if (!included.isEmpty()) parts.keySet().retainAll(included);
        var overall = HealthBoard.overall(parts);
        var body = summary(word(overall));
        if (request.query().flag("detailed") || !included.isEmpty()) {
            var components = new LinkedHashMap<String, Object>();
            parts.forEach((name, health) -> components.put(name, Map.of("status", word(health.status()),
                    "detail", health.detail(), "measurements", health.measurements())));
            body.put("components", components);
        }
        return Reply.json(overall == Status.UNHEALTHY ? 503 : 200, body);
    }

    private Reply ready() {
        var down = board.parts().entrySet().stream().filter(part -> part.getValue().status() == Status.UNHEALTHY)
                .map(Map.Entry::getKey).toList();
        return down.isEmpty() ? Reply.ok(Map.of("status", "ready"))
                : Reply.json(503, Map.of("status", "not_ready", "down", down));
    }

    private Reply stats() {
        var body = summary("success");
        body.putAll(statistics.get());
        return Reply.ok(body);
    }

    /// How the whole platform is, for answers about it.
    public Map<String, Object> system() {
        var system = summary(word(HealthBoard.overall(board.parts())));
        system.remove("timestamp");
        return system;
    }

    private LinkedHashMap<String, Object> summary(String status) {
        var body = new LinkedHashMap<String, Object>();
        body.put("status", status);
        body.put("version", version);
        body.put("timestamp", clock.instant());
        body.put("uptime_seconds", Duration.between(startedAt, clock.instant()).toSeconds());
        return body;
    }

    private static String word(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
