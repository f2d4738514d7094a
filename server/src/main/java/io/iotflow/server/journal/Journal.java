package io.iotflow.server.journal;

import io.iotflow.server.journal.JournalConfig.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An append-only log with group commit. Many threads append; one thread writes what has arrived in one piece, syncs
/// once and only then announces it as committed. A position is a number of bytes since the log began; an appended
/// record is on disk when [#committed] has reached the position that [#append] returned.
///
/// Everything is bounded: the memory of what waits for a commit, and the disk. When either is used up, [#append]
/// refuses. Records are kept until [#trim] says that no follower needs them.
public final class Journal implements AutoCloseable {
    /// What [#append] answers instead of a position when there is no room. Nothing was kept.
    public static final long FULL = -1;
    /// Bytes of one record at the most.
    public static final int LARGEST_RECORD = Frame.MAX_PAYLOAD;

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int ROLL_PAUSE_MILLIS = 5;
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

    private final JournalConfig config;
    private final SegmentFiles files;
    private final int segmentBytes;
    private final Thread committer;
    private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();
    private final LongAdder commits = new LongAdder();
    private final LongAdder commitNanos = new LongAdder();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private Batch filling;
    private Batch idle;
    private long end;
    private boolean committerWaits;
    private boolean closing;

    private final ReentrantLock committedLock = new ReentrantLock();
    private final Condition advanced = committedLock.newCondition();
    private final ReentrantLock forgetting = new ReentrantLock();
    private volatile LongSupplier brake = () -> 0;
    private volatile long committed;
    private volatile IOException failure;
    private volatile int wakes;

    /// Told on the committer's thread; MUST return at once and not throw.
    @FunctionalInterface
    public interface CommitListener {
        void committed(long position);
    }

    private Journal(JournalConfig config, SegmentFiles files) throws IOException {
        this.config = config;
        this.files = files;
        this.segmentBytes = files.segmentBytes();
        end = files.recoverEnd();
        committed = end;
        filling = new Batch(config.bufferMib() << 20);
        idle = new Batch(config.bufferMib() << 20);
        filling.startAt(end);
        committer = Thread.ofPlatform().name("journal-committer").start(this::commitUntilClosed);
    }

    /// Opens the log in the folder and finds its end. A tail that was not written whole is cut off; it was never
    /// acknowledged.
    public static Journal open(JournalConfig config, Path folder) {
        try {
            Files.createDirectories(folder);
            return new Journal(config, SegmentFiles.open(folder, config));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the log in " + folder, e);
        }
    }

    /// Takes the payload (at most [Frame#MAX_PAYLOAD] bytes, not empty) and answers the position at which it is
    /// committed, or [#FULL]. Never waits for the disk. Records are committed in the order of their positions.
    public long append(ByteBuffer payload) {
        var length = payload.remaining();
        if (length == 0 || length > Frame.MAX_PAYLOAD) {
            throw new IllegalArgumentException("a record is 1 to " + Frame.MAX_PAYLOAD + " bytes, not " + length);
        }
        var size = Frame.sizeOf(length);
        var checksum = Frame.checksum(payload);
        lock.lock();
        try {
            if (closing || failure != null || !filling.hasRoomFor(size + Frame.HEADER)) return FULL;
            if (leftInSegment() < size && !roll()) return FULL;
            filling.add(payload, checksum, end);
            end += size;
            if (committerWaits) {
                committerWaits = false;
                arrived.signal();
            }
            return end;
        } finally {
            lock.unlock();
        }
    }

    private int leftInSegment() {
        var used = (int) (end % segmentBytes);
        return used == 0 ? 0 : segmentBytes - used;
    }

    private boolean roll() {
        if (filling.hasRolled() || !filling.hasRoomFor(Frame.HEADER) || !files.reserveNext()) return false;
        var left = leftInSegment();
        filling.roll(end, left);
        end = files.startOf(Math.floorDiv(end + left, segmentBytes));
        return true;
    }

    private void commitUntilClosed() {
        try {
            for (var batch = nextBatch(); batch != null; batch = nextBatch()) {
                var started = System.nanoTime();
                var position = commit(batch);
                commitNanos.add(System.nanoTime() - started);
                commits.increment();
                announce(position, batch);
                LockSupport.parkNanos(Math.min(brake.getAsLong(), LONGEST_PAUSE.toNanos()));
            }
        } catch (IOException | RuntimeException e) {
            // After a failed sync nobody knows what is on disk, so nothing more may be acknowledged.
            failure = e instanceof IOException io ? io : new IOException(e);
            LOG.error("event=journal_failed folder={} hint=\"repair the disk, then restart\"", files.folder(), e);
            wakeWaiters();
        }
    }

    /// Waits for work; null when closed and everything is written.
    private Batch nextBatch() {
        lock.lock();
        try {
            while (filling.isEmpty()) {
                if (closing) return null;
                committerWaits = true;
                arrived.awaitUninterruptibly();
            }
            var batch = filling;
            filling = idle;
            idle = null;
            filling.startAt(end);
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private long commit(Batch batch) throws IOException {
        var position = batch.start();
        var bytes = batch.beforeRoll();
        if (bytes.hasRemaining()) {
            var length = bytes.remaining();
            files.write(bytes, position);
            position += length;
        }
        if (batch.hasRolled()) {
            if (config.durability() == Durability.FSYNC) files.syncCurrent();
            position = files.beginNext();
            var rest = batch.afterRoll();
            var length = rest.remaining();
            files.write(rest, position);
            position += length;
        }
        if (config.durability() == Durability.FSYNC) files.syncCurrent();
        return position;
    }

    private void announce(long position, Batch written) {
        lock.lock();
        try {
            idle = written;
        } finally {
            lock.unlock();
        }
        committed = position;
        wakeWaiters();
        for (var listener : listeners) listener.committed(position);
    }

    /// Makes readers that wait for new records look around once, so that they notice that they should stop or hurry.
    public void wakeReaders() {
        committedLock.lock();
        try {
            wakes = wakes + 1;
            advanced.signalAll();
        } finally {
            committedLock.unlock();
        }
    }

    private void wakeWaiters() {
        committedLock.lock();
        try {
            advanced.signalAll();
        } finally {
            committedLock.unlock();
        }
    }

    /// Up to which position everything is on disk.
    public long committed() {
        return committed;
    }

    /// The position after everything that was appended, committed or not.
    public long appended() {
        lock.lock();
        try {
            return end;
        } finally {
            lock.unlock();
        }
    }

    /// The oldest position that is still there.
    public long oldest() {
        return files.oldest();
    }

    /// Waits until everything before the position is on disk.
    ///
    /// @throws IllegalStateException if the log failed, so that this will never happen
    public void awaitCommitted(long position) throws InterruptedException {
        if (committed >= position) return;
        committedLock.lock();
        try {
            while (committed < position) {
                if (failure != null) throw new IllegalStateException("the log cannot be written", failure);
                advanced.await();
            }
        } finally {
            committedLock.unlock();
        }
    }

    /// How often readers were woken. One that takes this before it decides to wait misses no wake.
    int wakes() {
        return wakes;
    }

    /// Waits for anything after the position to be committed, for the time to pass, or for a [#wakeReaders] since
    /// `woken` was taken from [#wakes].
    boolean awaitBeyond(long position, long nanos, int woken) throws InterruptedException {
        if (committed > position) return true;
        committedLock.lock();
        try {
            while (committed <= position && nanos > 0 && woken == wakes) {
                nanos = advanced.awaitNanos(nanos);
            }
            return committed > position;
        } finally {
            committedLock.unlock();
        }
    }

    /// Waits for the next commit, at most for the time.
    public void awaitChange(long millis) throws InterruptedException {
        awaitBeyond(committed, TimeUnit.MILLISECONDS.toNanos(millis), wakes);
    }

    public void onCommit(CommitListener listener) {
        listeners.add(listener);
    }

    /// Reads from the position on, or from the oldest record there is if the position is older.
    public JournalReader reader(long position) {
        return new JournalReader(this, files, position);
    }

    /// Lets a follower that falls behind slow everybody down: after each commit the committer rests for as many
    /// nanoseconds as the brake says, [#LONGEST_PAUSE] at most. What arrives meanwhile is acknowledged later, so
    /// clients that wait for their acknowledgements send less.
    public void brake(LongSupplier nanos) {
        brake = nanos;
    }

    /// Gives up everything before the position. Whole segments only; their files are used again.
    public void trim(long position) {
        try {
            files.trim(Math.min(position, committed));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot trim the log", e);
        }
    }

    /// Makes the log forget everything that was appended before this call: when it has returned true, no file in the
    /// log's folder holds a byte of it, and no replay brings it back. A new segment begins in a file of zeros, and the
    /// files before it are deleted instead of used again, as soon as the followers have passed them.
    ///
    /// @param passed up to where every follower has come
    /// @return false if that took longer; what is still there goes when it is trimmed, or at the next call
    public boolean forget(LongSupplier passed, Duration atMost) throws InterruptedException {
        var deadline = System.nanoTime() + atMost.toNanos();
        if (!forgetting.tryLock(atMost.toNanos(), TimeUnit.NANOSECONDS)) return false;
        try {
            var from = beginInZeros(deadline);
            while (from == FULL || passed.getAsLong() < from) {
                if (from == FULL || deadline - System.nanoTime() <= 0) return false;
                awaitChange(ROLL_PAUSE_MILLIS);
            }
            trim(from);
            files.sync();
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot forget what is in the log", e);
        } finally {
            forgetting.unlock();
        }
    }

    /// Begins a segment in a file that never held anything and answers where; [#FULL] if there was no room in time.
    private long beginInZeros(long deadline) throws IOException, InterruptedException {
        files.neverUseAgain(Long.MAX_VALUE);
        var from = FULL;
        try {
            do {
                files.replaceUsedSpares();
                from = rollUntil(deadline);
                if (from != FULL) awaitCommitted(from);
            } while (from != FULL && files.holdsLeftoversFrom(from));
            return from;
        } finally {
            files.neverUseAgain(from == FULL ? appended() + segmentBytes : from);
        }
    }

    /// Ends the current segment and answers where the next one begins; [#FULL] if there is no room for one.
    private long rollUntil(long deadline) throws InterruptedException {
        while (true) {
            lock.lock();
            try {
                if (closing || failure != null) return FULL;
                if (roll()) {
                    if (committerWaits) {
                        committerWaits = false;
                        arrived.signal();
                    }
                    return end;
                }
            } finally {
                lock.unlock();
            }
            if (deadline - System.nanoTime() <= 0) return FULL;
            awaitChange(ROLL_PAUSE_MILLIS);
        }
    }

    /// Bytes on disk that no follower has let go of.
    public long retainedBytes() {
        return committed - files.oldest();
    }

    /// Bytes that were found damaged and skipped since the log was opened.
    public long damagedBytes() {
        return files.damagedBytes();
    }

    public long commits() {
        return commits.sum();
    }

    /// Time spent in writing and syncing, in nanoseconds, over all [#commits].
    public long commitNanos() {
        return commitNanos.sum();
    }

    public boolean isHealthy() {
        return failure == null;
    }

    /// Commits what was appended and stops. Later appends are refused.
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
        try {
            committer.join();
            files.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
