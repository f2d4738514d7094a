package io.iotflow.server.sensor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The recalculations that this node runs, and what is kept of all. When the platform stops one is interrupted: what it
/// has written stays, and starting the same again from where it had come does the rest. Of one whose node died nothing
/// is heard any more, which is the same.
final class Recalculations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recalculations.class);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration ENDING = Duration.ofSeconds(15);
    /// Longer than one step takes, waiting for the store included.
    private static final Duration SILENCE = Duration.ofSeconds(45);

    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final RecalculationStore store = new RecalculationStore();
    private final Map<Long, Running> running = new LinkedHashMap<>();

    private record Running(Recalculation recalculation, Thread thread) {}

    Recalculations(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    /// @param target the device, as what it is done to
    /// @return its number
    synchronized long start(Actor by, Audit.Target target, Recalculation recalculation) {
        var task = recalculation.task();
        var open = running.values().stream().map(Running::recalculation)
                .filter(it -> it.state() == Recalculation.State.RUNNING).toList();
        if (open.stream().anyMatch(it -> isSame(it.task(), task))) throw busy();
        if (open.size() >= FleetLimits.RECALCULATIONS_RUNNING) {
            throw PlatformException.retryLater(ErrorCode.OVERLOADED, FleetLimits.RECALCULATIONS_RUNNING
                    + " recalculations are running; wait until one is done, or cancel it.", WAIT);
        }
        var now = now();
        long id = database.transaction(OrganizationPath.ROOT, handle -> {
            if (store.isRunningElsewhere(handle, task, running.keySet(), now.minus(SILENCE))) throw busy();
            audit.record(handle, by, "telemetry.recalculation_requested", target, Audit.NOTHING,
                    recalculation.document());
            return store.insert(handle, recalculation, now);
        });
        var thread = Thread.ofPlatform().name("recalculation-" + id).daemon().unstarted(() -> {
            recalculation.run(() -> save(id, recalculation));
            ended(id, by, target, recalculation);
        });
        running.put(id, new Running(recalculation, thread));
        thread.start();
        return id;
    }

    private static PlatformException busy() {
        return new PlatformException(ErrorCode.CONFLICT,
                "A recalculation of this sensor is running; wait until it is done, or cancel it.");
    }

    private static boolean isSame(Recalculation.Task one, Recalculation.Task other) {
        return one.device().equals(other.device()) && one.sensor().id() == other.sensor().id();
    }

    /// Going on matters more than saying how far it is.
    private void save(long id, Recalculation recalculation) {
        try {
            database.transaction(OrganizationPath.ROOT, handle -> {
                store.save(handle, id, recalculation, now());
                return null;
            });
        } catch (RuntimeException e) {
            LOG.warn("event=recalculation_not_noted id={} cause=\"{}\"", id, e.getMessage());
        }
    }

    private void ended(long id, Actor by, Audit.Target target, Recalculation recalculation) {
        var document = recalculation.document();
        var seen = recalculation.json(id);
        for (var field : List.of("state", "reached_at", "rows", "changed", "left_alone")) {
            document.set(field, seen.get(field));
        }
        try {
            database.transaction(OrganizationPath.ROOT, handle -> {
                store.save(handle, id, recalculation, now());
                audit.record(handle, by, "telemetry.recalculated", target, Audit.NOTHING, document);
                return null;
            });
        } catch (RuntimeException e) {
            LOG.warn("event=recalculation_end_not_recorded device={} state={} cause=\"{}\"", target.id(),
                    seen.path("state").asText(), e.getMessage());
        }
        synchronized (this) {
            running.remove(id);
        }
    }

    /// How far it is.
    ObjectNode json(OrganizationPath scope, long id) {
        var here = here(scope, id);
        if (here.isPresent()) return here.get().json(id);
        var kept = require(scope, id);
        if (!kept.isRunning() || kept.seenAt().isAfter(now().minus(SILENCE))) return kept.content();
        return kept.content().put("state", Recalculation.State.INTERRUPTED.word());
    }

    /// @throws PlatformException `CONFLICT` for one that another node runs
    void cancel(OrganizationPath scope, long id) {
        var here = here(scope, id);
        here.ifPresent(it -> it.end(Recalculation.State.CANCELLED));
        if (here.isEmpty() && json(scope, id).path("state").asText().equals(Recalculation.State.RUNNING.word())) {
            throw new PlatformException(ErrorCode.CONFLICT,
                    "Another node runs it, or its end was not noted yet; ask that node, or wait for it.");
        }
    }

    private synchronized Optional<Recalculation> here(OrganizationPath scope, long id) {
        return Optional.ofNullable(running.get(id)).map(Running::recalculation)
                .filter(it -> scope.contains(it.task().organization()));
    }

    private RecalculationStore.Kept require(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> store.find(handle, id))
                .orElseThrow(() -> PlatformException.notFound("such recalculation"));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /// None of them writes any more when it returns.
    @Override
    public void close() {
        List<Running> all;
        synchronized (this) {
            all = new ArrayList<>(running.values());
        }
        all.forEach(it -> it.recalculation.end(Recalculation.State.INTERRUPTED));
        try {
            for (var it : all) it.thread.join(ENDING);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
