package io.iotflow.server.ingest;

import io.iotflow.server.journal.Journal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands every committed event to the features that react to it. A device belongs to one lane, so its events are dealt
/// with one at a time and in order. Each lane reads the log by itself: the log is their queue.
///
/// Listeners run on the lane's thread. They MUST be quick, and doing the same event twice MUST be harmless: after a
/// crash the last second comes again. What a listener only hands on to be kept is a `Durable`'s business: where the
/// lanes go on after a crash is never behind an event of which it has something to keep still.
public final class Lanes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);
    private static final Duration SAVE_EVERY = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofNanos(100_000);
    private static final Duration TICK_EVERY = Duration.ofMillis(100);
    /// Under load a lane looks at the clock after so many events.
    private static final int EVENTS_PER_LOOK = 256;
    private static final Duration LAST_WAIT = Duration.ofSeconds(1);

    /// Reacts to events of devices.
    @FunctionalInterface
    public interface DeviceListener {
        void on(DeviceEvent event);

        /// @param position of the event in the log, by which one is known that comes again
        default void on(DeviceEvent event, long position) {
            on(event);
        }

        /// Time has passed: called a few times a second on each lane's thread, busy or not.
        ///
        /// @param upToMicros everything that was received before that time was delivered; `Long.MAX_VALUE` when the
        ///                   lane has come to the end of the log
        default void tick(int lane, long upToMicros) {}
    }

    /// Keeps later, and in order, what listeners hand to it. Both counts only grow, and reading them is cheap.
    public interface Durable {
        /// How many things were handed over, counted before the listener that did it returns.
        long submitted();

        /// How many of them are kept, the oldest first.
        long written();

        /// The platform stops: what cannot be taken now is refused by an exception instead of waited for. It counts as
        /// handed over all the same.
        void giveUp();
    }

    /// A position, and how much was handed over by the time when all lanes had passed it.
    private record Mark(long position, long submitted) {}

    private final Journal journal;
    private List<DeviceListener> listeners = List.of();
    private final List<Keeping> asked;
    private final List<Keeping> keepings = new ArrayList<>();
    private final FollowerPosition saved;
    private final List<Lane> lanes = new ArrayList<>();
    private volatile boolean closing;
    private volatile boolean abandoned;
    private long lastSave = System.nanoTime();

    /// Lanes with nothing to be kept.
    public Lanes(Journal journal, Path folder, int count) {
        this(journal, folder, count, List.of());
    }

    /// @param asked keep what questions are answered from: they wait for it
    public Lanes(Journal journal, Path folder, int count, List<? extends Durable> asked) {
        this(journal, folder, count, asked, List.of());
    }

    /// @param asked  keep what questions are answered from: they wait for it
    /// @param behind keep what is answered from memory
    public Lanes(Journal journal, Path folder, int count, List<? extends Durable> asked,
            List<? extends Durable> behind) {
        this.journal = journal;
        saved = FollowerPosition.open(folder.resolve("lanes.position"), journal.committed());
        this.asked = asked.stream().map(durable -> new Keeping(durable, saved.value())).toList();
        keepings.addAll(this.asked);
        for (var durable : behind) keepings.add(new Keeping(durable, saved.value()));
        for (int i = 0; i < count; i++) lanes.add(new Lane(i, count, saved.value()));
    }

    /// Begins to read, for these listeners.
    public Lanes start(List<DeviceListener> those) {
        listeners = List.copyOf(those);
        for (var lane : lanes) lane.thread.start();
        return this;
    }

    /// How far the log is done with, as far as one who keeps things is concerned.
    private final class Keeping {
        private final Durable durable;
        private Mark awaited;
        private long kept;

        Keeping(Durable durable, long from) {
            this.durable = durable;
            kept = from;
        }

        synchronized long kept() {
            if (awaited != null && durable.written() >= awaited.submitted()) {
                kept = awaited.position();
                awaited = null;
            }
            if (awaited == null) {
                // In this order: all that was handed over before the position is in the count.
                var position = position();
                var mark = new Mark(position, durable.submitted());
                if (durable.written() >= mark.submitted()) kept = position;
                else awaited = mark;
            }
            return kept;
        }
    }

    private final class Lane {
        private final int number;
        private final int count;
        private final EventCodec codec = new EventCodec();
        private final Thread thread;
        private volatile long position;
        private volatile long ticks;
        private long lastTick = System.nanoTime() - TICK_EVERY.toNanos();

        Lane(int number, int count, long position) {
            this.number = number;
            this.count = count;
            this.position = position;
            thread = Thread.ofPlatform().name("lane-" + number).unstarted(this::run);
        }

        private void run() {
            try {
                while (true) {
                    try {
                        follow();
                        return;
                    } catch (RuntimeException | Error e) {
                        LOG.error("event=lane_failed effect=\"trying again\"", e);
                        if (closing) return; // what was not delivered comes at the next start
                        TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
                    }
                }
            } catch (InterruptedException _) {
                // closed; what was not delivered comes at the next start
            }
        }

        private void follow() throws InterruptedException {
            var reader = journal.reader(position);
            while (true) {
                for (var read = 1; reader.next(); read++) {
                    var payload = reader.payload();
                    var received = EventCodec.receivedOf(payload);
                    if (isMine(payload)) deliver(payload, codec, reader.position());
                    if (abandoned) return;
                    position = reader.position();
                    if (read % EVENTS_PER_LOOK == 0) tickNowAndThen(received);
                }
                position = reader.position(); // past the end of a segment, too
                tickNowAndThen(Long.MAX_VALUE);
                if (closing || abandoned) return;
                reader.await(TICK_EVERY);
            }
        }

        private void tickNowAndThen(long upToMicros) {
            if (System.nanoTime() - lastTick < TICK_EVERY.toNanos()) return;
            tick(number, upToMicros);
            ticks++;
            lastTick = System.nanoTime();
            if (number == 0) saveNowAndThen();
        }

        private boolean isMine(ByteBuffer payload) {
            return Math.floorMod(EventCodec.deviceOf(payload), count) == number;
        }
    }

    private void deliver(ByteBuffer payload, EventCodec codec, long position) {
        codec.read(payload).ifPresent(event -> deliver(event, position));
    }

    private void deliver(DeviceEvent event, long position) {
        for (var listener : listeners) {
            try {
                listener.on(event, position);
            } catch (RuntimeException | Error e) {
                LOG.error("event=listener_failed listener={} device={}", listener, event.device(), e);
            }
        }
    }

    private void tick(int lane, long upToMicros) {
        for (var listener : listeners) {
            try {
                listener.tick(lane, upToMicros);
            } catch (RuntimeException | Error e) {
                LOG.error("event=listener_tick_failed listener={} lane={}", listener, lane, e);
            }
        }
    }

    private void saveNowAndThen() {
        if (System.nanoTime() - lastSave < SAVE_EVERY.toNanos()) return;
        saved.moveTo(kept());
        lastSave = System.nanoTime();
    }

    /// Up to where everything that came of the events is kept: what lies before it will not be read again, and the log
    /// may forget it. Never waits.
    public long kept() {
        return kept(keepings);
    }

    private long kept(List<Keeping> those) {
        var least = position();
        for (var keeping : those) least = Math.min(least, keeping.kept());
        return least;
    }

    /// How often listeners were told that time has passed, by lane.
    public List<Long> ticks() {
        return lanes.stream().map(lane -> lane.ticks).toList();
    }

    /// Up to where every lane has come.
    public long position() {
        var least = Long.MAX_VALUE;
        for (var lane : lanes) least = Math.min(least, lane.position);
        return least;
    }

    /// Bytes of the log that some lane has still to read.
    public long lagBytes() {
        return Math.max(0, journal.committed() - position());
    }

    /// Waits until the lanes have dealt with everything that is committed now, and what came of it can be asked for;
    /// false if that took too long.
    public boolean catchUp(Duration atMost) throws InterruptedException {
        var target = journal.committed();
        var deadline = System.nanoTime() + atMost.toNanos();
        return isWaitedFor(() -> position() >= target, deadline)
                && isWaitedFor(() -> kept(asked) >= target, deadline);
    }

    /// Waits until the lanes have seen everything that is committed now; false if that took too long.
    public boolean awaitAll(Duration atMost) throws InterruptedException {
        var target = journal.committed();
        return isWaitedFor(() -> position() >= target, System.nanoTime() + atMost.toNanos());
    }

    private static boolean isWaitedFor(BooleanSupplier condition, long deadline) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            if (deadline - System.nanoTime() <= 0) return false;
            if (Thread.interrupted()) throw new InterruptedException();
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return true;
    }

    /// Waits a little for what is still to be kept. What is not by then comes again at the next start.
    @Override
    public void close() {
        closing = true;
        journal.wakeReaders();
        try {
            for (var lane : lanes) if (lane.thread.isAlive()) awaitEndOf(lane);
            if (!abandoned) isWaitedFor(() -> kept() >= position(), System.nanoTime() + LAST_WAIT.toNanos());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        saved.moveTo(kept());
        saved.close();
    }

    /// However much it has to read still, unless it waits for what can keep nothing now.
    private void awaitEndOf(Lane lane) throws InterruptedException {
        var written = written();
        var since = System.nanoTime();
        while (!lane.thread.join(LAST_WAIT.dividedBy(50))) {
            var isStuck = written() == written && submitted() > written;
            if (isStuck && System.nanoTime() - since > LAST_WAIT.toNanos() && !abandoned) {
                LOG.warn("event=lanes_abandoned effect=\"the last events come again at the next start\"");
                abandoned = true;
                keepings.forEach(keeping -> keeping.durable.giveUp());
            }
            if (!isStuck) since = System.nanoTime();
            written = written();
        }
    }

    private long submitted() {
        return keepings.stream().mapToLong(keeping -> keeping.durable.submitted()).sum();
    }

    private long written() {
        return keepings.stream().mapToLong(keeping -> keeping.durable.written()).sum();
    }
}
