package io.iotflow.simulator.model;

import java.util.random.RandomGenerator;

/// A battery that only ever empties.
record Battery(double percent, double percentPerHour) {

    /// Between half full and full, lasting four months to a year.
    static Battery begin(RandomGenerator random) {
        return new Battery(50 + 50 * random.nextDouble(), 100 / (24 * (120 + 245 * random.nextDouble())));
    }

    /// One step of idling, and `extraPercent` for what was done in it.
    Battery next(double extraPercent) {
        var used = percentPerHour * Behaviour.stepHours() + Math.max(0, extraPercent);
        return new Battery(Math.max(0, percent - used), percentPerHour);
    }
}
