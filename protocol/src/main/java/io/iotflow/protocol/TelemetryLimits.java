package io.iotflow.protocol;

import java.time.Duration;

/// What one telemetry message may be.
///
/// @param payloadBytes      size of a message
/// @param metricsPerRecord  metrics of one record, nested ones counted singly
/// @param recordsPerMessage records of one message in array form
/// @param textChars         characters of one text value
/// @param ahead             how far a timestamp may lie in the server's future
public record TelemetryLimits(
        int payloadBytes, int metricsPerRecord, int recordsPerMessage, int textChars, Duration ahead) {

    /// Levels of nested objects that become dotted names.
    public static final int DEPTH = 8;

    /// The earliest time of a measurement that can be kept.
    public static final long EARLIEST_MICROS = 0;

    /// The end of the times that can be kept: the start of the year 9999.
    public static final long END_MICROS = 253_370_764_800_000_000L;

    /// Characters of a metric's name.
    public static final int METRIC_NAME = 128;

    public static final TelemetryLimits STANDARD =
            new TelemetryLimits(256 << 10, 500, 10_000, 16_384, Duration.ofMinutes(10));
}
