package io.iotflow.server.firmware;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which devices may have an open update: those that ask again and again without having one cost the database nothing.
/// As long as this node does not know what has been offered, it asks the database.
final class OpenUpdates implements Notifications.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(OpenUpdates.class);
    /// On which every offer is announced.
    static final String CHANNEL = "firmware";

    private final Database database;
    private final UpdateStore store = new UpdateStore();
    /// A new one with each offer, so that whoever has found none does not forget an offer made meanwhile.
    private final Map<DeviceId, Object> tickets = new ConcurrentHashMap<>();
    private final AtomicLong offers = new AtomicLong(1);
    private volatile long known;

    OpenUpdates(Database database) {
        this.database = database;
        database.notifications().subscribe(CHANNEL, this);
        load();
    }

    /// Something is offered in this transaction.
    void announce(Handle handle) {
        database.notifications().publish(handle, CHANNEL, "");
    }

    /// A device was offered something on this node; after the commit.
    void add(DeviceId device) {
        tickets.put(device, new Object());
    }

    /// What the database says, if it is worth asking.
    <T> Optional<T> of(DeviceId device, Supplier<Optional<T>> asked) {
        var isKnown = known == offers.get();
        var ticket = tickets.get(device);
        if (ticket == null) return isKnown ? Optional.empty() : asked.get();
        var found = asked.get();
        if (found.isEmpty()) tickets.remove(device, ticket);
        return found;
    }

    @Override
    public void received(String payload) {
        offers.incrementAndGet();
        Thread.startVirtualThread(this::load);
    }

    @Override
    public void missed() {
        received("");
    }

    private void load() {
        var upTo = offers.get();
        try {
            database.transaction(OrganizationPath.ROOT, store::devicesWithOpen).forEach(this::add);
            known = upTo;
        } catch (PlatformException | JdbiException e) {
            LOG.warn("event=open_updates_unknown effect=\"each device's are looked up\" cause=\"{}\"", e.getMessage());
        }
    }
}
