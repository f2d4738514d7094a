package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;

/// The newest value of one metric, by the time of measurement.
///
/// @param timeMicros microseconds since 1970-01-01T00:00:00Z
public record Latest(String metric, long timeMicros, Value value) {}
