package io.iotflow.server.processing;

import java.util.concurrent.atomic.AtomicLongArray;

/// The latest quality of each metric of a device that a range watches, so that `valid` is written only when it ends
/// something else. For any number of threads, without a lock: one word each, the time and below it the quality.
final class QualityStates {
    private static final long UNKNOWN = Long.MIN_VALUE;
    private static final int QUALITY_BITS = 2;
    private static final Quality[] QUALITIES = Quality.values();

    private final AtomicLongArray states;

    QualityStates(int metrics) {
        states = new AtomicLongArray(metrics);
        for (var i = 0; i < metrics; i++) states.set(i, UNKNOWN);
    }

    /// Null when nothing is known since this start.
    Quality at(int index) {
        var state = states.get(index);
        return state == UNKNOWN ? null : QUALITIES[(int) (state & (1 << QUALITY_BITS) - 1)];
    }

    /// What is late changes nothing.
    void observe(int index, long timeMicros, Quality quality) {
        var next = timeMicros << QUALITY_BITS | quality.ordinal();
        for (var now = states.get(index); now == UNKNOWN || now >> QUALITY_BITS <= timeMicros; ) {
            if (states.compareAndSet(index, now, next)) return;
            now = states.get(index);
        }
    }
}
