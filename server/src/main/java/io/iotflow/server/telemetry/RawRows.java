package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import java.util.List;
import java.util.SortedMap;

/// An answer to a [RawQuery].
///
/// @param more whether there are rows beyond the last one; ask again with [RawQuery#after]
public record RawRows(List<Row> rows, boolean more) {

    /// Everything measured at one time, by metric name.
    public record Row(long timeMicros, SortedMap<String, Value> values) {}
}
