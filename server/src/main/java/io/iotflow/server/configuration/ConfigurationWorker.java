package io.iotflow.server.configuration;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Worker;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does on a thread of its own what nobody waits for: brings changes of types and groups to their devices, publishes
/// what is not published, and notes who has not answered in time. All of it stands in the database, so whatever is not
/// done when the platform stops or dies is done by the next one.
public final class ConfigurationWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationWorker.class);
    private static final Duration REST = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);

    private final Configurations configurations;
    private final Spreading spreading;
    /// Devices to be looked at, and whether that is known to be needed.
    private final Map<DeviceId, Boolean> changed = new ConcurrentHashMap<>();
    private final Worker worker;
    /// Whether devices may have changed while nobody listened.
    private volatile boolean isUnsure = true;

    /// Begins at once; what it publishes goes to those who have asked for it by now.
    public ConfigurationWorker(Configurations configurations) {
        this.configurations = configurations;
        spreading = new Spreading(configurations);
        worker = new Worker(configurations.database(), Configurations.WAKE, "configurations", RETRY, this::pass);
        worker.start();
    }

    /// A device is new. Never blocks.
    public void look(DeviceId device) {
        lookSoon(device);
        worker.wake();
    }

    /// A device has another type perhaps, but most often has not: many are looked at together. Never blocks.
    public void lookSoon(DeviceId device) {
        changed.putIfAbsent(device, false);
    }

    /// A device is in other groups. Never blocks.
    public void regrouped(DeviceId device) {
        changed.put(device, true);
        worker.wake();
    }

    /// The same of any device.
    public void lookAtAll() {
        isUnsure = true;
        worker.wake();
    }

    private Duration pass() {
        while (!worker.isClosing()) {
            var isBusy = settleChanged();
            isBusy |= spreading.step();
            isBusy |= configurations.publisher().publishSome(Limits.CONFIGURATION_SPREAD) > 0;
            isBusy |= noteOverdue();
            if (!isBusy) return REST;
        }
        return REST;
    }

    private boolean settleChanged() {
        var states = configurations.states();
        if (isUnsure) {
            isUnsure = false;
            try {
                configurations.database().transaction(OrganizationPath.ROOT, states::moved)
                        .forEach(device -> changed.put(device, true));
                configurations.database().transaction(OrganizationPath.ROOT, states::drifting)
                        .forEach(device -> changed.putIfAbsent(device, false));
            } catch (RuntimeException e) {
                isUnsure = true;
                throw e;
            }
        }
        var some = changed.keySet().stream().limit(Limits.CONFIGURATION_SPREAD).toList();
        if (some.isEmpty()) return false;
        // Before they are read: one that changes meanwhile is looked at once more.
        var needed = some.stream().filter(device -> Boolean.TRUE.equals(changed.remove(device))).toList();
        try {
            configurations.database().transaction(OrganizationPath.ROOT, handle -> {
                var concerned = new HashSet<>(needed);
                concerned.addAll(states.moved(handle, some));
                states.endDrift(handle, some).forEach(device -> configurations.drift().changed(handle, device,
                        State.Drift.DIFFERS, State.Drift.IN_SYNC));
                return configurations.settle(handle, states.members(handle, concerned), configurations.now());
            });
        } catch (RuntimeException e) {
            some.forEach(device -> changed.putIfAbsent(device, true));
            throw e;
        }
        return true;
    }

    private boolean noteOverdue() {
        var now = configurations.now();
        return !configurations.database().transaction(OrganizationPath.ROOT, handle -> {
            var overdue = configurations.states().overdue(handle,
                    now.minus(configurations.config().acknowledgeWithin()), now, Limits.CONFIGURATION_SPREAD);
            overdue.forEach(device -> configurations.drift().changed(handle, device, State.Drift.PENDING,
                    State.Drift.UNACKNOWLEDGED));
            return overdue;
        }).isEmpty();
    }

    /// Ends after what it is at.
    @Override
    public void close() {
        if (!worker.close(LAST_WAIT)) LOG.warn("event=configurations_abandoned");
    }
}
