package io.iotflow.server.database;

import io.iotflow.server.core.PlatformException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that works off what stands in the database: when somebody publishes on its channel, and when a time has
/// come. What it cannot do for want of the database it tries again a little later.
public final class Worker implements Notifications.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final String name;
    private final Duration retry;
    private final Work work;
    private final Semaphore wakes = new Semaphore(0);
    private final Thread thread;
    private volatile boolean isClosing;

    /// What it does; on the worker's thread.
    @FunctionalInterface
    public interface Work {
        /// @return how long there is nothing to do, unless something happens
        Duration pass();
    }

    /// Begins when it is started.
    ///
    /// @param channel of [Notifications] that wakes it
    /// @param retry   after a failure
    public Worker(Database database, String channel, String name, Duration retry, Work work) {
        this.name = name;
        this.retry = retry;
        this.work = work;
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        database.notifications().subscribe(channel, this);
    }

    public void start() {
        thread.start();
    }

    @Override
    public void received(String payload) {
        wake();
    }

    @Override
    public void missed() {
        wake();
    }

    public void wake() {
        wakes.release();
    }

    /// Whether it is to end: a long pass looks now and then.
    public boolean isClosing() {
        return isClosing;
    }

    private void run() {
        while (!isClosing) {
            var rest = retry;
            try {
                rest = work.pass();
            } catch (PlatformException | JdbiException e) {
                LOG.warn("event=worker_waits worker={} cause=\"{}\"", name,
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            } catch (RuntimeException e) {
                if (!isClosing) LOG.error("event=worker_failed worker={} effect=\"tried again\"", name, e);
            }
            try {
                if (wakes.tryAcquire(Math.max(1, rest.toMillis()), TimeUnit.MILLISECONDS)) wakes.drainPermits();
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    /// Ends after the pass that is under way.
    ///
    /// @return false if that took too long
    public boolean close(Duration atMost) {
        isClosing = true;
        wake();
        try {
            return !thread.isAlive() || thread.join(atMost);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
