package io.iotflow.server.ingest;

import io.iotflow.server.journal.Journal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands every committed event to the features that react to it. A device belongs to one lane, so its events are dealt
/// with one at a time and in order. Each lane reads the log by itself: the log is their queue.
///
/// Listeners run on the lane's thread. They MUST be quick, and doing the same event twice MUST be harmless: after a
/// crash the last second comes again.
public final class Lanes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);
    private static final Duration SAVE_EVERY = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofNanos(100_000);

    /// Reacts to events of devices.
    @FunctionalInterface
    public interface DeviceListener {
        void on(DeviceEvent event);
    }

    private final Journal journal;
    private final List<DeviceListener> listeners;
    private final FollowerPosition saved;
    private final List<Lane> lanes = new ArrayList<>();
    private volatile boolean closing;
    private long lastSave = System.nanoTime();

    public Lanes(Journal journal, Path folder, int count, List<DeviceListener> listeners) {
        this.journal = journal;
        this.listeners = List.copyOf(listeners);
        saved = FollowerPosition.open(folder.resolve("lanes.position"), journal.committed());
        for (int i = 0; i < count; i++) lanes.add(new Lane(i, count, saved.value()));
        for (var lane : lanes) lane.thread.start();
    }

    private final class Lane {
        private final int number;
        private final int count;
        private final EventCodec codec = new EventCodec();
        private final Thread thread;
        private volatile long position;

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
                while (reader.next()) {
                    var payload = reader.payload();
                    if (isMine(payload)) codec.read(payload).ifPresent(Lanes.this::deliver);
                    position = reader.position();
                }
                position = reader.position(); // past the end of a segment, too
                if (number == 0) saveNowAndThen();
                if (closing) return;
                reader.await(SAVE_EVERY);
            }
        }

        private boolean isMine(ByteBuffer payload) {
            return Math.floorMod(EventCodec.deviceOf(payload), count) == number;
        }
    }

    private void deliver(DeviceEvent event) {
        for (var listener : listeners) {
            try {
                listener.on(event);
            } catch (RuntimeException | Error e) {
                LOG.error("event=listener_failed listener={} device={}", listener, event.device(), e);
            }
        }
    }

    private void saveNowAndThen() {
        if (System.nanoTime() - lastSave < SAVE_EVERY.toNanos()) return;
        saved.moveTo(position());
        lastSave = System.nanoTime();
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

    /// Waits until the lanes have dealt with everything that is committed now; false if that took too long.
    public boolean catchUp(Duration atMost) throws InterruptedException {
        var target = journal.committed();
        var deadline = System.nanoTime() + atMost.toNanos();
        while (position() < target) {
            if (deadline - System.nanoTime() <= 0) return false;
            if (Thread.interrupted()) throw new InterruptedException();
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return true;
    }

    @Override
    public void close() {
        closing = true;
        journal.wakeReaders();
        try {
            for (var lane : lanes) lane.thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        saved.moveTo(position());
        saved.close();
    }
}
