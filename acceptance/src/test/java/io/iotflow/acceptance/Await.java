package io.iotflow.acceptance;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for a condition of another process, which can only be asked again and again.
final class Await {
    private static final long PAUSE = Duration.ofMillis(25).toNanos();

    private Await() {}

    static void until(String what, Duration atMost, BooleanSupplier condition) {
        var end = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("not within " + atMost + ": " + what);
            LockSupport.parkNanos(PAUSE);
        }
    }
}
