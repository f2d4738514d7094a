package io.iotflow.server.notification;

import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.util.Optional;

/// When what has failed is tried again. Pure.
final class Retry {

    private Retry() {}

    /// Empty when it is not.
    ///
    /// @param attempts how many there were
    /// @param age      since when it was to be sent first
    /// @param asked    how long the receiver wants to be left alone
    /// @param chance   from 0 to below 1: half of the longest pause there may be and this part of the other half, so
    ///                 that many who failed together do not come back together, and none comes back at once
    static Optional<Duration> pause(int attempts, Duration age, Optional<Duration> asked, double chance) {
        if (attempts >= Limits.DELIVERY_ATTEMPTS || age.compareTo(Limits.DELIVERY_AGE) >= 0) return Optional.empty();
        var longest = Limits.DELIVERY_FIRST_PAUSE.multipliedBy(1L << Math.min(attempts - 1, 20));
        if (longest.compareTo(Limits.DELIVERY_LONGEST_PAUSE) > 0) longest = Limits.DELIVERY_LONGEST_PAUSE;
        var pause = Duration.ofMillis((long) (longest.toMillis() * (1 + chance) / 2));
        var wanted = asked.map(time -> time.compareTo(Limits.DELIVERY_LONGEST_WAIT) > 0
                ? Limits.DELIVERY_LONGEST_WAIT : time).orElse(Duration.ZERO);
        return Optional.of(wanted.compareTo(pause) > 0 ? wanted : pause);
    }
}
