package io.iotflow.bench;

import io.iotflow.bench.load.Schedule;
import java.time.Duration;
import java.util.Locale;

/// The ways of loading that `bench ingest` knows, with the figures of the project's goals as their defaults.
enum IngestMode {
    /// How much goes through when nobody waits.
    PIPELINED(100, 100, 0, Duration.ofSeconds(60)),
    /// How much goes through when every device waits for its acknowledgement.
    ONE_IN_FLIGHT(900, 1, 0, Duration.ofSeconds(60)),
    /// Whether a fleet at its usual pace is served in time.
    FIXED_RATE(5_000, 128, 50_000, Duration.ofMinutes(2)),
    /// What an acknowledgement costs when the platform is not busy.
    PACED(100, 128, 10_000, Duration.ofSeconds(60));

    final int connections;
    final int window;
    final double rate;
    final Duration duration;

    /// @param rate messages a second of all connections; 0 = as fast as acknowledgements come
    IngestMode(int connections, int window, double rate, Duration duration) {
        this.connections = connections;
        this.window = window;
        this.rate = rate;
        this.duration = duration;
    }

    boolean isPaced() {
        return rate > 0;
    }

    static Schedule schedule(double rate, int connections, int window) {
        return rate > 0 ? new Schedule.Rate(rate, connections, window) : new Schedule.Window(window);
    }

    /// As it is written on the command line and in tables.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
