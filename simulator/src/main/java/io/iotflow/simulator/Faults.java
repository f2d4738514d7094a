package io.iotflow.simulator;

import java.time.Duration;
import java.util.Optional;

/// What goes wrong on purpose. Everything is drawn from the seed, so a failure that shows a bug can be had again.
///
/// @param drop            share of the readings that are never sent
/// @param jitter          a reading is sent up to so much later than it was taken
/// @param clockSkew       a device's clock is wrong by up to so much, either way, all the time
/// @param disconnectEvery mean simulated time between two losses of the connection
/// @param batteryDeath    share of the battery-powered devices that fall silent during the simulation
public record Faults(double drop, Duration jitter, Duration clockSkew, Optional<Duration> disconnectEvery,
                     double batteryDeath) {

    private static final Duration LONGEST = Duration.ofDays(1);

    public Faults {
        requireShare("--drop", drop);
        requireShare("--battery-death", batteryDeath);
        requireSpan("--jitter", jitter);
        requireSpan("--clock-skew", clockSkew);
        disconnectEvery.ifPresent(every -> {
            if (every.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("--disconnect-every is at least 1s.");
            }
        });
    }

    public static Faults none() {
        return new Faults(0, Duration.ZERO, Duration.ZERO, Optional.empty(), 0);
    }

    private static void requireShare(String option, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(option + " is a share from 0 to 1, not " + share + ".");
        }
    }

    private static void requireSpan(String option, Duration span) {
        if (span.isNegative() || span.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(option + " is at most a day, not " + Words.of(span) + ".");
        }
    }
}
