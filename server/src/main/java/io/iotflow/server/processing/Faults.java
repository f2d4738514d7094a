package io.iotflow.server.processing;

import java.util.concurrent.atomic.LongAdder;

/// What went wrong in one rule since this node read it: how often, and what last. For any number of threads.
final class Faults {
    private final LongAdder all;
    private final LongAdder count = new LongAdder();
    private volatile String last = "";

    /// @param all of all rules together
    Faults(LongAdder all) {
        this.all = all;
    }

    /// @param step where in the rule, from 0
    void count(int step, String text) {
        count.increment();
        all.increment();
        last = "steps[" + step + "] " + text;
    }

    long count() {
        return count.sum();
    }

    /// Empty when there was none.
    String last() {
        return last;
    }
}
