package io.iotflow.server.telemetry;

import java.util.List;

/// An answer to a [FleetQuery], by time; windows without values are left out.
public record FleetRows(List<Row> rows) {

    /// @param timeMicros the window's start
    /// @param min        not a number unless asked for, as `max`
    public record Row(long timeMicros, long count, double sum, double min, double max) {

        public double average() {
            return sum / count;
        }

        Row and(Row other) {
            return new Row(timeMicros, count + other.count, sum + other.sum,
                    Math.min(min, other.min), Math.max(max, other.max));
        }
    }
}
