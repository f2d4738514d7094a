package io.iotflow.server.sensor;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The recalculations of this node: those that run, and the last ones that have ended. A restart forgets them; what
/// they have written stays, and starting the same again does the rest.
final class Recalculations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recalculations.class);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration ENDING = Duration.ofSeconds(15);

    private final Audit audit;
    private final Map<Long, Kept> kept = new LinkedHashMap<>();
    private long last;

    record Kept(long id, Recalculation recalculation, Thread thread) {}

    Recalculations(Audit audit) {
        this.audit = audit;
    }

    /// @param target the device, as what it is done to
    synchronized Kept start(Actor by, Audit.Target target, Recalculation recalculation) {
        var device = recalculation.task().device();
        if (running().stream().anyMatch(it -> isSame(it, device, recalculation.task().sensor().id()))) {
            throw new PlatformException(ErrorCode.CONFLICT,
                    "A recalculation of this sensor is running; wait until it is done, or cancel it.");
        }
        if (running().size() >= FleetLimits.RECALCULATIONS_RUNNING) {
            throw PlatformException.retryLater(ErrorCode.OVERLOADED, FleetLimits.RECALCULATIONS_RUNNING
                    + " recalculations are running; wait until one is done, or cancel it.", WAIT);
        }
        audit.record(by, "telemetry.recalculation_requested", target, Audit.NOTHING, recalculation.document());
        forgetOldest();
        var id = ++last;
        var thread = Thread.ofPlatform().name("recalculation-" + id).daemon().unstarted(() -> {
            recalculation.run();
            ended(by, target, recalculation);
        });
        var made = new Kept(id, recalculation, thread);
        kept.put(id, made);
        thread.start();
        return made;
    }

    private static boolean isSame(Kept running, DeviceId device, long sensor) {
        var task = running.recalculation.task();
        return task.device().equals(device) && task.sensor().id() == sensor;
    }

    private List<Kept> running() {
        return kept.values().stream().filter(it -> it.recalculation.state() == Recalculation.State.RUNNING).toList();
    }

    private void forgetOldest() {
        for (var it = kept.values().iterator(); kept.size() >= FleetLimits.RECALCULATIONS && it.hasNext(); ) {
            if (it.next().recalculation.state() != Recalculation.State.RUNNING) it.remove();
        }
    }

    private void ended(Actor by, Audit.Target target, Recalculation recalculation) {
        var document = recalculation.document();
        var seen = recalculation.json(0);
        for (var field : List.of("state", "reached_at", "rows", "changed", "left_alone")) {
            document.set(field, seen.get(field));
        }
        try {
            audit.record(by, "telemetry.recalculated", target, Audit.NOTHING, document);
        } catch (RuntimeException e) {
            LOG.warn("event=recalculation_end_not_recorded device={} state={} cause=\"{}\"", target.id(),
                    seen.path("state").asText(), e.getMessage());
        }
    }

    synchronized Kept require(OrganizationPath scope, long id) {
        var found = kept.get(id);
        if (found == null || !scope.contains(found.recalculation.task().organization())) {
            throw PlatformException.notFound("such recalculation");
        }
        return found;
    }

    /// None of them writes any more when it returns.
    @Override
    public void close() {
        List<Kept> all;
        synchronized (this) {
            all = new ArrayList<>(kept.values());
        }
        all.forEach(it -> it.recalculation.cancel());
        try {
            for (var it : all) it.thread.join(ENDING);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
