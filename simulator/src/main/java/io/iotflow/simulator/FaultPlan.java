package io.iotflow.simulator;

import io.iotflow.simulator.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;

/// One device's share of the faults: a function of seed, name and simulated time.
final class FaultPlan {
    /// Without a planned end, a dying battery dies within this time.
    private static final Duration DEATH_WITHIN = Duration.ofHours(1);
    /// What a dying battery shows at most.
    private static final double DYING_PERCENT = 12;

    private final Faults faults;
    private final long key;
    private final Instant start;
    private final Duration skew;
    private final Optional<Instant> death;

    FaultPlan(Faults faults, PlannedDevice device, Pace pace, Instant start) {
        this.faults = faults;
        this.key = Timeline.key(pace.seed(), "faults of " + device.name());
        this.start = start;
        var random = new SplittableRandom(key);
        this.skew = scaled(faults.clockSkew(), 2 * random.nextDouble() - 1);
        var dies = random.nextDouble() < faults.batteryDeath() && device.type().batteryPowered();
        var within = scaled(pace.duration().orElse(DEATH_WITHIN), 0.1 + 0.8 * random.nextDouble());
        this.death = dies ? Optional.of(start.plus(within)) : Optional.empty();
    }

    /// What the device's clock shows at a simulated time.
    Instant deviceClock(Instant time) {
        return time.plus(skew);
    }

    boolean drops(Instant time) {
        return faults.drop() > 0 && draw(time, 1) < faults.drop();
    }

    Duration delay(Instant time) {
        return faults.jitter().isZero() ? Duration.ZERO : scaled(faults.jitter(), draw(time, 2));
    }

    /// The first loss of the connection after a simulated time.
    Optional<Instant> nextDisconnect(Instant time) {
        return faults.disconnectEvery().map(every -> time.plus(scaled(every, -Math.log(1 - draw(time, 3)))));
    }

    boolean isDead(Instant time) {
        return death.isPresent() && !time.isBefore(death.get());
    }

    Optional<Instant> death() {
        return death;
    }

    /// What the battery shows at the most: all, unless it is dying.
    double batteryCeiling(Instant time) {
        if (death.isEmpty()) return 100;
        var left = (double) Duration.between(time, death.get()).toMillis();
        var life = Math.max(1, Duration.between(start, death.get()).toMillis());
        return Math.clamp(DYING_PERCENT * left / life, 0, DYING_PERCENT);
    }

    private double draw(Instant time, int use) {
        return new SplittableRandom(key ^ (time.toEpochMilli() * 31 + use) * 0x9E3779B97F4A7C15L).nextDouble();
    }

    private static Duration scaled(Duration duration, double factor) {
        return Duration.ofMillis(Math.round(duration.toMillis() * factor));
    }
}
