package io.iotflow.server.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.command.CommandEvent.Way;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.live.LiveFeed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// The door for commands to devices, for people and for rules. A command is kept before anybody is told of it, waits
/// until its device listens or fetches it, and is followed to its end.
public final class Commands implements Lanes.DeviceListener, AutoCloseable {
    /// Of a command's type.
    public static final int TYPE_CHARACTERS = 64;
    /// Why a device gets no more.
    public static final String TOO_MANY = CommandLimits.COMMANDS_OPEN
            + " commands of the device have not ended yet. Cancel some, or wait for their ends.";

    private final Database database;
    private final CommandChannel channel;
    private final Audit audit;
    private final InstantSource clock;
    private final CommandStore store = new CommandStore();
    private final CommandWorker worker;
    private final Announcer announcer;

    /// @param isNew     and not one that was there already, by its id or its key
    /// @param isOnWay   whether the device listens now
    public record Queued(UUID id, boolean isNew, boolean isOnWay) {}

    /// @param config how long ended commands are kept
    public Commands(Database database, DeviceRegistry devices, CommandChannel channel, LiveFeed live,
            CommandConfig config, Audit audit, InstantSource clock) {
        this.database = database;
        this.channel = channel;
        this.audit = audit;
        this.clock = clock;
        announcer = new Announcer(live);
        worker = new CommandWorker(database, store, devices, channel, announcer, config, clock);
        devices.onChange(id -> worker.deviceChanged(id));
        channel.report(worker);
        worker.start();
    }

    /// A rule's command, which is the same command whenever it has the same id.
    ///
    /// @param body what else the command says
    /// @throws PlatformException `CONFLICT` when the device's status does not allow commands, or too many wait for it
    public Queued queue(Actor by, Device device, UUID id, String type, ObjectNode body, Optional<Duration> life) {
        var now = now();
        var terms = Terms.standard(now);
        return queue(by, device, new Wish(id, type, body, 0, Optional.empty(),
                life.map(now::plus).map(terms::expiring).orElse(terms)));
    }

    Queued queue(Actor by, Device device, Wish wish) {
        requireWilling(device);
        var command = command(by, device, wish, OptionalLong.empty(), now());
        var queued = database.transactionInTurn(OrganizationPath.ROOT, device.id().value(), handle -> {
            var known = known(handle, command);
            if (known.isPresent()) return new Queued(requireSame(known.get(), command).id(), false, false);
            if (store.open(handle, device.id()) >= CommandLimits.COMMANDS_OPEN) throw tooMany(device);
            if (store.insert(handle, List.of(command)).isEmpty()) {
                var meanwhile = known(handle, command).orElseThrow();
                return new Queued(requireSame(meanwhile, command).id(), false, false);
            }
            audit.record(handle, by, "command.queued", device.target(), Audit.NOTHING,
                    Json.mapper().createObjectNode().put("command", command.type())
                            .put("command_id", command.id().toString()));
            worker.publish(handle, List.of(device.id()));
            return new Queued(command.id(), true, channel.isListening(device.id()));
        });
        if (queued.isNew()) {
            announcer.began(List.of(command));
            worker.deviceHasMore(List.of(device.id()));
        }
        return queued;
    }

    /// The same command for many devices, in the caller's transaction. [#told] MUST be called after its commit.
    ///
    /// @param devices that are willing, and the id of each one's command
    public Batch queueAll(Handle handle, Actor by, Order order, Map<UUID, Device> devices) {
        var now = now();
        var crowded = store.crowded(handle, devices.values().stream().map(Device::id).toList());
        var commands = devices.entrySet().stream().filter(entry -> !crowded.contains(entry.getValue().id()))
                .map(entry -> command(by, entry.getValue(),
                new Wish(entry.getKey(), order.wish.type(), order.wish.parameters(), order.wish.priority(),
                        Optional.empty(), order.wish.terms()), OptionalLong.empty(), now)).toList();
        var isNew = store.insert(handle, commands);
        for (var command : commands) {
            if (!isNew.containsKey(command.id())) continue;
            audit.record(handle, by, "command.queued", devices.get(command.id()).target(), Audit.NOTHING,
                    Json.mapper().createObjectNode().put("command", command.type())
                            .put("command_id", command.id().toString()));
        }
        worker.publish(handle, commands.stream().map(Command::device).toList());
        return new Batch(commands.stream().filter(command -> isNew.containsKey(command.id())).toList(), crowded);
    }

    public void told(Batch batch) {
        announcer.began(batch.commands);
        worker.deviceHasMore(batch.commands.stream().map(Command::device).toList());
    }

    /// Commands that were queued together.
    public static final class Batch {
        private final List<Command> commands;
        private final Set<DeviceId> crowded;

        private Batch(List<Command> commands, Set<DeviceId> crowded) {
            this.commands = commands;
            this.crowded = crowded;
        }

        /// Whether the device got none, since too many of its commands have not ended.
        public boolean isRefused(Device device) {
            return crowded.contains(device.id());
        }
    }

    /// What many devices shall do.
    public static final class Order {
        private final Wish wish;

        private Order(Wish wish) {
            this.wish = wish;
        }

        /// @throws PlatformException `INVALID`, naming the field
        public static Order read(Fields fields, Instant now) {
            return new Order(WishReader.of(fields, now.truncatedTo(ChronoUnit.MICROS)));
        }
    }

    static Command command(Actor by, Device device, Wish wish, OptionalLong job, Instant now) {
        var proof = Json.mapper().createObjectNode().put("by", by.toString());
        if (!by.protocol().isEmpty()) proof.put("over", by.protocol());
        return new Command(0, wish.id(), device.organization(), device.id(), job, wish.type(), wish.parameters(),
                by.toString(), wish.priority(), wish.key(), now, CommandLife.begun(wish.terms(), proof, now));
    }

    /// @throws PlatformException `CONFLICT`, with the reason
    public static void requireWilling(Device device) {
        if (isWilling(device)) return;
        throw new PlatformException(ErrorCode.CONFLICT, "The device is " + device.status().word()
                + ": commands go to devices that are active or in maintenance. Change its status first.");
    }

    static boolean isWilling(Device device) {
        return device.status() == DeviceStatus.ACTIVE || device.status() == DeviceStatus.MAINTENANCE;
    }

    private static PlatformException tooMany(Device device) {
        return new PlatformException(ErrorCode.CONFLICT, TOO_MANY + " It is device " + device.id() + ".");
    }

    private Optional<Command> known(Handle handle, Command command) {
        return store.find(handle, command.id())
                .or(() -> command.key().flatMap(key -> store.findByKey(handle, command.device(), key)));
    }

    private static Command requireSame(Command known, Command wanted) {
        if (known.device().equals(wanted.device()) && known.type().equals(wanted.type())
                && known.parameters().equals(wanted.parameters())) return known;
        throw new PlatformException(ErrorCode.KEY_REUSED,
                "The command " + known.id() + " was sent with this key, and it is another one.");
    }

    /// @throws PlatformException `NOT_FOUND`, also for what lies outside of the scope
    Command require(OrganizationPath scope, UUID id) {
        return database.transaction(scope, handle -> store.find(handle, id)).orElseThrow(() -> absent(id));
    }

    static PlatformException absent(Object id) {
        return PlatformException.notFound("command " + id);
    }

    /// Takes a command back that has not gone out.
    ///
    /// @throws PlatformException `CONFLICT` when it has, or has ended
    Command cancel(Actor by, UUID id) {
        require(by.organization(), id);
        // First here, so that it can not go out any more when that is answered.
        var isCertain = channel.withdraw(id);
        return changed(by.organization(), id, round -> {
            var before = round.find(id).orElseThrow(() -> absent(id)).life().state();
            var after = round.apply(id, new CommandEvent.Cancelled(by.toString(), isCertain), now());
            if (after.life().state() != CommandState.CANCELLED || before == CommandState.CANCELLED) {
                throw new PlatformException(ErrorCode.CONFLICT, "The command is " + before.word()
                        + ": only one that has not gone out to its device can be cancelled.");
            }
            return after;
        }, (handle, command) -> audit.record(handle, by, "command.cancelled", command.target(), Audit.NOTHING,
                Json.mapper().createObjectNode().put("device_id", command.device().value())));
    }

    /// What a device that polls shall do now. They count as sent; as delivered only when it has confirmed them.
    ///
    /// @param confirmed those that the device has got with an earlier answer
    List<Command> fetch(Device device, List<UUID> confirmed, int most, ObjectNode proof) {
        return fetch(device, confirmed, most, true, proof);
    }

    /// Waits for the next command of a device that asks for one after the other, and answers each. One that was handed
    /// out is so again when it has not been answered in its time.
    ///
    /// @return as the device gets it; empty when none came
    public Optional<ObjectNode> await(Device device, Duration atMost, ObjectNode proof) throws InterruptedException {
        var deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            var bell = worker.bells().listen(device.id());
            var next = fetch(device, List.of(), 1, false, proof);
            if (!next.isEmpty()) return Optional.of(CommandJson.order(next.getFirst()));
            if (!bell.await(deadline)) return Optional.empty();
        }
    }

    /// @param isAgain whether those that were fetched and not confirmed are wanted once more
    private List<Command> fetch(Device device, List<UUID> confirmed, int most, boolean isAgain, ObjectNode proof) {
        if (!isWilling(device)) return List.of();
        var now = now();
        var outcome = database.transaction(device.organization(), handle -> {
            var round = new CommandRound(store, handle, now).add(store.lock(handle, confirmed));
            for (var id : confirmed) {
                if (round.find(id).filter(it -> it.device().equals(device.id())).isPresent()) {
                    round.apply(id, new CommandEvent.Delivered(proof.deepCopy().put("by", "http_confirmation")), now);
                }
            }
            var waiting = store.lockWaiting(handle, List.of(device.id()), now,
                    isAgain ? most : CommandLimits.COMMANDS_UNDER_WAY);
            var fetched = new ArrayList<Command>();
            round.add(waiting);
            for (var command : waiting) {
                var state = round.find(command.id()).orElseThrow().life();
                if (state.state() == CommandState.SENT && (state.way() != Way.HTTP || !isAgain)) continue;
                if (fetched.size() == most) break;
                var after = round.apply(command.id(), new CommandEvent.Sent(Way.HTTP, proof), now);
                if (after.life().state() == CommandState.SENT) fetched.add(after);
            }
            return new Fetched(fetched, round.write());
        });
        announcer.changed(outcome.changes());
        worker.deviceHasMore(List.of(device.id()));
        return outcome.commands();
    }

    private record Fetched(List<Command> commands, List<CommandRound.Change> changes) {}

    /// What a device says over HTTP of its command, as a result like `{"status": "success", "data": …}`.
    ///
    /// @throws PlatformException `NOT_FOUND` when it is none of the device's
    public void answered(Device device, UUID id, ObjectNode result) {
        var word = DeviceWord.WORDS.getOrDefault(result.path("status").asText(), CommandEvent.Word.SUCCESS);
        answered(device, id, new CommandEvent.Answered(word, DeviceWord.content(result, "http")));
    }

    /// What a device says over HTTP of its command.
    Command answered(Device device, UUID id, CommandEvent.Answered answer) {
        return changed(device.organization(), id, round -> {
            round.find(id).filter(it -> it.device().equals(device.id())).orElseThrow(() -> absent(id));
            return round.apply(id, answer, now());
        }, (_, _) -> { });
    }

    private interface Change {
        Command in(CommandRound round);
    }

    private interface Also {
        void in(Handle handle, Command command);
    }

    private record Changed(Command command, List<CommandRound.Change> changes) {}

    private Command changed(OrganizationPath scope, UUID id, Change change, Also also) {
        var outcome = database.transaction(scope, handle -> {
            var round = new CommandRound(store, handle, now()).add(store.lock(handle, List.of(id)));
            var command = change.in(round);
            also.in(handle, command);
            return new Changed(command, round.write());
        });
        announcer.changed(outcome.changes());
        worker.changed(outcome.changes());
        return outcome.command();
    }

    /// Results come by topic, and with status messages that name a command.
    @Override
    public void on(DeviceEvent event) {
        DeviceWord.in(event).ifPresent(worker::heard);
    }

    /// What devices have said is kept later.
    public Lanes.Durable durable() {
        return worker.durable();
    }

    CommandStore store() {
        return store;
    }

    CommandWorker worker() {
        return worker;
    }

    Announcer announcer() {
        return announcer;
    }

    CommandChannel channel() {
        return channel;
    }

    /// What devices have said of their commands and is not kept yet.
    public long waiting() {
        return durable().submitted() - durable().written();
    }

    /// PostgreSQL keeps microseconds.
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public void close() {
        worker.close();
    }
}
