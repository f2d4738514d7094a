package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/// What people do about alerts. Each act is an entry of the audit log and a line of the alert's history, in the
/// transaction that does it; what is so already is neither.
final class AlertDesk {
    /// Alerts that are locked at a time, for their rules find things meanwhile.
    private static final int AT_ONCE = 100;

    private final Database database;
    private final Alerts alerts;
    private final Audit audit;
    private final InstantSource clock;
    private final AlertStore store = new AlertStore();

    /// What a person wants done, by whom and when being known later.
    @FunctionalInterface
    interface Wish {
        Act by(String name, Instant at);
    }

    /// @param refused why, of each that was not done
    record Outcome(int changed, int unchanged, List<Refused> refused) {}

    record Refused(long id, String detail) {}

    AlertDesk(Database database, Alerts alerts, Audit audit, InstantSource clock) {
        this.database = database;
        this.alerts = alerts;
        this.audit = audit;
        this.clock = clock;
    }

    /// @throws PlatformException `NOT_FOUND`, or `CONFLICT` when its state does not allow it
    Alert act(Actor by, long id, Wish wish) {
        return database.transaction(by.organization(), handle -> {
            var alert = store.locked(handle, List.of(id)).stream().findFirst().orElseThrow(AlertDesk::absent);
            var act = wish.by(Round.name(by), now());
            check(handle, alert, act);
            var round = new Round(store, handle, now());
            var after = act(handle, by, round, alert, act);
            finish(handle, round);
            return after;
        });
    }

    /// The same to many; of those that are not there or do not allow it, it says why.
    Outcome act(Actor by, Collection<Long> ids, Wish wish) {
        var outcome = new Outcome(0, 0, List.of());
        var sorted = List.copyOf(new TreeSet<>(ids));
        for (var from = 0; from < sorted.size(); from += AT_ONCE) {
            var part = sorted.subList(from, Math.min(sorted.size(), from + AT_ONCE));
            var next = database.transaction(by.organization(), handle -> actOnSome(handle, by, part, wish));
            var refused = new ArrayList<>(outcome.refused());
            refused.addAll(next.refused());
            outcome = new Outcome(outcome.changed() + next.changed(), outcome.unchanged() + next.unchanged(), refused);
        }
        return outcome;
    }

    private Outcome actOnSome(Handle handle, Actor by, List<Long> ids, Wish wish) {
        var refused = new ArrayList<Refused>();
        var missing = new TreeSet<>(ids);
        var changed = 0;
        var unchanged = 0;
        var round = new Round(store, handle, now());
        for (var alert : store.locked(handle, ids)) {
            missing.remove(alert.id());
            try {
                if (act(handle, by, round, alert, wish.by(Round.name(by), now())).equals(alert)) unchanged++;
                else changed++;
            } catch (PlatformException e) {
                if (e.code() != ErrorCode.CONFLICT) throw e;
                refused.add(new Refused(alert.id(), e.getMessage()));
            }
        }
        missing.forEach(id -> refused.add(new Refused(id, absent().getMessage())));
        finish(handle, round);
        return new Outcome(changed, unchanged, refused);
    }

    private Alert act(Handle handle, Actor by, Round round, Alert alert, Act act) {
        var after = round.act(alert, act);
        if (after.equals(alert) && !(act instanceof Act.Comment)) return after;
        audit.record(handle, by, action(act), alert.target(), document(alert, act, false),
                document(after, act, true));
        return after;
    }

    private void finish(Handle handle, Round round) {
        var changes = round.write(alerts.telling());
        handle.afterCommit(() -> alerts.announce(changes));
    }

    private void check(Handle handle, Alert alert, Act act) {
        if (act instanceof Act.Assign(_, _, var user) && !user.isEmpty()) requireReader(handle, alert, user);
        var isTalk = switch (act) {
            case Act.Assign _, Act.Comment _, Act.Judge _ -> true;
            case Act.Recur _, Act.Continue _, Act.Cease _, Act.Acknowledge _, Act.Resolve _ -> false;
        };
        if (isTalk && store.historyLength(handle, alert.id()) >= Limits.ALERT_EVENTS) {
            throw new PlatformException(ErrorCode.CONFLICT, "The history of this alert has " + Limits.ALERT_EVENTS
                    + " lines, and takes no more; resolve the alert.");
        }
    }

    private static void requireReader(Handle handle, Alert alert, String user) {
        var mayRead = handle.createQuery("SELECT organization FROM users WHERE name = :name").bind("name", user)
                .mapTo(String.class).findOne().map(OrganizationPath::new)
                .filter(home -> home.contains(alert.subject().organization()));
        if (mayRead.isEmpty()) throw PlatformException.invalid("user", "is no user who can see this alert");
    }

    static String action(Act act) {
        return switch (act) {
            case Act.Acknowledge _ -> "alert.acknowledged";
            case Act.Resolve _ -> "alert.resolved";
            case Act.Assign _ -> "alert.assigned";
            case Act.Comment _ -> "alert.commented";
            case Act.Judge(_, _, var isFalse, _) -> isFalse ? "alert.marked_false_positive" : "alert.unmarked";
            case Act.Recur _, Act.Continue _, Act.Cease _ -> throw new IllegalStateException("BUG: a rule's " + act);
        };
    }

    private static JsonNode document(Alert alert, Act act, boolean isAfter) {
        var json = JsonNodeFactory.instance.objectNode().put("state", alert.life().state().word())
                .put("assignee", alert.life().assignee()).put("false_positive", alert.life().isFalsePositive());
        return isAfter ? said(json, act) : json;
    }

    private static ObjectNode said(ObjectNode json, Act act) {
        return switch (act) {
            case Act.Comment(_, _, var text) -> json.put("comment", text);
            case Act.Resolve(_, _, var reason) when !reason.isEmpty() -> json.put("reason", reason);
            case Act.Judge(_, _, _, var reason) when !reason.isEmpty() -> json.put("reason", reason);
            case Act.Resolve _, Act.Judge _, Act.Acknowledge _, Act.Assign _, Act.Recur _, Act.Continue _,
                    Act.Cease _ -> json;
        };
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    static PlatformException absent() {
        return PlatformException.notFound("alert of this number");
    }
}
