package io.iotflow.server.notification;

import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.time.Instant;

/// One receiver's share of the work. Any thread may call.
final class Lane {
    private Breaker breaker = Breaker.CLOSED;
    private boolean isSlow;
    private int underWay;

    /// How many more may be under way; negative if there are more than there may be now.
    synchronized int free(Instant now) {
        return Math.min(breaker.most(now), isSlow ? 1 : Limits.DELIVERIES_PER_TARGET) - underWay;
    }

    synchronized void begin() {
        underWay++;
    }

    synchronized void end() {
        underWay--;
    }

    synchronized void note(Outcome outcome, Instant began, Instant ended) {
        breaker = outcome instanceof Outcome.Failed ? breaker.failed(ended) : Breaker.CLOSED;
        isSlow = Duration.between(began, ended).compareTo(Limits.SLOW_DELIVERY_TIME) > 0;
    }

    /// Slow ones leave their place to others after each.
    synchronized boolean goesOn(Instant now) {
        return !isSlow && free(now) >= 0;
    }

    /// Whether nothing is lost if it is made anew.
    ///
    /// @param rest for which one that has failed is remembered
    synchronized boolean isForgettable(Instant now, Duration rest) {
        return underWay == 0 && (breaker.equals(Breaker.CLOSED) || breaker.opensAt().plus(rest).isBefore(now));
    }
}
