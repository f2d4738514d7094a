package io.iotflow.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The fleet's clock. It runs `speed` times as fast as the wall's until it has caught up with it, and then with it:
/// no device ever reports from the future.
final class SimulatedTime implements InstantSource {
    private final InstantSource wall;
    private final Instant wallStart;
    private final Instant start;
    private final double speed;

    SimulatedTime(InstantSource wall, Instant start, double speed) {
        this.wall = wall;
        this.wallStart = wall.instant();
        this.start = start;
        this.speed = speed;
    }

    @Override
    public Instant instant() {
        var now = wall.instant();
        var elapsed = Duration.between(wallStart, now).toNanos();
        var simulated = start.plusNanos((long) Math.max(0, Math.min(elapsed * speed, Long.MAX_VALUE / 2.0)));
        return simulated.isBefore(now) ? simulated : now;
    }

    Instant wallInstant() {
        return wall.instant();
    }

    Instant start() {
        return start;
    }

    /// How long to wait, by the wall's clock, until it is `time` here. Zero when it has passed.
    Duration until(Instant time) {
        var byWall = Duration.between(wall.instant(), time);
        var bySpeed = Duration.ofNanos((long) (Duration.between(instant(), time).toMillis() * 1e6 / speed));
        var wait = byWall.compareTo(bySpeed) > 0 ? byWall : bySpeed;
        return wait.isNegative() ? Duration.ZERO : wait;
    }
}
