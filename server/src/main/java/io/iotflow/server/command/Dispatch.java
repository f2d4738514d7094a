package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.command.CommandEvent.Way;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends what waits for devices that listen. It knows at which devices to look: at those that have begun to listen,
/// have got a new command, or have room again. Passes are the worker's; what is told comes from any thread.
final class Dispatch {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);
    private static final int DEVICES_AT_ONCE = 500;
    private static final JsonNode BY_MQTT = JsonNodeFactory.instance.objectNode().put("by", "mqtt");
    private static final CommandEvent RESTARTED = new CommandEvent.Lost("the platform restarted");

    private final Database database;
    private final CommandStore store;
    private final DeviceRegistry devices;
    private final CommandChannel channel;
    private final InstantSource clock;
    private final Instant started;
    private final Set<DeviceId> unlooked = ConcurrentHashMap.newKeySet();
    /// More waits for them than may be under way at once.
    private final Set<DeviceId> crowded = ConcurrentHashMap.newKeySet();
    private final JobSlots slots = new JobSlots();
    private volatile boolean atAll;

    Dispatch(Database database, CommandStore store, DeviceRegistry devices, CommandChannel channel,
            InstantSource clock) {
        this.database = database;
        this.store = store;
        this.devices = devices;
        this.channel = channel;
        this.clock = clock;
        started = clock.instant();
    }

    /// The device may have something to get.
    void look(DeviceId device) {
        if (channel.isListening(device)) unlooked.add(device);
    }

    void lookAtAll() {
        atAll = true;
    }

    /// Whoever is not under way any more makes room for others.
    void changed(List<CommandRound.Change> changes) {
        for (var change : changes) {
            var after = change.after();
            if (after.life().state() != CommandState.SENT && crowded.remove(after.device())) look(after.device());
            if (change.hasLeft() && after.job().isPresent()) slots.left(after.job().getAsLong()).ifPresent(this::look);
        }
    }

    /// @return what has changed
    List<CommandRound.Change> pass() {
        if (atAll) {
            atAll = false;
            unlooked.addAll(channel.listening());
        }
        if (unlooked.isEmpty()) return List.of();
        var taken = take();
        Outcome outcome;
        try {
            var willing = taken.stream().filter(channel::isListening)
                    .filter(id -> devices.find(id).filter(Commands::isWilling).isPresent()).toList();
            if (willing.isEmpty()) return List.of();
            outcome = database.transaction(OrganizationPath.ROOT, handle -> advance(handle, willing));
        } catch (RuntimeException e) {
            unlooked.addAll(taken);
            throw e;
        }
        outcome.going().forEach(this::send);
        return outcome.changes();
    }

    /// Whether there are devices left to look at.
    boolean isBehind() {
        return atAll || !unlooked.isEmpty();
    }

    private List<DeviceId> take() {
        var taken = new ArrayList<DeviceId>();
        for (var all = unlooked.iterator(); all.hasNext() && taken.size() < DEVICES_AT_ONCE; ) {
            taken.add(all.next());
            all.remove();
        }
        return taken;
    }

    private record Outcome(List<Command> going, List<CommandRound.Change> changes) {}

    private Outcome advance(Handle handle, List<DeviceId> taken) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var waiting = store.lockWaiting(handle, taken, now, CommandLimits.COMMANDS_UNDER_WAY);
        var round = new CommandRound(store, handle, now).add(waiting);
        var free = slots.free(handle, waiting);
        var going = new ArrayList<Command>();
        var full = new HashSet<DeviceId>();
        for (var command : waiting) {
            var life = command.life();
            if (life.state() == CommandState.SENT) {
                if (isForgotten(command)) round.apply(command.id(), RESTARTED, now);
                continue;
            }
            var underWay = channel.underWay(command.device()) + countOf(going, command.device());
            if (underWay >= CommandLimits.COMMANDS_UNDER_WAY) {
                full.add(command.device());
            } else if (life.isExpired(now)) {
                round.apply(command.id(), new CommandEvent.TimePassed(), now);
            } else if (free.takes(command)) {
                going.add(round.apply(command.id(), new CommandEvent.Sent(Way.MQTT, BY_MQTT), now));
            }
        }
        markCrowded(waiting, full);
        return new Outcome(going, round.write());
    }

    /// Whether it was on its way when another life of the platform ended.
    private boolean isForgotten(Command command) {
        return command.life().way() == Way.MQTT && !channel.isUnderWay(command.id())
                && command.life().steps().getLast().at().isBefore(started);
    }

    private static long countOf(List<Command> going, DeviceId device) {
        // Those of one device stand together.
        var count = 0L;
        for (var i = going.size() - 1; i >= 0 && going.get(i).device().equals(device); i--) count++;
        return count;
    }

    private void markCrowded(List<Command> waiting, Set<DeviceId> full) {
        var count = 0;
        for (var i = 0; i < waiting.size(); i++) {
            count = i > 0 && waiting.get(i - 1).device().equals(waiting.get(i).device()) ? count + 1 : 1;
            if (count == CommandLimits.COMMANDS_UNDER_WAY) full.add(waiting.get(i).device());
        }
        crowded.addAll(full);
        // Their ends may have come meanwhile.
        for (var device : full) if (channel.underWay(device) == 0 && crowded.remove(device)) unlooked.add(device);
    }

    /// What cannot be handed over is sent again when its time for being acknowledged has passed.
    private void send(Command command) {
        var terms = command.life().terms();
        try {
            channel.send(command.device(), command.id(), CommandJson.bytes(command), terms.expires(),
                    terms.delivery());
        } catch (RuntimeException e) {
            channel.withdraw(command.id());
            LOG.warn("event=command_not_handed_over command={} effect=\"tried again\"", command.id(), e);
        }
    }

    /// Looks again at devices that wait for others of their jobs, which other nodes may have ended.
    void lookAtSlots() {
        slots.all().forEach(this::look);
    }
}
