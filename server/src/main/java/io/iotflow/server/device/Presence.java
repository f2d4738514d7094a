package io.iotflow.server.device;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who is there, when each device was last heard of, and how much it has sent. A device is online while it is
/// connected, and for `device.online_timeout` after it was last heard of.
///
/// Everything happens in memory, on the caller's thread, in some tens of nanoseconds and without allocation; a thread
/// of its own writes what has changed to the database every `device.presence_interval`, and once more at the end.
/// Connections are not kept: after a restart nobody is connected until it connects again.
public final class Presence implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
    private static final int ROWS_A_STATEMENT = 5_000;

    private final Database database;
    private final InstantSource clock;
    private final long timeoutMillis;
    private final Duration interval;
    private final DeviceStore store = new DeviceStore();
    private final PresenceHistory history;
    private final Map<DeviceId, Entry> entries = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread writer;

    /// Told when a device comes or goes; on the thread that noticed, so it must be quick. Coming is noticed at once,
    /// falling silent within `device.presence_interval`.
    @FunctionalInterface
    public interface Listener {
        void changed(DeviceId device, boolean isOnline, Instant at);
    }

    /// What is known of one device.
    public record State(boolean isOnline, Optional<Instant> lastSeen, long telemetryCount) {}

    /// What the database has.
    record Kept(DeviceId id, long seenMillis, long count) {}

    private static final class Entry {
        final AtomicLong seenMillis = new AtomicLong();
        final AtomicLong unwritten = new AtomicLong();
        volatile long writtenSeenMillis;
        volatile long writtenCount;
        volatile Set<String> sessions = Set.of();
        volatile boolean isOnline;
    }

    public Presence(Database database, DeviceConfig config, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.timeoutMillis = config.onlineTimeout().toMillis();
        this.interval = config.presenceInterval();
        this.history = new PresenceHistory(database);
        database.transaction(OrganizationPath.ROOT, store::presence).forEach(this::take);
        writer = Thread.ofPlatform().name("presence-writer").daemon().start(this::writeNowAndThen);
    }

    /// How long a device that is not connected counts as online after it was heard of.
    public Duration timeout() {
        return Duration.ofMillis(timeoutMillis);
    }

    /// A device was heard of.
    public void seen(DeviceId device, Instant at) {
        counted(device, 0, at);
    }

    /// A device has sent telemetry.
    public void counted(DeviceId device, int messages, Instant at) {
        var entry = entries.get(device);
        if (entry == null) entry = entries.computeIfAbsent(device, _ -> new Entry());
        var millis = at.toEpochMilli();
        if (millis > entry.seenMillis.get()) entry.seenMillis.accumulateAndGet(millis, Math::max);
        if (messages > 0) entry.unwritten.addAndGet(messages);
        if (!entry.isOnline) notice(device, entry, at);
    }

    /// @param session unique among the device's connections
    public void connected(DeviceId device, String session, Instant at) {
        changeSessions(device, session, true);
        seen(device, at);
    }

    /// Of a session that is not known nothing is said.
    public void disconnected(DeviceId device, String session, Instant at) {
        changeSessions(device, session, false);
        seen(device, at);
    }

    public State of(DeviceId device) {
        var entry = entries.get(device);
        if (entry == null) return new State(false, Optional.empty(), 0);
        var seen = entry.seenMillis.get();
        return new State(isOnline(entry, clock.millis()),
                seen == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(seen)),
                entry.writtenCount + entry.unwritten.get());
    }

    /// When a device was last heard of; 0 for never.
    long seenMillis(DeviceId device) {
        var entry = entries.get(device);
        return entry == null ? 0 : entry.seenMillis.get();
    }

    public boolean isOnline(DeviceId device) {
        var entry = entries.get(device);
        return entry != null && isOnline(entry, clock.millis());
    }

    /// How many devices are online.
    public int online() {
        var now = clock.millis();
        return (int) entries.values().stream().filter(entry -> isOnline(entry, now)).count();
    }

    /// Which devices are online, in no order.
    long[] onlineIds() {
        var now = clock.millis();
        return entries.entrySet().stream().filter(candidate -> isOnline(candidate.getValue(), now))
                .mapToLong(candidate -> candidate.getKey().value()).toArray();
    }

    /// What some devices amount to.
    ///
    /// @param messages telemetry messages, ever
    public record Totals(long online, long messages) {}

    public Totals totals(List<Statuses.Line> devices) {
        var states = devices.stream().map(device -> of(device.id())).toList();
        return new Totals(states.stream().filter(State::isOnline).count(),
                states.stream().mapToLong(State::telemetryCount).sum());
    }

    /// How many devices are connected.
    public int connected() {
        return (int) entries.values().stream().filter(entry -> !entry.sessions.isEmpty()).count();
    }

    /// Telemetry messages of all devices, ever.
    public long telemetryCount() {
        return entries.values().stream().mapToLong(entry -> entry.writtenCount + entry.unwritten.get()).sum();
    }

    public void onChange(Listener listener) {
        listeners.add(listener);
    }

    /// Writes what has changed since the last time. What cannot be written now is kept for the next time.
    synchronized void write() {
        var dirty = new ArrayList<Map.Entry<DeviceId, Entry>>();
        for (var candidate : entries.entrySet()) {
            var entry = candidate.getValue();
            if (entry.unwritten.get() > 0 || entry.seenMillis.get() > entry.writtenSeenMillis) dirty.add(candidate);
        }
        for (var from = 0; from < dirty.size(); from += ROWS_A_STATEMENT) {
            write(dirty.subList(from, Math.min(dirty.size(), from + ROWS_A_STATEMENT)));
        }
    }

    /// Writes who came and went, for whoever is about to look.
    public void remember() {
        history.write();
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            writer.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void take(Kept kept) {
        var entry = entries.computeIfAbsent(kept.id(), _ -> new Entry());
        entry.seenMillis.accumulateAndGet(kept.seenMillis(), Math::max);
        entry.writtenSeenMillis = kept.seenMillis();
        entry.writtenCount = kept.count();
        entry.isOnline = isOnline(entry, clock.millis());
    }

    private void changeSessions(DeviceId device, String session, boolean isConnected) {
        var entry = entries.computeIfAbsent(device, _ -> new Entry());
        synchronized (entry) {
            var sessions = new HashSet<>(entry.sessions);
            if (isConnected) sessions.add(session);
            else sessions.remove(session);
            entry.sessions = Set.copyOf(sessions);
        }
    }

    private boolean isOnline(Entry entry, long nowMillis) {
        return !entry.sessions.isEmpty() || nowMillis - entry.seenMillis.get() < timeoutMillis;
    }

    private void notice(DeviceId device, Entry entry, Instant at) {
        boolean isOnline;
        synchronized (entry) {
            isOnline = isOnline(entry, clock.millis());
            if (isOnline == entry.isOnline) return;
            entry.isOnline = isOnline;
        }
        history.add(device, isOnline, at);
        for (var listener : listeners) listener.changed(device, isOnline, at);
    }

    private void writeNowAndThen() {
        try {
            while (!closing.await(interval.toNanos(), TimeUnit.NANOSECONDS)) round();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        round();
    }

    private void round() {
        try {
            var now = clock.instant();
            entries.forEach((device, entry) -> {
                if (entry.isOnline != isOnline(entry, now.toEpochMilli())) notice(device, entry, now);
            });
            write();
            remember();
        } catch (PlatformException | JdbiException e) {
            LOG.warn("event=presence_not_written cause=\"{}\" effect=\"tried again in {}\"", e.getMessage(), interval);
        } catch (RuntimeException e) {
            LOG.error("event=presence_failed", e);
        }
    }

    private void write(List<Map.Entry<DeviceId, Entry>> dirty) {
        var ids = new long[dirty.size()];
        var seen = new long[dirty.size()];
        var counts = new long[dirty.size()];
        var byId = new HashMap<DeviceId, Integer>();
        for (var i = 0; i < ids.length; i++) {
            ids[i] = dirty.get(i).getKey().value();
            seen[i] = dirty.get(i).getValue().seenMillis.get();
            counts[i] = dirty.get(i).getValue().unwritten.get();
            byId.put(dirty.get(i).getKey(), i);
        }
        var written = database.transaction(OrganizationPath.ROOT,
                handle -> store.addPresence(handle, ids, seen, counts));
        for (var kept : written) {
            var at = byId.remove(kept.id());
            var entry = dirty.get(at).getValue();
            entry.writtenCount = kept.count();
            entry.writtenSeenMillis = seen[at];
            entry.unwritten.addAndGet(-counts[at]);
        }
        byId.keySet().forEach(entries::remove);  // Decommissioned.
    }
}
