package io.iotflow.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// When the simulation happens, and how fast.
///
/// @param seed              the same seed gives the same values at the same simulated times
/// @param speed             simulated seconds per second; simulated time never overtakes the wall clock
/// @param start             simulated; by default now, or the duration (a day if there is none) ago when speeding
/// @param duration          simulated; by default until stopped
/// @param telemetryInterval simulated; by default each device's profile decides
public record Pace(long seed, double speed, Optional<Instant> start, Optional<Duration> duration,
                   Optional<Duration> telemetryInterval) {

    public static final double SPEED_MAX = 100_000;
    public static final Duration INTERVAL_MIN = Duration.ofMillis(100);
    public static final Duration INTERVAL_MAX = Duration.ofDays(1);
    public static final Duration DURATION_MAX = Duration.ofDays(3_650);
    private static final Duration LOOK_BACK = Duration.ofDays(1);

    public Pace {
        if (!(speed >= 1 && speed <= SPEED_MAX)) {
            throw new IllegalArgumentException("--speed is a number from 1 to 100000, not " + speed + ".");
        }
        duration.ifPresent(wanted -> {
            if (!wanted.isPositive() || wanted.compareTo(DURATION_MAX) > 0) {
                throw new IllegalArgumentException("--duration is more than nothing and at most 3650d.");
            }
        });
        telemetryInterval.ifPresent(Pace::requireInterval);
    }

    /// In real time, from now until stopped.
    public static Pace realTime(long seed) {
        return new Pace(seed, 1, Optional.empty(), Optional.empty(), Optional.empty());
    }

    public Pace withDuration(Duration wanted) {
        return new Pace(seed, speed, start, Optional.of(wanted), telemetryInterval);
    }

    public Pace withTelemetryInterval(Duration wanted) {
        return new Pace(seed, speed, start, duration, Optional.of(wanted));
    }

    static void requireInterval(Duration interval) {
        if (interval.compareTo(INTERVAL_MIN) < 0 || interval.compareTo(INTERVAL_MAX) > 0) {
            throw new IllegalArgumentException("An interval is between 100ms and 1d, not " + Words.of(interval) + ".");
        }
    }

    /// The first simulated moment of a simulation that begins at `now`.
    Instant startAt(Instant now) {
        if (start.isPresent()) {
            if (start.get().isAfter(now)) throw new IllegalArgumentException("--start must not lie in the future.");
            return start.get();
        }
        return speed > 1 ? now.minus(duration.orElse(LOOK_BACK)) : now;
    }
}
