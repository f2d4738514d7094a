package io.iotflow.server.firmware;

import java.util.concurrent.TimeUnit;

/// How fast firmware may go out, all downloads together: each waits for its turn before it sends a piece, so that they
/// share what there is. For all threads; blocks the caller's.
final class Bandwidth {
    /// What may go out at once after a rest.
    private static final long BURST_NANOS = 250_000_000;

    private final double nanosForByte;
    private long free = System.nanoTime() - BURST_NANOS;

    /// @param mibPerSecond 0 for no limit
    Bandwidth(int mibPerSecond) {
        nanosForByte = mibPerSecond == 0 ? 0 : 1e9 / ((long) mibPerSecond << 20);
    }

    void take(int bytes) throws InterruptedException {
        if (nanosForByte == 0) return;
        var wait = turn(bytes, System.nanoTime());
        if (wait > 0) TimeUnit.NANOSECONDS.sleep(wait);
    }

    /// How long from now on the bytes have to wait.
    synchronized long turn(int bytes, long now) {
        if (free - (now - BURST_NANOS) < 0) free = now - BURST_NANOS;
        free += (long) (bytes * nanosForByte);
        return free - now;
    }
}
