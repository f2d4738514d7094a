package io.iotflow.server.notification;

import io.iotflow.server.core.Limits;
import java.time.Instant;

/// Leaves a receiver alone that has failed several times in a row, then tries one. Pure.
///
/// @param failures in a row
/// @param opensAt  before this it is left alone
record Breaker(int failures, Instant opensAt) {
    static final Breaker CLOSED = new Breaker(0, Instant.EPOCH);

    Breaker failed(Instant now) {
        var count = Math.min(failures + 1, Limits.BREAKER_FAILURES);
        return new Breaker(count, count < Limits.BREAKER_FAILURES ? Instant.EPOCH : now.plus(Limits.BREAKER_TIME));
    }

    /// How many may be on their way at the same time.
    int most(Instant now) {
        if (failures < Limits.BREAKER_FAILURES) return Limits.DELIVERIES_PER_TARGET;
        return now.isBefore(opensAt) ? 0 : 1;
    }
}
