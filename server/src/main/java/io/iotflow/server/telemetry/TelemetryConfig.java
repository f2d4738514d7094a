package io.iotflow.server.telemetry;

import io.iotflow.server.core.Setting;
import java.time.Duration;

/// How telemetry is kept and how much a question may cost.
public record TelemetryConfig(
        @Setting(value = "0s", doc = "How long measurements are kept, by their own time; 0s keeps them for ever. "
                + "Whole partitions are dropped, so a measurement may outlive this by one partition.")
        Duration retention,
        @Setting(value = "day", doc = "The span of time kept in one folder: day, week, month or year. Choose a longer "
                + "one when few measurements arrive a day. Read when the store is created, never again.")
        Partition partition,
        @Setting(value = "2", doc = "Questions answered at the same time, each on a thread of its own; "
                + "others wait.")
        int queryThreads,
        @Setting(value = "30s", doc = "How long one question may take before it is given up.")
        Duration queryTimeout,
        @Setting(value = "402653184", doc = "Bytes of native memory that the store may take beside the Java heap "
                + "(files mapped into memory are the operating system's and not counted). Above it the store slows "
                + "down and retries; nothing is lost.")
        long nativeMemory,
        @Setting(value = "100000", doc = "Different metric names in the whole platform. Each costs about 300 bytes "
                + "of memory; a device that invents names without end is refused here.")
        int metricNames) {

    /// The span of one folder of the store.
    public enum Partition {
        DAY(Window.Unit.DAY), WEEK(Window.Unit.WEEK), MONTH(Window.Unit.MONTH), YEAR(Window.Unit.YEAR);

        private final Window.Unit unit;

        Partition(Window.Unit unit) {
            this.unit = unit;
        }

        Window window() {
            return Window.utc(1, unit);
        }
    }

    public static final TelemetryConfig USUAL =
            new TelemetryConfig(Duration.ZERO, Partition.DAY, 2, Duration.ofSeconds(30), 384L << 20, 100_000);

    public TelemetryConfig {
        if (retention.isNegative()) throw new IllegalArgumentException("telemetry.retention must not be negative");
        if (queryThreads < 1 || queryThreads > 64) {
            throw new IllegalArgumentException("telemetry.query_threads must be 1 to 64");
        }
        if (queryTimeout.toMillis() < 1) throw new IllegalArgumentException("telemetry.query_timeout must be positive");
        if (nativeMemory < 128L << 20) {
            throw new IllegalArgumentException("telemetry.native_memory must be at least 134217728 (128 MiB)");
        }
        if (metricNames < 1) throw new IllegalArgumentException("telemetry.metric_names must be positive");
    }

    boolean keepsForEver() {
        return retention.isZero();
    }
}
