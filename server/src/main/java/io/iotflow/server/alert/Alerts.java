package io.iotflow.server.alert;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import io.iotflow.server.database.Database;
import io.iotflow.server.ingest.Lanes;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;

/// Makes alerts of what rules find: one open alert for each rule, device and key.
///
/// Findings may be submitted from any thread; those of one key MUST come in order, from one thread at a time. They are
/// written a moment later, and `written` says how many are. After a crash the last ones may be submitted once more:
/// what is known already changes nothing.
public final class Alerts implements Lanes.Durable, AutoCloseable {
    private final Database database;
    private final Telling telling;
    private final InstantSource clock;
    private final AlertStore store = new AlertStore();
    private final List<AlertChanged.Listener> listeners = new CopyOnWriteArrayList<>();
    private final AlertUpkeep upkeep;
    private final AlertWriter writer;

    public Alerts(Database database, AlertConfig config, Telling telling, InstantSource clock) {
        this.database = database;
        this.telling = telling;
        this.clock = clock;
        upkeep = new AlertUpkeep(database, store, config, Limits.ALERTS_KEPT, telling, this::announce, clock);
        writer = new AlertWriter(database, store, telling, this::announce, upkeep, clock);
    }

    public void onChange(AlertChanged.Listener listener) {
        listeners.add(listener);
    }

    /// Waits while too many wait to be written.
    ///
    /// @throws IllegalStateException when the platform stops before there was room; it was not taken then
    public void submit(Finding finding) {
        writer.submit(finding);
    }

    @Override
    public long submitted() {
        return writer.durable().submitted();
    }

    @Override
    public long written() {
        return writer.durable().written();
    }

    @Override
    public void giveUp() {
        writer.durable().giveUp();
    }

    /// What was found and has not been seen to end: where the rules go on after a start.
    public List<Breach> breaches() {
        return database.transaction(OrganizationPath.ROOT, store::breaches);
    }

    /// How many alerts are open at each device of an organization and of those below that has any.
    public Map<DeviceId, Long> openByDevice(OrganizationPath scope) {
        return database.transaction(scope, AlertFigures::openByDevice);
    }

    /// How bad the worst open alert is at each device of an organization and of those below that has any.
    public Map<DeviceId, Severity> worstByDevice(OrganizationPath scope) {
        return database.transaction(scope, AlertFigures::worstByDevice);
    }

    /// Resolves all alerts of a rule that finds nothing any more, in the transaction that switches it off, changes what
    /// it looks for or deletes it. The transaction MUST have changed the rule's row before; what the rule still finds
    /// meanwhile begins no alert if it is off or gone then. Its scope MUST contain all devices that the rule applies
    /// to.
    public void ruleEnded(Handle handle, Actor by, long rule, String reason) {
        var now = clock.instant();
        var round = new Round(store, handle, now);
        for (var alert : store.lockedUnended(handle, rule)) round.end(alert, Round.name(by), now, reason);
        var changes = round.write(telling);
        handle.afterCommit(() -> announce(changes));
    }

    /// What came of something that a rule wanted to do about an alert.
    public enum Deed { DONE, FAILED, SUPPRESSED }

    /// Keeps it in the alert's history, if the alert is there and its history has room.
    public void acted(Handle handle, long alert, Deed deed, String detail) {
        var found = store.find(handle, alert);
        if (found.isEmpty() || store.historyLength(handle, alert) >= Limits.ALERT_EVENTS) return;
        var kind = switch (deed) {
            case DONE -> Happening.Kind.ACTION_DONE;
            case FAILED -> Happening.Kind.ACTION_FAILED;
            case SUPPRESSED -> Happening.Kind.ACTION_SUPPRESSED;
        };
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        store.tell(handle, List.of(new AlertStore.Line(found.get(), new Happening(kind, now, Life.RULE,
                Round.cut(detail, Limits.ALERT_COMMENT_CHARACTERS)))));
        if (found.get().subject().isShadow()) return;
        handle.afterCommit(() -> announce(List.of(AlertChanged.of(found.get(), kind.word(), now))));
    }

    /// Some device's life may have ended: its alerts are resolved in a moment.
    public void deviceEnded() {
        upkeep.look();
        writer.wake();
    }

    /// Open alerts of active rules, as of some seconds ago.
    public long open() {
        return upkeep.open();
    }

    /// How long the oldest of what is not written has waited for it.
    public Duration lag() {
        return writer.lag();
    }

    /// Why nothing can be written now; empty if all is well.
    public String fault() {
        return writer.fault();
    }

    /// Findings that could never be written, for a bug.
    public long dropped() {
        return writer.dropped();
    }

    /// Beginnings that made no alert, because too many of their rule are open at their device.
    public long refused() {
        return writer.refused();
    }

    Telling telling() {
        return telling;
    }

    void announce(List<AlertChanged> changes) {
        for (var change : changes) for (var listener : listeners) listener.changed(change);
    }

    @Override
    public void close() {
        writer.close();
    }
}
