package io.iotflow.server.rule;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The replays of this node: those that run, and the results of the last ones. A restart forgets them.
final class Replays implements AutoCloseable {
    private final Map<Long, Kept> kept = new LinkedHashMap<>();
    private long last;

    /// @param scope whose it is
    record Kept(long id, long rule, OrganizationPath scope, Replay replay) {}

    synchronized Kept start(long rule, OrganizationPath scope, Replay replay) {
        var running = kept.values().stream().filter(it -> it.replay.state() == Replay.State.RUNNING).count();
        if (running >= Limits.REPLAYS_RUNNING) {
            throw PlatformException.retryLater(ErrorCode.OVERLOADED, Limits.REPLAYS_RUNNING
                    + " replays are running; wait until one is done, or cancel it.", Duration.ofSeconds(5));
        }
        for (var it = kept.values().iterator(); kept.size() >= Limits.REPLAYS && it.hasNext(); ) removeEnded(it);
        var made = new Kept(++last, rule, scope, replay);
        kept.put(made.id, made);
        Thread.ofPlatform().name("rule-replay-" + made.id).daemon().start(replay::run);
        return made;
    }

    private static void removeEnded(Iterator<Kept> it) {
        if (it.next().replay.state() != Replay.State.RUNNING) it.remove();
    }

    /// A replay shows what its starter may see.
    synchronized Kept require(OrganizationPath scope, long id) {
        var found = kept.get(id);
        if (found == null || !scope.contains(found.scope)) throw PlatformException.notFound("such replay");
        return found;
    }

    @Override
    public synchronized void close() {
        kept.values().forEach(it -> it.replay.cancel());
    }
}
