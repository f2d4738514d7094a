package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.Bells;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.DeviceEvent.ShadowReceived;
import io.iotflow.server.ingest.Lanes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The shadows of all devices, and the only door for changing one.
///
/// The reported half is changed by the device's lane, in the order of the log, and written behind; the desired half in
/// the database first. Both are joined in memory, one device at a time. Questions are answered from there.
public final class Shadows implements Lanes.DeviceListener, Notifications.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shadows.class);
    private static final String CHANNEL = "shadow";
    private static final long RETRY_NANOS = 250_000_000;

    /// Tells this node's changes from those of others.
    private final String node = UUID.randomUUID() + " ";
    private final Database database;
    private final Function<DeviceId, Optional<Device>> devices;
    private final Audit audit;
    private final InstantSource clock;
    private final ShadowStore store = new ShadowStore();
    private final ShadowWriter writer;
    private final TelemetryFeed feed;
    private final Dialects dialects = new Dialects();
    private final Waiting waiting = new Waiting();
    private final Cache<DeviceId, Shadow> known = Caffeine.newBuilder().maximumWeight(ShadowLimits.SHADOW_MEMORY_BYTES)
            .weigher((DeviceId _, Shadow shadow) -> shadow.weight()).build();
    /// Of the devices that have a desired half: few, and asked for whenever a device comes.
    private final Map<DeviceId, Long> desiredVersions;
    private final List<Consumer<ShadowChanged>> listeners = new CopyOnWriteArrayList<>();
    private final LongAdder updates = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private volatile ShadowChannel channel = ShadowChannel.NOBODY;
    private volatile Function<DeviceId, ObjectNode> alsoShared = _ -> Half.EMPTY.state();
    private final Bells bells = new Bells();

    /// @param devices also such as have ended
    public Shadows(Database database, ShadowConfig config, Function<DeviceId, Optional<Device>> devices, Audit audit,
            InstantSource clock) {
        this.database = database;
        this.devices = devices;
        this.audit = audit;
        this.clock = clock;
        feed = new TelemetryFeed(config.fromTelemetry());
        database.notifications().subscribe(CHANNEL, this);
        desiredVersions = new ConcurrentHashMap<>(
                database.transaction(OrganizationPath.ROOT, store::desiredVersions));
        writer = new ShadowWriter(database, store);
    }

    /// What is to be kept before the log may forget what it came of.
    public Lanes.Durable durable() {
        return writer;
    }

    /// By what devices are told from now on.
    public void speakBy(ShadowChannel those) {
        channel = those;
    }

    /// What devices of ThingsBoard see as shared attributes beside what is desired.
    ///
    /// @param those may ask the database
    public void alsoShared(Function<DeviceId, ObjectNode> those) {
        alsoShared = those;
    }

    /// That has changed for a device.
    public void sharedChanged(DeviceId device) {
        bells.ring(device);
    }

    /// Rings when the desired half has changed.
    Bells bells() {
        return bells;
    }

    /// The shadow as a device of ThingsBoard sees it.
    Shadow seenByThingsBoard(Shadow shadow) {
        var more = alsoShared.apply(shadow.device());
        if (more.isEmpty()) return shadow;
        var half = shadow.desired();
        return shadow.withDesired(new Half(half.state().deepCopy().setAll(more), half.marks(), half.version(),
                half.bytes()));
    }

    /// Runs on the thread of whoever made the change, the device's lane say: it must be quick.
    public void onChange(Consumer<ShadowChanged> listener) {
        listeners.add(listener);
    }

    /// How often the desired half of the device's shadow has been changed. Never waits.
    public long desiredVersion(DeviceId device) {
        return desiredVersions.getOrDefault(device, 0L);
    }

    /// `{version, reported, desired, delta}`, not to be changed. May ask the database.
    public ObjectNode view(DeviceId device) {
        return of(device).view();
    }

    Shadow of(DeviceId device) {
        return known.get(device, this::load);
    }

    private Shadow load(DeviceId device) {
        var newest = writer.unwritten(device); // first: what is kept meanwhile is found below
        var kept = database.transaction(OrganizationPath.ROOT, handle -> store.find(handle, device));
        return newest.filter(it -> it.reported().version() > kept.reported().version())
                .map(it -> it.withDesired(kept.desired())).orElse(kept);
    }

    // ---- what devices say

    @Override
    public void on(DeviceEvent event) {
        throw new IllegalStateException("BUG: an event without its position");
    }

    @Override
    public void on(DeviceEvent event, long position) {
        switch (event) {
            case ShadowReceived said -> heard(said, position);
            case DeviceEvent.TelemetryReceived telemetry when feed.concerns(telemetry) -> fed(telemetry, position);
            default -> { }
        }
    }

    private void heard(ShadowReceived said, long position) {
        var now = Timestamps.ofMicros(said.receivedMicros());
        var dialect = dialects.of(said.word());
        var token = "";
        try {
            var body = said.text().isBlank() ? MissingNode.getInstance()
                    : Json.read(said.text().getBytes(StandardCharsets.UTF_8));
            token = dialects.token(body);
            var ask = dialect.read(said.word(), body);
            var before = patiently(said.device(), () -> of(said.device()));
            if (!ask.isToSee() && before.contains(position, said.receivedMicros())) return;
            if (ask.desired().isPresent()) desireItself(said, ask, before, position);
            var after = ask.reported().isEmpty() ? of(said.device()) : report(said, ask.reported().get(), position);
            var seen = dialects.asksForFirmware(dialect, ask)
                    ? patiently(said.device(), () -> seenByThingsBoard(after)) : after;
            say(said.device(), dialect.accepted(said.word(), ask, before, seen, now));
            if (ask.desired().isPresent()) {
                sayDesired(dialects.all().stream().filter(it -> it != dialect), before, after, now);
            }
            waiting.done(said.word(), after);
        } catch (PlatformException why) {
            refusals.increment();
            say(said.device(), dialect.rejected(said.word(), token, why, of(said.device()), now));
            waiting.refused(said.word(), why);
        }
    }

    private Shadow report(ShadowReceived said, Wish wish, long position) {
        var shadow = change(said.device(), now -> {
            if (now.contains(position, said.receivedMicros())) return now;
            var version = now.reported().version() + said.desiredVersion();
            wish.requireUnchanged(version, now.reported().version());
            return now.withReported(now.reported().patched("reported", wish.patch(), version + 1,
                    said.receivedMicros()), position, said.receivedMicros());
        });
        updates.increment();
        return shadow;
    }

    /// A device may change its desired half as well, once whenever the log is read. What could be refused is looked at
    /// before anything is changed.
    private void desireItself(ShadowReceived said, Ask ask, Shadow now, long position) {
        var version = now.reported().version() + said.desiredVersion();
        ask.reported().or(ask::desired).orElseThrow().requireUnchanged(version, now.reported().version());
        ask.reported().ifPresent(it -> now.reported().patched("reported", it.patch(), version, 0));
        var self = devices.apply(said.device()).orElseThrow(() -> PlatformException.notFound("such device"));
        var by = new Actor(Actor.Kind.DEVICE, self.id().toString(), self.name(), self.organization(), "", "mqtt");
        patiently(said.device(), () -> desire(by, self, ask.desired().get().unconditional(),
                new ShadowStore.Heard(position, said.receivedMicros())));
    }

    private void fed(DeviceEvent.TelemetryReceived telemetry, long position) {
        var shadow = patiently(telemetry.device(), () -> of(telemetry.device()));
        if (shadow.contains(position, telemetry.receivedMicros())) return;
        var measured = feed.latest(telemetry);
        var patch = TelemetryFeed.patch(measured, shadow.reported());
        if (patch.isEmpty()) return;
        var time = measured.stream().mapToLong(Measurement::timeMicros).max().orElseThrow();
        try {
            change(telemetry.device(), now -> now.withReported(now.reported().patched("reported", patch,
                    now.version() + 1, time), position, telemetry.receivedMicros()));
        } catch (PlatformException _) {
            refusals.increment(); // the device has filled its shadow with something else
        }
    }

    /// On the device's lane: nobody else changes its reported half.
    private Shadow change(DeviceId device, UnaryOperator<Shadow> change) {
        writer.awaitRoom();
        var shadow = patiently(device, () -> known.asMap().compute(device, (_, now) -> {
            var before = now == null ? load(device) : now;
            var after = change.apply(before);
            if (after != before) writer.submit(after);
            return after;
        }));
        tell(shadow, "reported");
        return shadow;
    }

    /// What cannot be read now is read later: the lane waits, and the log is its queue.
    private Shadow patiently(DeviceId device, Supplier<Shadow> work) {
        for (var isFirst = true; ; isFirst = false) {
            try {
                return work.get();
            } catch (PlatformException e) {
                if (e.code() != ErrorCode.UNAVAILABLE) throw e;
                if (writer.isGivenUp()) throw writer.stopped();
                if (isFirst) LOG.warn("event=shadow_unread device={} effect=\"its lane waits\"", device);
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /// For a request that waits for its device's lane.
    Waiting waiting() {
        return waiting;
    }

    // ---- what people want

    /// Changes the desired half, kept when this returns, and tells the device.
    ///
    /// @throws PlatformException `CONFLICT` when it is not at the version that the wish names, and what is refused
    Shadow desire(Actor by, Device device, Wish wish) {
        return desire(by, device, wish, ShadowStore.Heard.NOTHING);
    }

    /// @param heard where in the log the device itself says so
    private Shadow desire(Actor by, Device device, Wish wish, ShadowStore.Heard heard) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var loaded = of(device.id());
        var half = database.transactionInTurn(by.organization(), device.id().value(), handle -> {
            store.lock(handle, device.id());
            var before = store.desired(handle, device.id());
            if (store.hasHeard(handle, device.id(), heard)) return before;
            var whole = known.asMap().getOrDefault(device.id(), loaded).reported().version() + before.version();
            wish.requireUnchanged(whole, before.version());
            var after = before.patched("desired", wish.patch(), whole + 1, Timestamps.micros(now));
            store.putDesired(handle, device.id(), after, wish.patch(), heard, by.toString(), now);
            audit.record(handle, by, wish.patch().isNull() ? "shadow.desired_deleted" : "shadow.desired_changed",
                    device.target(), document(before), document(after));
            database.notifications().publish(handle, CHANNEL, node + device.id());
            return after;
        });
        var before = known.asMap().getOrDefault(device.id(), loaded);
        var shadow = take(device.id(), half);
        // A device that wishes something itself is answered first.
        if (heard.equals(ShadowStore.Heard.NOTHING)) sayDesired(dialects.all().stream(), before, shadow, now);
        return shadow;
    }

    private void sayDesired(Stream<Dialect> those, Shadow before, Shadow after, Instant now) {
        if (after.desired().version() == before.desired().version()) return;
        say(after.device(), those.flatMap(it -> it.desired(before, after, now).stream()).toList());
    }

    private static ObjectNode document(Half half) {
        return Json.mapper().createObjectNode().put("desired_version", half.version())
                .set("desired", half.state());
    }

    /// Takes up a desired half that is kept.
    private Shadow take(DeviceId device, Half half) {
        desiredVersions.merge(device, half.version(), Math::max);
        var shadow = known.asMap().compute(device, (_, now) -> {
            var before = now == null ? load(device) : now;
            return before.desired().version() < half.version() ? before.withDesired(half) : before;
        });
        tell(shadow, "desired");
        return shadow;
    }

    List<ShadowStore.Change> history(OrganizationPath scope, DeviceId device, long before, int limit) {
        return database.transaction(scope, handle -> store.history(handle, device, before, limit));
    }

    // ---- what devices hear

    /// The device listens again. Never waits.
    public void listens(DeviceId device) {
        if (!desiredVersions.containsKey(device)) return;
        Thread.startVirtualThread(() -> {
            try {
                var shadow = of(device);
                var delta = shadow.delta();
                if (delta.isEmpty()) return;
                say(device, dialects.all().stream()
                        .flatMap(it -> it.outstanding(shadow, delta, clock.instant()).stream()).toList());
            } catch (RuntimeException e) {
                LOG.warn("event=delta_not_told device={} cause=\"{}\"", device, e.toString());
            }
        });
    }

    private void say(DeviceId device, List<Dialect.Said> those) {
        for (var said : those) {
            if (!channel.isFollowed(device, said.topic())) continue;
            channel.publish(device, said.topic(), said.payload().get().toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void tell(Shadow shadow, String half) {
        if (half.equals("desired")) bells.ring(shadow.device());
        if (listeners.isEmpty()) return;
        var change = new ShadowChanged(shadow.device(), half, shadow.version(), !shadow.delta().isEmpty());
        listeners.forEach(listener -> listener.accept(change));
    }

    // ---- what other nodes change

    @Override
    public void received(String payload) {
        if (payload.startsWith(node)) return;
        var device = new DeviceId(Long.parseLong(payload.substring(payload.indexOf(' ') + 1)));
        Thread.startVirtualThread(() -> refresh(device));
    }

    @Override
    public void missed() {
        Thread.startVirtualThread(() -> {
            try {
                database.transaction(OrganizationPath.ROOT, store::desiredVersions).forEach((device, version) -> {
                    if (version > desiredVersion(device)) refresh(device);
                });
            } catch (RuntimeException e) {
                LOG.error("event=shadows_not_loaded effect=\"changes by other nodes are not seen yet\"", e);
            }
        });
    }

    private void refresh(DeviceId device) {
        try {
            var half = database.transaction(OrganizationPath.ROOT, handle -> store.desired(handle, device));
            if (half.version() <= desiredVersion(device)) return;
            var shadow = take(device, half);
            say(device, dialects.all().stream().flatMap(it -> it.outstanding(shadow, shadow.delta(), clock.instant())
                    .stream()).toList());
        } catch (RuntimeException e) {
            LOG.warn("event=shadow_not_loaded device={} cause=\"{}\"", device, e.toString());
        }
    }

    /// Since the start.
    public long updates() {
        return updates.sum();
    }

    public long refusals() {
        return refusals.sum();
    }

    /// Why nothing can be written now; empty if all is well.
    public String fault() {
        return writer.fault();
    }

    @Override
    public void close() {
        writer.close();
    }
}
