package io.iotflow.server.access;

import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What wrong sign-ins do to one name. Pure: no clock, no store.
///
/// @param failures since the last success, the attempt that is being made included
/// @param until    no attempt is taken before; `Instant.MIN` if it is not locked
record Lockout(int failures, Instant until) {
    static final Lockout NONE = new Lockout(0, Instant.MIN);

    /// How long it is still locked.
    Optional<Duration> remaining(Instant now) {
        return until.isAfter(now) ? Optional.of(Duration.between(now, until)) : Optional.empty();
    }

    /// As if the latest attempt had not been made.
    Lockout withoutLatest() {
        return new Lockout(Math.max(0, failures - 1), Instant.MIN);
    }

    /// One more failure; from a number on, each one locks twice as long as the one before.
    Lockout afterFailure(Instant now) {
        var count = Math.min(failures + 1, 1_000);
        if (count < Limits.SIGN_IN_FAILURES) return new Lockout(count, Instant.MIN);
        var doublings = Math.min(count - Limits.SIGN_IN_FAILURES, 20);
        var lock = Limits.SIGN_IN_LOCK.multipliedBy(1L << doublings);
        var longest = Limits.SIGN_IN_LONGEST_LOCK;
        return new Lockout(count, now.plus(lock.compareTo(longest) < 0 ? lock : longest));
    }
}
