package io.iotflow.protocol;

import java.util.Objects;

/// One value of one metric at one time. Which device it came from is the envelope's business.
///
/// @param metric     1–128 characters of letters, digits and `_ - . : /`
/// @param timeMicros microseconds since 1970-01-01T00:00:00Z, may be negative
/// @param value      never a NaN or an infinity
public record Measurement(String metric, long timeMicros, Value value) {

    public Measurement {
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(value, "value");
    }
}
