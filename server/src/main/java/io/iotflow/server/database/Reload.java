package io.iotflow.server.database;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps up what a node has of the database in its memory: it is read again, on a thread of its own, whenever somebody
/// publishes on its channel. What cannot be read leaves what was read before in force.
///
/// Whoever has one reads for the first time after it was made, so that no change is missed.
public final class Reload implements Notifications.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    private final String channel;
    private final Runnable load;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /// @param load reads all of it; called on several threads
    public Reload(Database database, String channel, Runnable load) {
        this.channel = channel;
        this.load = load;
        database.notifications().subscribe(channel, this);
    }

    /// Runs after any change that this node has taken up, on whatever thread took it up.
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void received(String payload) {
        Thread.startVirtualThread(this::now);
    }

    @Override
    public void missed() {
        Thread.startVirtualThread(this::now);
    }

    /// On this thread: for whoever has just changed something.
    public void now() {
        try {
            load.run();
        } catch (RuntimeException e) {
            LOG.error("event=not_loaded channel={} effect=\"what was before stays in force\"", channel, e);
            return;
        }
        listeners.forEach(Runnable::run);
    }
}
