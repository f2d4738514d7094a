package io.iotflow.server.configuration;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/// Hands what devices are to have to whoever brings it to them. One at a time, and always the newest: what is retained
/// must never be an older version than what was told last.
final class Publisher {
    private final Database database;
    private final StateStore states;
    private final List<ConfigurationChanged.Listener> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock turn = new ReentrantLock();

    Publisher(Database database, StateStore states) {
        this.database = database;
        this.states = states;
    }

    void onChange(ConfigurationChanged.Listener listener) {
        listeners.add(listener);
    }

    /// If it has not been published already.
    void publish(DeviceId device) {
        turn.lock();
        try {
            var waiting = database.transaction(OrganizationPath.ROOT, handle -> states.unpublished(handle, device));
            hand(waiting.stream().toList());
        } finally {
            turn.unlock();
        }
    }

    /// Some of those that are not.
    ///
    /// @return how many there were
    int publishSome(int most) {
        turn.lock();
        try {
            return hand(database.transaction(OrganizationPath.ROOT, handle -> states.unpublished(handle, most)));
        } finally {
            turn.unlock();
        }
    }

    /// What was published before one could not be is noted all the same.
    private int hand(List<State> waiting) {
        var done = new ArrayList<State>();
        try {
            for (var state : waiting) {
                var event = new ConfigurationChanged(state.configuration(), state.changedAt());
                listeners.forEach(listener -> listener.changed(event));
                done.add(state);
            }
        } finally {
            if (!done.isEmpty()) {
                database.transaction(OrganizationPath.ROOT, handle -> {
                    states.published(handle, done);
                    return null;
                });
            }
        }
        return waiting.size();
    }
}
