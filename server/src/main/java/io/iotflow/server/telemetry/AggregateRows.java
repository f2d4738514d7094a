package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import java.util.List;
import java.util.Map;

/// An answer to an [AggregateQuery], by time.
public record AggregateRows(List<Row> rows) {

    /// One window.
    ///
    /// @param timeMicros the window's start
    /// @param values     by metric; one value for each function asked for, in that order, null where there is none
    public record Row(long timeMicros, Map<String, List<Value>> values) {}
}
