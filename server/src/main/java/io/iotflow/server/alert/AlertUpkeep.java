package io.iotflow.server.alert;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;

import java.time.Duration;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What has to be done for alerts now and then: those of devices whose life has ended are resolved, those that were
/// resolved long ago go, and the open ones are counted. On the writer's thread, a little at a time.
final class AlertUpkeep {
    private static final Logger LOG = LoggerFactory.getLogger(AlertUpkeep.class);
    private static final Duration COUNT_EVERY = Duration.ofSeconds(15);
    private static final Duration FORGET_EVERY = Duration.ofMinutes(10);
    private static final int AT_ONCE = 1_000;
    /// What came of the log a moment ago may come again, and must be known then.
    private static final Duration YOUNGEST = Duration.ofHours(1);

    private final Database database;
    private final AlertStore store;
    private final AlertConfig config;
    private final int kept;
    private final Telling telling;
    private final Consumer<List<AlertChanged>> announce;
    private final InstantSource clock;
    private volatile boolean mayHaveEnded = true;
    private volatile long open;
    private long countAt = System.nanoTime();
    private long forgetAt = System.nanoTime();
    private long restUntil = System.nanoTime();

    /// @param kept resolved alerts of one organization, at the most
    AlertUpkeep(Database database, AlertStore store, AlertConfig config, int kept, Telling telling,
                Consumer<List<AlertChanged>> announce, InstantSource clock) {
        this.database = database;
        this.store = store;
        this.config = config;
        this.kept = kept;
        this.telling = telling;
        this.announce = announce;
        this.clock = clock;
    }

    /// A device's life has ended, perhaps.
    void look() {
        mayHaveEnded = true;
    }

    /// Open alerts of rules that are active, as of some seconds ago.
    long open() {
        return open;
    }

    Duration nextIn() {
        var now = System.nanoTime();
        var due = mayHaveEnded ? 0 : Math.min(countAt - now, forgetAt - now);
        return Duration.ofNanos(Math.max(0, Math.max(due, restUntil - now)));
    }

    void doWhatIsDue() {
        if (restUntil - System.nanoTime() > 0) return;
        try {
            if (mayHaveEnded) {
                mayHaveEnded = false; // before it is looked
                mayHaveEnded = endThoseOfTheDead();
            }
            if (countAt - System.nanoTime() <= 0) {
                countAt = System.nanoTime() + COUNT_EVERY.toNanos();
                open = database.transaction(OrganizationPath.ROOT, handle -> handle.createQuery(
                        "SELECT count(*) FROM alerts WHERE resolved_at IS NULL AND NOT is_shadow")
                        .mapTo(Long.class).one());
            }
            if (forgetAt - System.nanoTime() <= 0) {
                forgetAt = System.nanoTime() + (forget() < AT_ONCE ? FORGET_EVERY.toNanos() : 0);
            }
        } catch (RuntimeException e) {
            restUntil = System.nanoTime() + COUNT_EVERY.toNanos();
            mayHaveEnded = true;
            LOG.warn("event=alert_upkeep_failed cause=\"{}\" effect=\"tried again in {}\"", e.getMessage(),
                    COUNT_EVERY);
        }
    }

    /// @return whether there may be more
    private boolean endThoseOfTheDead() {
        var changes = database.transaction(OrganizationPath.ROOT, handle -> {
            var round = new Round(store, handle, clock.instant());
            var ended = store.lockedOfTheDead(handle, AT_ONCE);
            for (var alert : ended) {
                round.end(alert, Round.name(Actor.PLATFORM), clock.instant(), "the device was decommissioned");
            }
            return new Ended(round.write(telling), ended.size());
        });
        announce.accept(changes.changes());
        return changes.count() == AT_ONCE;
    }

    private record Ended(List<AlertChanged> changes, int count) {}

    /// The oldest first.
    ///
    /// @return how many went
    int forget() {
        var youngest = clock.instant().minus(YOUNGEST).atOffset(ZoneOffset.UTC);
        var oldest = clock.instant().minus(config.keep()).atOffset(ZoneOffset.UTC);
        return database.transaction(OrganizationPath.ROOT, handle ->
                forgetOld(handle, oldest) + forgetMany(handle, youngest));
    }

    private static int forgetOld(Handle handle, OffsetDateTime oldest) {
        return handle.createUpdate("""
                DELETE FROM alerts WHERE id IN (SELECT id FROM alerts
                    WHERE resolved_at IS NOT NULL AND cleared_at IS NOT NULL AND created_at < :oldest
                        AND greatest(resolved_at, cleared_at) < :oldest ORDER BY id LIMIT :most)""")
                .bind("oldest", oldest).bind("most", AT_ONCE).execute();
    }

    private int forgetMany(Handle handle, OffsetDateTime youngest) {
        return handle.createUpdate("""
                DELETE FROM alerts WHERE id IN (
                    SELECT doomed.id FROM (
                        SELECT organization, count(*) - :kept AS excess FROM alerts WHERE resolved_at IS NOT NULL
                        GROUP BY organization HAVING count(*) > :kept) AS crowded
                    CROSS JOIN LATERAL (
                        SELECT id FROM alerts WHERE alerts.organization = crowded.organization
                            AND resolved_at IS NOT NULL AND cleared_at IS NOT NULL AND created_at < :youngest
                        ORDER BY id LIMIT least(crowded.excess, :most)) AS doomed
                    LIMIT :most)""")
                .bind("kept", kept).bind("youngest", youngest).bind("most", AT_ONCE).execute();
    }
}
