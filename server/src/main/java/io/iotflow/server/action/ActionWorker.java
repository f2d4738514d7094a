package io.iotflow.server.action;

import io.iotflow.server.action.ActionStore.State;
import io.iotflow.server.action.ActionStore.Waiting;
import io.iotflow.server.alert.Alerts;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what [ActionQueue] has written down, at least once, one after the other on a thread of its own, and tells in
/// the alert's history what came of it. What is not done when the platform stops or dies is done by the next one, or by
/// another node.
public final class ActionWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ActionWorker.class);
    /// What a dead node has left waits no longer than this.
    private static final Duration LONGEST_REST = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);
    private static final int AT_ONCE = 20;

    private final Database database;
    private final Deeds deeds;
    private final Alerts alerts;
    private final InstantSource clock;
    private final ActionStore store = new ActionStore();
    private final Worker worker;

    public ActionWorker(Database database, Deeds deeds, Alerts alerts, InstantSource clock) {
        this.database = database;
        this.deeds = deeds;
        this.alerts = alerts;
        this.clock = clock;
        worker = new Worker(database, ActionQueue.WAKE, "actions", RETRY, this::pass);
        worker.start();
    }

    private Duration pass() {
        while (!worker.isClosing()) {
            var now = now();
            var taken = database.transaction(OrganizationPath.ROOT,
                    handle -> store.claim(handle, AT_ONCE, now, now.plus(Limits.ACTION_LEASE)));
            if (taken.isEmpty()) {
                var next = database.transaction(OrganizationPath.ROOT, handle -> store.nextDue(handle, now));
                return next.map(due -> Duration.between(now, due)).filter(rest -> rest.compareTo(LONGEST_REST) < 0)
                        .orElse(LONGEST_REST);
            }
            for (var action : taken) work(action);
        }
        return Duration.ZERO;
    }

    private void work(Waiting waiting) {
        if (isTooMuch(waiting)) {
            record(waiting, State.SUPPRESSED, "done " + Limits.ACTIONS_PER_HOUR + " times in an hour already");
            return;
        }
        String detail;
        try {
            detail = deeds.does(waiting, waiting.action(), waiting.by());
        } catch (PlatformException | JdbiException e) {
            var isTheirFault = e instanceof PlatformException refused && refused.code().status() < 500;
            // What the platform cannot do now is done when the lease has ended.
            if (!isTheirFault && waiting.attempts() < Limits.ACTION_ATTEMPTS) throw e;
            record(waiting, State.FAILED, firstLine(e));
            return;
        } catch (RuntimeException e) {
            LOG.error("event=action_failed rule={} action={}", waiting.rule(), waiting.id(), e);
            record(waiting, State.FAILED, "an internal error");
            return;
        }
        record(waiting, State.DONE, detail);
    }

    private boolean isTooMuch(Waiting waiting) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.countSince(handle, waiting,
                now().minus(Duration.ofHours(1)))) >= Limits.ACTIONS_PER_HOUR;
    }

    private void record(Waiting waiting, State state, String detail) {
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.end(handle, waiting, state, now());
            var kept = switch (state) {
                case DONE -> Alerts.Deed.DONE;
                case FAILED -> Alerts.Deed.FAILED;
                case SUPPRESSED -> Alerts.Deed.SUPPRESSED;
                case WAITING -> throw new IllegalStateException("BUG: nothing has come of " + waiting.id());
            };
            alerts.acted(handle, waiting.alert(), kept, waiting.action().title() + ": " + detail);
            return null;
        });
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /// Ends after the action that is being done.
    @Override
    public void close() {
        if (!worker.close(LAST_WAIT)) LOG.warn("event=action_abandoned");
    }
}
