package io.iotflow.server.action;

import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.notification.Notice;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes down what a rule does to the device when an alert begins or is resolved, in the transaction of that: it is
/// done if and only if that commits. [ActionWorker] does it, milliseconds later.
public final class ActionQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ActionQueue.class);
    static final String WAKE = "actions";

    private final Database database;
    private final InstantSource clock;
    private final ActionStore store = new ActionStore();

    public ActionQueue(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /// The transaction's scope MUST contain the notice's organization.
    public void tell(Handle handle, Notice notice) {
        if (notice.kind() == Notice.Kind.ACKNOWLEDGED || !notice.policy().path("actions").isArray()) return;
        var isResolved = notice.kind() == Notice.Kind.RESOLVED;
        var wanted = actions(notice).stream().filter(listed -> listed.onResolved() == isResolved).toList();
        if (wanted.isEmpty()) return;
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        for (var listed : wanted) store.insert(handle, notice, listed, now);
        database.notifications().publish(handle, WAKE, "");
    }

    /// None for a list that this version does not understand: an alert is worth more.
    private static List<Action.Listed> actions(Notice notice) {
        try {
            return Action.of(notice.policy());
        } catch (PlatformException e) {
            LOG.error("event=actions_not_understood rule={} version={} cause=\"{}\"", notice.rule(),
                    notice.ruleVersion(), e.getMessage());
            return List.of();
        }
    }
}
