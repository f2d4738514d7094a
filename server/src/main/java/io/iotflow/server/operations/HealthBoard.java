package io.iotflow.server.operations;

import io.iotflow.server.operations.Health.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/// Asks every check at the same time and remembers the answers for a second, so that a flood of `/health` costs
/// nothing and one hanging part does not hang the others.
final class HealthBoard implements AutoCloseable {
    private static final Duration REMEMBERED = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final List<HealthCheck> checks;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ReentrantLock asking = new ReentrantLock();
    private volatile Snapshot latest;

    private record Snapshot(SequencedMap<String, Health> parts, long nanoTime) {
        boolean isFresh() {
            return System.nanoTime() - nanoTime < REMEMBERED.toNanos();
        }
    }

    HealthBoard(List<HealthCheck> checks) {
        this.checks = List.copyOf(checks);
    }

    List<String> names() {
        return checks.stream().map(HealthCheck::name).toList();
    }

    /// Each part's health by its name, in the order of the checks.
    SequencedMap<String, Health> parts() {
        var seen = latest;
        if (seen != null && seen.isFresh()) return seen.parts();
        asking.lock();
        try {
            seen = latest;
            if (seen == null || !seen.isFresh()) latest = seen = new Snapshot(ask(), System.nanoTime());
            return seen.parts();
        } finally {
            asking.unlock();
        }
    }

    static Status overall(Map<String, Health> parts) {
        return parts.values().stream().map(Health::status).max(Status::compareTo).orElse(Status.HEALTHY);
    }

    private SequencedMap<String, Health> ask() {
        var answers = new LinkedHashMap<String, Future<Health>>();
        for (var check : checks) answers.put(check.name(), threads.submit(check::check));
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        var parts = new LinkedHashMap<String, Health>();
        answers.forEach((name, answer) -> parts.put(name, within(deadline, answer)));
        return parts;
    }

    private static Health within(long deadline, Future<Health> answer) {
        try {
            return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            return Health.unhealthy("did not answer within " + PATIENCE.toSeconds() + " s", Map.of());
        } catch (ExecutionException e) {
            return Health.unhealthy("the check failed: " + e.getCause().getClass().getSimpleName(), Map.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Health.unhealthy("the platform is stopping", Map.of());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
