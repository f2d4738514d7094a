package io.iotflow.server.configuration;

import io.iotflow.server.configuration.State.Drift;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which devices drift, in the memory of every node: rules ask for each message.
final class Drifting implements Notifications.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Drifting.class);
    private static final String CHANNEL = "config_drift";

    private final Database database;
    private final StateStore states;
    private final Set<DeviceId> devices = ConcurrentHashMap.newKeySet();
    private final List<Consumer<DeviceId>> listeners = new CopyOnWriteArrayList<>();

    Drifting(Database database, StateStore states) {
        this.database = database;
        this.states = states;
        database.notifications().subscribe(CHANNEL, this);
        devices.addAll(database.transaction(OrganizationPath.ROOT, states::drifting));
    }

    boolean contains(DeviceId device) {
        return devices.contains(device);
    }

    /// How many.
    long count() {
        return devices.size();
    }

    /// Called when a device begins or ceases to drift, on a thread that must not block.
    void onChange(Consumer<DeviceId> listener) {
        listeners.add(listener);
    }

    /// Tells every node, when the transaction commits, if there is something to tell.
    void changed(Handle handle, DeviceId device, Drift before, Drift after) {
        if (before.isDrift() == after.isDrift()) return;
        database.notifications().publish(handle, CHANNEL, (after.isDrift() ? "+" : "-") + device);
    }

    @Override
    public void received(String payload) {
        var device = new DeviceId(Long.parseLong(payload.substring(1)));
        var isNews = payload.charAt(0) == '+' ? devices.add(device) : devices.remove(device);
        if (isNews) listeners.forEach(listener -> listener.accept(device));
    }

    @Override
    public void missed() {
        Thread.startVirtualThread(this::loadAgain);
    }

    private void loadAgain() {
        try {
            var now = new HashSet<>(database.transaction(OrganizationPath.ROOT, states::drifting));
            for (var device : now) received("+" + device);
            for (var device : devices) if (!now.contains(device)) received("-" + device);
        } catch (PlatformException | JdbiException e) {
            LOG.warn("event=config_drift_not_loaded effect=\"rules go by what was known\" cause=\"{}\"",
                    e.getMessage());
        }
    }
}
