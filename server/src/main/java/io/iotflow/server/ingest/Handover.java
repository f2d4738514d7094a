package io.iotflow.server.ingest;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// What lanes hand to a thread that keeps it, in its order. While it is full the lanes stand still: the log is the
/// queue behind it.
public final class Handover<T> implements Lanes.Durable {
    private static final Duration LOOK_UP = Duration.ofMillis(100);

    private final ArrayBlockingQueue<T> queue;
    private final AtomicLong submitted = new AtomicLong();
    private final AtomicLong written = new AtomicLong();
    private volatile boolean isGivenUp;

    /// @param most that wait at the same time
    public Handover(int most) {
        queue = new ArrayBlockingQueue<>(most);
    }

    /// Waits while it is full.
    ///
    /// @throws IllegalStateException when the platform stops meanwhile; it counts as submitted all the same
    public void submit(T it) {
        submitted.incrementAndGet();
        try {
            while (!queue.offer(it, LOOK_UP.toNanos(), TimeUnit.NANOSECONDS)) {
                if (isGivenUp) throw new IllegalStateException("the platform stops");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Beside what is counted, and not if there is no room.
    public void offer(T it) {
        queue.offer(it);
    }

    /// The next one; null if none comes within that time.
    public T poll(Duration atMost) throws InterruptedException {
        return queue.poll(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Takes what waits.
    ///
    /// @return how many
    public int drainTo(Collection<T> to, int most) {
        return queue.drainTo(to, most);
    }

    /// The next one, which stays; null if none waits.
    public T peek() {
        return queue.peek();
    }

    public int waiting() {
        return queue.size();
    }

    /// The oldest of what was submitted is kept now, so many.
    public void kept(int count) {
        written.addAndGet(count);
    }

    @Override
    public long submitted() {
        return submitted.get();
    }

    @Override
    public long written() {
        return written.get();
    }

    @Override
    public void giveUp() {
        isGivenUp = true;
    }
}
