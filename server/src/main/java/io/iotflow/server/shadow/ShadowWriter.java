package io.iotflow.server.shadow;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.database.Database;
import io.iotflow.server.ingest.Lanes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes reported halves behind the lanes, on a thread of its own: of each device the latest only, many at once. What
/// cannot be written now is tried again for ever; meanwhile no more devices than fit wait, and then the lanes stand
/// still: the log is the queue behind it.
final class ShadowWriter implements Lanes.Durable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShadowWriter.class);
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration LOOK_UP = Duration.ofMillis(100);
    private static final Duration LAST_WAIT = Duration.ofSeconds(10);

    private final Database database;
    private final ShadowStore store;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Map<DeviceId, Shadow> waiting = new HashMap<>();
    private Map<DeviceId, Shadow> underWay = new HashMap<>();
    private long submitted;
    /// What could not even be submitted, because the platform stops.
    private long lost;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile long written;
    private volatile boolean isGivenUp;
    private volatile String fault = "";

    ShadowWriter(Database database, ShadowStore store) {
        this.database = database;
        this.store = store;
        thread = Thread.ofPlatform().name("shadow-writer").start(this::run);
    }

    /// Waits while too many are to be written.
    ///
    /// @throws IllegalStateException when the platform stops; what was to be submitted then counts as submitted
    void awaitRoom() {
        lock.lock();
        try {
            while (waiting.size() >= ShadowLimits.SHADOWS_WAITING) {
                if (isGivenUp || closing.getCount() == 0) throw stopped();
                changed.await(LOOK_UP.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw stopped();
        } finally {
            lock.unlock();
        }
    }

    /// The log goes on before the event whose effect cannot be kept now.
    IllegalStateException stopped() {
        lock.lock();
        try {
            lost++;
        } finally {
            lock.unlock();
        }
        return new IllegalStateException("the platform stops");
    }

    /// Never waits.
    void submit(Shadow shadow) {
        lock.lock();
        try {
            waiting.put(shadow.device(), shadow);
            submitted++;
        } finally {
            lock.unlock();
        }
    }

    /// What is newer than what is kept.
    Optional<Shadow> unwritten(DeviceId device) {
        lock.lock();
        try {
            var newest = waiting.get(device);
            return Optional.ofNullable(newest == null ? underWay.get(device) : newest);
        } finally {
            lock.unlock();
        }
    }

    boolean isGivenUp() {
        return isGivenUp || closing.getCount() == 0;
    }

    @Override
    public long submitted() {
        lock.lock();
        try {
            return submitted + lost;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long written() {
        return written;
    }

    @Override
    public void giveUp() {
        isGivenUp = true;
    }

    /// Why nothing can be written now; empty if all is well.
    String fault() {
        return fault;
    }

    private void run() {
        try {
            while (true) {
                var isLast = closing.await(ShadowLimits.SHADOW_WRITE_EVERY.toNanos(), TimeUnit.NANOSECONDS);
                if (!isRoundWritten() || isLast) return;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// False if the platform stops before all are: then they come again at the next start.
    private boolean isRoundWritten() throws InterruptedException {
        long count;
        lock.lock();
        try {
            if (waiting.isEmpty()) return true;
            underWay = waiting;
            waiting = new HashMap<>();
            count = submitted;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        var all = new ArrayList<>(underWay.values());
        for (var from = 0; from < all.size(); from += ShadowLimits.SHADOWS_AT_ONCE) {
            var some = all.subList(from, Math.min(all.size(), from + ShadowLimits.SHADOWS_AT_ONCE));
            if (!isWritten(some)) return false;
        }
        lock.lock();
        try {
            underWay = new HashMap<>();
            written = count;
        } finally {
            lock.unlock();
        }
        return true;
    }

    private boolean isWritten(List<Shadow> shadows) throws InterruptedException {
        while (true) {
            try {
                database.transaction(OrganizationPath.ROOT, handle -> {
                    store.putReported(handle, shadows);
                    return null;
                });
                fault = "";
                return true;
            } catch (RuntimeException e) {
                if (isItsOwnFault(e)) {
                    if (shadows.size() > 1) return isEachWritten(shadows);
                    LOG.error("event=shadow_refused device={}", shadows.getFirst().device(), e);
                    return true;
                }
                fault = e.getMessage() == null ? e.toString() : e.getMessage().lines().findFirst().orElse("");
                LOG.warn("event=shadows_not_written count={} cause=\"{}\" effect=\"tried again in {}\"",
                        shadows.size(), fault, RETRY);
            }
            if (closing.await(RETRY.toNanos(), TimeUnit.NANOSECONDS)) return false;
        }
    }

    private boolean isEachWritten(List<Shadow> shadows) throws InterruptedException {
        for (var shadow : shadows) if (!isWritten(List.of(shadow))) return false;
        return true;
    }

    /// Whether the same would fail again, however often.
    private static boolean isItsOwnFault(RuntimeException failure) {
        if (failure instanceof PlatformException) return false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23");
            }
        }
        return false;
    }

    /// Writes what was submitted, if the database answers.
    @Override
    public void close() {
        closing.countDown();
        try {
            if (!thread.join(LAST_WAIT)) LOG.warn("event=shadow_writer_abandoned");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
