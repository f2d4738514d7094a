package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LockoutTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void fromTheFifthFailureOnEachLocksTwiceAsLongUpToAQuarterOfAnHour() {
        var lockout = Lockout.NONE;
        for (var failure = 1; failure < 5; failure++) {
            lockout = lockout.afterFailure(NOW);
            assertThat(lockout.remaining(NOW)).as("failure " + failure).isEmpty();
        }
        for (var seconds : new long[] {30, 60, 120, 240, 480, 900, 900}) {
            lockout = lockout.afterFailure(NOW);
            assertThat(lockout.remaining(NOW)).contains(Duration.ofSeconds(seconds));
            assertThat(lockout.remaining(NOW.plusSeconds(seconds))).isEmpty();
        }
        for (var i = 0; i < 10_000; i++) lockout = lockout.afterFailure(NOW);
        assertThat(lockout.remaining(NOW)).contains(Duration.ofMinutes(15));
    }
}
