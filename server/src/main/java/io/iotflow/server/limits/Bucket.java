package io.iotflow.server.limits;

import java.util.concurrent.atomic.AtomicLong;

/// What one subject may still have: a bucket that holds the rate's amount and fills up evenly within its window.
///
/// One number says it all: the time at which it will be full (the generic cell rate algorithm). Taking one moves that
/// time by the share of one. Takes neither locks nor memory; for all threads.
public final class Bucket {
    private final long window;
    private final long share;
    private final AtomicLong full;

    /// Full at first.
    ///
    /// @param now nanoseconds of any clock that only goes forward, as for all others
    Bucket(Rate rate, long now) {
        window = rate.window().toNanos();
        share = window / rate.amount();
        full = new AtomicLong(now);
    }

    /// Takes one if there is one.
    ///
    /// @return 0 if it was taken, else the nanoseconds after which there will be one
    public long take(long now) {
        while (true) {
            var before = full.get();
            var after = (before - now > 0 ? before : now) + share;
            var wait = after - now - window;
            if (wait > 0) return wait;
            if (full.compareAndSet(before, after)) return 0;
        }
    }

    /// How many are there.
    long left(long now) {
        return Math.max(0, (window - untilFull(now)) / share);
    }

    /// Nanoseconds until it is full.
    long untilFull(long now) {
        return Math.max(0, full.get() - now);
    }
}
