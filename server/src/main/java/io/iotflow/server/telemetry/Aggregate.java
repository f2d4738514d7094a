package io.iotflow.server.telemetry;

import java.util.Locale;
import java.util.Optional;

/// What is computed from the values of one window.
public enum Aggregate {
    AVG(false), MEAN(false), MIN(false), MAX(false), SUM(false), COUNT(true), FIRST(true), LAST(true),
    /// Of a sample: divided by n - 1; nothing for a single value.
    STDDEV(false),
    /// Percentiles lie between the two nearest values, in proportion.
    P50(false), P95(false), P99(false);

    private final boolean ofTexts;

    Aggregate(boolean ofTexts) {
        this.ofTexts = ofTexts;
    }

    /// Whether it can be asked of a metric that holds texts.
    boolean ofTexts() {
        return ofTexts;
    }

    boolean isPercentile() {
        return this == P50 || this == P95 || this == P99;
    }

    /// As requests and answers spell it: `avg`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Aggregate> parse(String word) {
        for (var it : values()) {
            if (it.word().equals(word)) return Optional.of(it);
        }
        return Optional.empty();
    }
}
