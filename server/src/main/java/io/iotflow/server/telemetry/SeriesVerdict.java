package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;

/// Whether a measurement may become part of a series. Instances are shared, so asking allocates nothing.
public sealed interface SeriesVerdict {

    /// The metric is of this type, or is so from now on.
    record Accepted() implements SeriesVerdict {}

    /// The metric has kept another type.
    record TypeConflict(Value.Type kept) implements SeriesVerdict {}

    /// A new metric, and one too many.
    ///
    /// @param limit what was reached: metrics of this device, or different names in the whole platform
    record TooManySeries(int limit) implements SeriesVerdict {}
}
