package io.iotflow.server.command;

import io.iotflow.server.command.CommandEvent.Way;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/// What time alone does to commands: they become due, take too long, expire, and are forgotten. Those of a device whose
/// life has ended are cancelled. A little at a time, on the worker's thread.
final class CommandUpkeep {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final Duration SLOTS_EVERY = Duration.ofSeconds(5);
    private static final Duration FORGET_EVERY = Duration.ofMinutes(10);
    private static final int AT_ONCE = 500;

    private final Database database;
    private final CommandStore store;
    private final DeviceRegistry devices;
    private final CommandChannel channel;
    private final CommandConfig config;
    private final InstantSource clock;
    private final Set<DeviceId> changed = ConcurrentHashMap.newKeySet();
    private long lookAt = System.nanoTime();
    private long slotsAt = System.nanoTime();
    private long forgetAt = System.nanoTime();

    CommandUpkeep(Database database, CommandStore store, DeviceRegistry devices, CommandChannel channel,
            CommandConfig config, InstantSource clock) {
        this.database = database;
        this.store = store;
        this.devices = devices;
        this.channel = channel;
        this.config = config;
        this.clock = clock;
    }

    /// A device has changed; perhaps its life has ended.
    void look(DeviceId device) {
        changed.add(device);
    }

    List<CommandRound.Change> pass(Dispatch dispatch) {
        var changes = new ArrayList<>(endThoseOfTheDead());
        if (lookAt - System.nanoTime() > 0) return changes;
        var woken = wake(dispatch);
        changes.addAll(woken.changes());
        if (woken.count() < AT_ONCE) lookAt = System.nanoTime() + LOOK_EVERY.toNanos();
        if (slotsAt - System.nanoTime() <= 0) {
            slotsAt = System.nanoTime() + SLOTS_EVERY.toNanos();
            dispatch.lookAtSlots();
        }
        if (forgetAt - System.nanoTime() <= 0) {
            forgetAt = System.nanoTime() + (forget() < AT_ONCE ? FORGET_EVERY.toNanos() : 0);
        }
        return changes;
    }

    private record Woken(int count, List<CommandRound.Change> changes) {}

    private Woken wake(Dispatch dispatch) {
        var now = now();
        var woken = database.transaction(OrganizationPath.ROOT, handle -> {
            var round = new CommandRound(store, handle, now).add(store.lockWoken(handle, now, AT_ONCE));
            var due = new ArrayList<DeviceId>();
            for (var command : round.all()) {
                round.touch(command.id());
                if (command.life().isReady(now)) due.add(command.device());
                else if (isStillOut(command, now)) postpone(round, command, now);
                else timePassed(round, command, now);
            }
            return new Due(round.all().size(), due, round.write());
        });
        woken.devices().forEach(dispatch::look);
        return new Woken(woken.count(), woken.changes());
    }

    private record Due(int count, List<DeviceId> devices, List<CommandRound.Change> changes) {}

    /// A packet that was written to a living connection is not sent again there: it is the client's turn.
    private boolean isStillOut(Command command, Instant now) {
        return command.life().state() == CommandState.SENT && command.life().way() == Way.MQTT
                && !command.life().isExpired(now) && channel.isOut(command.id());
    }

    private static void postpone(CommandRound round, Command command, Instant now) {
        round.postpone(command.id(), now.plus(command.life().terms().delivery()));
    }

    private void timePassed(CommandRound round, Command command, Instant now) {
        if (command.life().state() == CommandState.SENT) channel.withdraw(command.id());
        round.apply(command.id(), new CommandEvent.TimePassed(), now);
    }

    private List<CommandRound.Change> endThoseOfTheDead() {
        if (changed.isEmpty()) return List.of();
        var dead = new ArrayList<DeviceId>();
        for (var all = changed.iterator(); all.hasNext() && dead.size() < AT_ONCE; ) {
            var device = all.next();
            all.remove();
            if (devices.find(device).map(Device::status).filter(it -> it != DeviceStatus.DECOMMISSIONED).isEmpty()) {
                dead.add(device);
            }
        }
        if (dead.isEmpty()) return List.of();
        try {
            return database.transaction(OrganizationPath.ROOT, handle -> end(handle, dead));
        } catch (RuntimeException e) {
            changed.addAll(dead);
            throw e;
        }
    }

    private List<CommandRound.Change> end(Handle handle, List<DeviceId> dead) {
        var round = new CommandRound(store, handle, now());
        for (var device : dead) round.add(store.lockUndelivered(handle, device));
        for (var command : round.all()) {
            channel.withdraw(command.id());
            // Its connections end with it, so nothing comes of what may have gone out.
            round.apply(command.id(), new CommandEvent.Cancelled(Actor.PLATFORM + ": the device was decommissioned",
                    true), now());
        }
        return round.write();
    }

    private int forget() {
        return database.transaction(OrganizationPath.ROOT,
                handle -> store.forget(handle, now().minus(config.keep()), AT_ONCE));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
