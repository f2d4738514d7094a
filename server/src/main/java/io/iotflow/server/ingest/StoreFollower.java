package io.iotflow.server.ingest;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.ingest.DeviceEvent.TelemetryReceived;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.journal.JournalReader;
import io.iotflow.server.telemetry.TelemetryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what the log has committed into the telemetry store: a few large synced commits a second under load, one at
/// once when little arrives or somebody asks. After each commit the position is remembered and the log is trimmed; what
/// came after it is replayed at the next start, which changes nothing in the store.
///
/// Runs on a thread of its own.
public final class StoreFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreFollower.class);

    /// Between two commits under load. Longer means larger commits and older answers.
    private static final Duration INTERVAL = Duration.ofMillis(200);
    /// Points of one commit at the most; bounds the store's memory.
    private static final int POINTS = 500_000;
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /// How far behind the store may fall before new messages are acknowledged more slowly, and which part of the time
    /// beyond that each commit of the log then waits. Together they keep the store within about two seconds of any load
    /// that waits for acknowledgements.
    private static final Duration LAG_AT_EASE = Duration.ofMillis(700);
    private static final long BRAKE_DIVISOR = 10;

    /// What the platform may be told to do with the store for measuring; [#NORMAL] otherwise.
    public enum Pace {
        NORMAL,
        /// Every commit takes a second longer, as on a bad disk.
        SLOW,
        /// Nothing is stored at all.
        OFF
    }

    private final Journal journal;
    private final TelemetryStore store;
    private final FollowerPosition position;
    private final LongSupplier othersPosition;
    private final InstantSource clock;
    private final Pace pace;
    private final EventCodec codec = new EventCodec();
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private volatile long committed;
    /// When the oldest message was received that is not in the store yet; 0 if none was read.
    private volatile long waitingSince;
    private volatile long wanted;
    private volatile boolean closing;
    private volatile boolean failing;
    private long lastCommitNanos = System.nanoTime();

    /// @param othersPosition up to where everybody else has come who reads the log
    public StoreFollower(Journal journal, TelemetryStore store, Path folder, LongSupplier othersPosition,
            InstantSource clock, Pace pace) {
        this.journal = journal;
        this.store = store;
        this.othersPosition = othersPosition;
        this.clock = clock;
        this.pace = pace;
        position = FollowerPosition.open(folder.resolve("store.position"), journal.committed());
        committed = position.value();
        journal.brake(this::brakeNanos);
        thread = Thread.ofPlatform().name("store-follower").start(this::follow);
    }

    private long brakeNanos() {
        return Math.max(0, lag().minus(LAG_AT_EASE).toNanos() / BRAKE_DIVISOR);
    }

    private void follow() {
        try {
            while (!closing || committed < journal.committed()) {
                try {
                    followUntilFailure();
                } catch (RuntimeException | Error e) { // QuestDB throws errors of its own
                    if (!failing) {
                        LOG.error("event=store_failed effect=\"the log keeps what arrives; trying again\"", e);
                    }
                    failing = true;
                    if (closing) return; // what is not stored is in the log
                    pause(RETRY);
                }
            }
        } catch (InterruptedException _) {
            // closed in the middle; the log keeps what is not stored
        }
    }

    private void followUntilFailure() throws InterruptedException {
        var reader = journal.reader(committed);
        var points = 0;
        waitingSince = 0;
        while (true) {
            if (reader.next()) {
                points += append(reader);
                if (points >= POINTS || isDue() && (wanted > committed || isOverdue())) {
                    commit(reader.position());
                    points = 0;
                }
            } else if (reader.position() > committed && (isDue() || wanted > committed || closing)) {
                commit(reader.position());
                points = 0;
            } else if (closing) {
                return;
            } else {
                reader.await(reader.position() > committed ? INTERVAL : IDLE);
            }
        }
    }

    private void pause(Duration time) throws InterruptedException {
        lock.lock();
        try {
            for (var left = time.toNanos(); left > 0 && !closing; ) left = moved.awaitNanos(left);
        } finally {
            lock.unlock();
        }
    }

    private int append(JournalReader reader) {
        var read = codec.read(reader.payload()).orElse(null);
        if (read != null && waitingSince == 0) waitingSince = read.receivedMicros();
        if (!(read instanceof TelemetryReceived event)) return 0;
        if (pace == Pace.OFF) return 0;
        var points = 0;
        for (var measurement : event.measurements()) {
            if (!isStorable(event, measurement)) continue;
            store.append(event.device(), measurement);
            points++;
        }
        return points;
    }

    /// What the store would refuse for ever must not keep it from what comes after. The door lets no such measurement
    /// in; this is for a log that another version has written.
    private boolean isStorable(TelemetryReceived event, Measurement measurement) {
        var time = measurement.timeMicros();
        if (time >= TelemetryStore.EARLIEST_MICROS && time < TelemetryStore.LATEST_MICROS) return true;
        LOG.error("event=unstorable_measurement effect=\"skipped\" device={} metric={} time_micros={}",
                event.device(), measurement.metric(), time);
        return false;
    }

    private boolean isDue() {
        return System.nanoTime() - lastCommitNanos >= INTERVAL.toNanos();
    }

    private boolean isOverdue() {
        return System.nanoTime() - lastCommitNanos >= 2 * INTERVAL.toNanos();
    }

    private void commit(long reached) throws InterruptedException {
        if (pace == Pace.SLOW) pause(Duration.ofSeconds(1));
        if (pace != Pace.OFF) store.commit();
        lastCommitNanos = System.nanoTime();
        failing = false;
        position.moveTo(reached);
        lock.lock();
        try {
            committed = reached;
            waitingSince = 0;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        journal.trim(Math.min(reached, othersPosition.getAsLong()));
    }

    /// Waits until a question sees everything that was acknowledged before this call. Many may wait at once; one
    /// commit serves them all.
    ///
    /// @return empty if so, else for how long the oldest message has waited that cannot be seen yet, above zero
    public Optional<Duration> catchUp(Duration atMost) throws InterruptedException {
        var target = journal.committed();
        var deadline = System.nanoTime() + atMost.toNanos();
        if (committed < target) {
            lock.lock();
            try {
                wanted = Math.max(wanted, target);
                journal.wakeReaders();
                while (committed < target) {
                    var left = deadline - System.nanoTime();
                    if (left <= 0) return Optional.of(atLeast(atMost));
                    moved.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }
        var left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        return store.awaitApplied(left) ? Optional.empty() : Optional.of(atLeast(atMost));
    }

    /// The lag of somebody who has waited in vain; the store may have caught up a moment later.
    private Duration atLeast(Duration waited) {
        var lag = lag();
        return lag.compareTo(waited) > 0 ? lag : waited.plusMillis(1);
    }

    /// How far behind the log the store is, in time: for how long the oldest message has waited that questions do not
    /// see, zero when they see all.
    public Duration lag() {
        var unseen = store.unseenFor();
        var since = waitingSince;
        if (since == 0 || committed >= journal.committed()) return unseen;
        var unread = Duration.of(Math.max(0, Timestamps.micros(clock.instant()) - since), ChronoUnit.MICROS);
        return unread.compareTo(unseen) > 0 ? unread : unseen;
    }

    /// Up to where everything in the log is in the store.
    public long position() {
        return committed;
    }

    /// Bytes of the log that are not in the store yet.
    public long lagBytes() {
        return Math.max(0, journal.committed() - committed);
    }

    public boolean isHealthy() {
        return !failing;
    }

    /// Stores what is left in the log and stops.
    @Override
    public void close() {
        closing = true;
        journal.wakeReaders();
        lock.lock();
        try {
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        position.close();
    }
}
