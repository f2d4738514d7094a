package io.iotflow.simulator;

import java.time.Duration;
import java.util.Arrays;

/// Counts durations in buckets that widen by an eighth of a power of two, so that a percentile is right to 9 %.
final class Latencies {
    private static final int PER_DOUBLING = 8;
    private static final int BUCKETS = 30 * PER_DOUBLING;

    private final int[] counts = new int[BUCKETS];
    private long total;

    synchronized void add(Duration latency) {
        var micros = Math.max(1, latency.toNanos() / 1_000.0);
        var bucket = (int) Math.round(Math.log(micros) / Math.log(2) * PER_DOUBLING);
        counts[Math.clamp(bucket, 0, BUCKETS - 1)]++;
        total++;
    }

    synchronized void addTo(Latencies sum) {
        for (var bucket = 0; bucket < BUCKETS; bucket++) sum.counts[bucket] += counts[bucket];
        sum.total += total;
    }

    /// @param share 0.99 for the 99th percentile
    /// @return zero when nothing was counted
    synchronized Duration percentile(double share) {
        if (total == 0) return Duration.ZERO;
        var wanted = Math.max(1, (long) Math.ceil(total * share));
        var seen = 0L;
        for (var bucket = 0; bucket < BUCKETS; bucket++) {
            seen += counts[bucket];
            if (seen >= wanted) return Duration.ofNanos((long) (Math.pow(2, bucket / (double) PER_DOUBLING) * 1_000));
        }
        throw new IllegalStateException("BUG: " + Arrays.stream(counts).sum() + " counted, " + total + " in total");
    }
}
