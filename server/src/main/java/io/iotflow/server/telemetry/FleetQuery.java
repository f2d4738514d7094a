package io.iotflow.server.telemetry;

import java.util.Objects;

/// A question for one metric of all devices together, gathered into windows.
///
/// @param fromMicros the first time, inclusive
/// @param toMicros   the end, exclusive
/// @param extremes   whether the least and the greatest value are wanted too, at half as much again of the time
public record FleetQuery(String metric, long fromMicros, long toMicros, Window window, boolean extremes) {

    public FleetQuery {
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(window, "window");
    }
}
