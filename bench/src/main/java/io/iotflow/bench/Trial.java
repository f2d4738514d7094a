package io.iotflow.bench;

import com.sun.management.OperatingSystemMXBean;
import io.iotflow.bench.load.LoadResult;
import io.iotflow.bench.platform.Observer;
import io.iotflow.bench.platform.Verification;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.lang.management.ManagementFactory;

/// Turns what was measured into figures, the same way for every benchmark.
final class Trial {
    private static final double MEBI = 1 << 20;
    private static final OperatingSystemMXBean SELF =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private Trial() {}

    /// Processor time of this process so far, in seconds.
    static double ownCpuSeconds() {
        return SELF.getProcessCpuTime() / 1e9;
    }

    static void load(Row row, LoadResult result, int metrics) {
        row.with(Figure.CONNECTIONS, result.devices().size())
                .with(Figure.MESSAGES_PER_SECOND, result.perSecond())
                .with(Figure.POINTS_PER_SECOND, result.perSecond() * metrics)
                .with(Figure.MESSAGES_SENT, result.sent())
                .with(Figure.MESSAGES_ACKNOWLEDGED, result.acknowledged())
                .with(Figure.MESSAGES_REFUSED, result.refused())
                .with(Figure.ACKS_UNEXPECTED, result.unexpected())
                .with(Figure.CONNECTIONS_BROKEN, result.broken());
        if (result.latency().getTotalCount() > 0) {
            row.with(Figure.ACK_P50_MS, result.latencyMillis(50))
                    .with(Figure.ACK_P99_MS, result.latencyMillis(99))
                    .with(Figure.ACK_P999_MS, result.latencyMillis(99.9))
                    .with(Figure.ACK_MAX_MS, result.latency().getMaxValue() / 1e6);
        }
        if (result.lateness().getTotalCount() > 0) {
            row.with(Figure.GENERATOR_LATE_P99_MS, result.lateness().getValueAtPercentile(99) / 1e6);
        }
    }

    static void observed(Row row, Observer.Seen seen) {
        row.with(Figure.STORE_LAG_MAX_S, seen.lagMax())
                .with(Figure.STORE_LAG_FINAL_S, seen.lagLast())
                .with(Figure.RESIDENT_EARLY_MB, seen.early() / MEBI)
                .with(Figure.RESIDENT_PEAK_MB, seen.peak() / MEBI)
                .with(Figure.HEAP_PEAK_MB, seen.heapPeak() / MEBI)
                .with(Figure.PLATFORM_CPU_S, seen.cpuSeconds());
    }

    static void verified(Row row, Verification verification) {
        row.with(Figure.POINTS_ACKNOWLEDGED, verification.acknowledged())
                .with(Figure.POINTS_STORED, verification.stored())
                .with(Figure.POINTS_MISSING, verification.missing())
                .with(Figure.POINTS_SURPLUS, verification.surplus());
    }

    /// Says what is wrong, if anything is.
    static boolean holds(Verification verification, Target target) {
        verification.examples().forEach(example -> target.say("  NOT KEPT: " + example));
        return verification.holds();
    }

    /// Says why connections broke and messages were refused, if any.
    static void explain(LoadResult result, Target target) {
        result.failures().forEach((why, count) -> target.say("  " + count + " connections broke: " + why));
        result.refusals().forEach((code, count) -> target.say("  " + count + " messages refused with " + code));
    }
}
