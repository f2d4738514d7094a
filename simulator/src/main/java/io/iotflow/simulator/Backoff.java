package io.iotflow.simulator;

import java.time.Duration;
import java.util.SplittableRandom;

/// How long to stay away after a lost connection: one second, doubling to a minute, each time shortened at random by up
/// to half so that a fleet does not come back at the same instant. Resets when a connection stands.
final class Backoff {
    static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofMinutes(1);

    private final SplittableRandom random;
    private int attempt;

    Backoff(long seed) {
        this.random = new SplittableRandom(seed);
    }

    Duration next() {
        var full = FIRST.multipliedBy(1L << Math.min(attempt++, 16));
        var bounded = full.compareTo(LONGEST) > 0 ? LONGEST : full;
        return bounded.multipliedBy(random.nextLong(500, 1_001)).dividedBy(1_000);
    }

    void reset() {
        attempt = 0;
    }
}
