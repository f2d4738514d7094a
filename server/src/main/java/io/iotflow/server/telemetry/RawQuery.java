package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import java.util.Objects;
import java.util.Set;

/// A question for stored values of one device as they were sent.
///
/// @param metrics    which metrics; empty = all
/// @param fromMicros the first time, inclusive
/// @param toMicros   the end, exclusive
/// @param limit      rows at most; all values of one time are one row, and rows are never cut
public record RawQuery(DeviceId device, Set<String> metrics, long fromMicros, long toMicros, Order order, int limit) {

    public enum Order { ASCENDING, DESCENDING }

    public RawQuery {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(order, "order");
        metrics = Set.copyOf(metrics);
        if (limit < 1) throw new IllegalArgumentException("limit must be positive");
    }

    /// The same question, from where an answer ended.
    public RawQuery after(long lastMicros) {
        return switch (order) {
            case ASCENDING -> new RawQuery(device, metrics, lastMicros + 1, toMicros, order, limit);
            case DESCENDING -> new RawQuery(device, metrics, fromMicros, lastMicros, order, limit);
        };
    }
}
