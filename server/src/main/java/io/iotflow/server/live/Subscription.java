package io.iotflow.server.live;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One reader's share of the feed. Written to by the feed, which never waits; read by the reader's own thread.
final class Subscription implements AutoCloseable {

    /// What a reader gets next.
    ///
    /// @param dropped events that it was too slow for, before these
    record Delivery(long dropped, List<LiveEvent> events) {}

    private static final int EVENTS_AT_ONCE = 100;

    private final LiveFeed feed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    /// What is remembered of the time before; never grows.
    private final ArrayDeque<LiveEvent> missed;
    private final ArrayDeque<LiveEvent> queue = new ArrayDeque<>();
    private long lost;
    private long dropped;
    private boolean closed;
    private boolean ends;
    private volatile Filter filter;

    Subscription(LiveFeed feed, Filter filter, List<LiveEvent> missed, long lost) {
        this.feed = feed;
        this.filter = filter;
        this.missed = new ArrayDeque<>(missed);
        this.lost = lost;
    }

    void filter(Filter next) {
        filter = next;
    }

    /// Whether its reader may see sensitive values.
    boolean isClear() {
        return filter.isClear();
    }

    /// Whether a device reads this itself.
    boolean isReadBy(DeviceId device) {
        return filter.reader().filter(device::equals).isPresent();
    }

    /// Nothing comes after what is there already.
    void end() {
        lock.lock();
        try {
            ends = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void offer(LiveEvent event) {
        if (!filter.lets(event)) return;
        lock.lock();
        try {
            if (queue.size() >= Limits.LIVE_QUEUE) {
                queue.removeFirst();
                dropped++;
            }
            queue.add(event);
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for events; an empty delivery when the time has passed, null when closed or at the end.
    Delivery next(Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            for (var left = atMost.toNanos(); isIdle() && left > 0; ) left = arrived.awaitNanos(left);
            if (closed || ends && isEmpty()) return null;
            if (lost > 0 || !missed.isEmpty()) {
                var delivery = new Delivery(lost, take(missed));
                lost = 0;
                return delivery;
            }
            var delivery = new Delivery(dropped, take(queue));
            dropped = 0;
            return delivery;
        } finally {
            lock.unlock();
        }
    }

    private boolean isIdle() {
        return !closed && !ends && isEmpty();
    }

    private boolean isEmpty() {
        return lost == 0 && missed.isEmpty() && queue.isEmpty();
    }

    private static List<LiveEvent> take(ArrayDeque<LiveEvent> from) {
        var events = new ArrayList<LiveEvent>(Math.min(from.size(), EVENTS_AT_ONCE));
        while (!from.isEmpty() && events.size() < EVENTS_AT_ONCE) events.add(from.remove());
        return events;
    }

    @Override
    public void close() {
        feed.remove(this);
        lock.lock();
        try {
            closed = true;
            missed.clear();
            queue.clear();
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
