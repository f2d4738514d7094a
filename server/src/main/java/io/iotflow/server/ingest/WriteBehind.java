package io.iotflow.server.ingest;

import io.iotflow.server.core.PlatformException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what lanes hand over on a thread of its own, in its order, many at once. What cannot be written for want of
/// the database is tried again for ever. What fails otherwise is tried by itself, and dropped if it fails then, or
/// nothing else would be written ever again. What is not written when the platform ends comes again from the log.
public final class WriteBehind<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration LOOK_UP = Duration.ofMillis(100);
    private static final Duration LAST_WAIT = Duration.ofSeconds(10);
    /// Longer than any trouble that passes by itself while the database answers.
    private static final int ATTEMPTS = 20;

    private final String name;
    private final Handover<T> handover;
    private final int atOnce;
    private final Consumer<List<T>> write;
    private final BiConsumer<T, RuntimeException> dropped;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /// @param most    that wait at the same time
    /// @param atOnce  that are written at once
    /// @param write   in one transaction; doing it twice MUST be harmless
    /// @param dropped is told what can never be written, and why
    public WriteBehind(String name, int most, int atOnce, Consumer<List<T>> write,
            BiConsumer<T, RuntimeException> dropped) {
        this.name = name;
        this.handover = new Handover<>(most);
        this.atOnce = atOnce;
        this.write = write;
        this.dropped = dropped;
        thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    /// Waits while too many are to be written.
    public void submit(T it) {
        handover.submit(it);
    }

    /// What the lanes wait for.
    public Lanes.Durable durable() {
        return handover;
    }

    private void run() {
        var batch = new ArrayList<T>();
        try {
            while (closing.getCount() > 0 || handover.peek() != null) {
                var first = handover.poll(LOOK_UP);
                if (first == null) continue;
                batch.add(first);
                handover.drainTo(batch, atOnce - 1);
                if (!isWritten(batch)) return;
                handover.kept(batch.size());
                batch.clear();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// False if the platform stops before they could be.
    private boolean isWritten(List<T> batch) throws InterruptedException {
        for (var attempt = 1; ; attempt++) {
            try {
                write.accept(batch);
                return true;
            } catch (RuntimeException e) {
                if (!mayPass(e, attempt)) return isDroppedOrEachWritten(batch, e);
                LOG.warn("event=not_written writer={} count={} attempt={} cause=\"{}\"", name, batch.size(), attempt,
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
            if (closing.await(RETRY.toNanos(), TimeUnit.NANOSECONDS)) return false;
        }
    }

    private boolean isDroppedOrEachWritten(List<T> batch, RuntimeException failure) throws InterruptedException {
        if (batch.size() == 1) {
            if (!(failure instanceof PlatformException)) LOG.error("event=dropped writer={}", name, failure);
            dropped.accept(batch.getFirst(), failure);
            return true;
        }
        for (var it : batch) if (!isWritten(List.of(it))) return false;
        return true;
    }

    /// Whether the same may succeed later.
    private static boolean mayPass(RuntimeException failure, int attempt) {
        return switch (failure) {
            case PlatformException refused -> refused.code().status() >= 500;
            case JdbiException _ -> attempt < ATTEMPTS;
            default -> false;
        };
    }

    /// Writes what was submitted, if the database answers.
    @Override
    public void close() {
        closing.countDown();
        handover.giveUp();
        try {
            if (!thread.join(LAST_WAIT)) LOG.warn("event=abandoned writer={} count={}", name, handover.waiting());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
