package io.iotflow.simulator.model;

import java.util.random.RandomGenerator;

/// Something that wanders around zero and always comes back, as weather does: an Ornstein–Uhlenbeck process.
///
/// @param spread      its standard deviation in the long run
/// @param memoryHours how long it takes to forget where it was
record Drift(double value, double spread, double memoryHours) {

    static Drift begin(double spread, double memoryHours, RandomGenerator random) {
        return new Drift(random.nextGaussian() * spread, spread, memoryHours);
    }

    Drift next(RandomGenerator random) {
        var forgotten = Behaviour.stepHours() / memoryHours;
        var kick = spread * Math.sqrt(2 * forgotten) * random.nextGaussian();
        return new Drift(value * (1 - forgotten) + kick, spread, memoryHours);
    }
}
