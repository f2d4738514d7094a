package io.iotflow.server.language;

/// What is known of the numbers in a window. Everything but the count is meaningless while the count is 0.
public interface WindowStatistics {
    long count();

    double mean();

    /// Of a sample: divided by count - 1. Meaningless below two values.
    double standardDeviation();

    double min();

    double max();

    double first();

    double last();

    long firstMicros();

    long lastMicros();
}
