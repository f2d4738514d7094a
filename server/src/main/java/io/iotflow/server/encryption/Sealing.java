package io.iotflow.server.encryption;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What one organization wants sealed, those above it included, and by which key.
final class Sealing {
    private static final String[] SUFFIXES = {":raw", ":quality"};
    private static final String EVERY = "*";
    /// A payload that is no JSON, as it came: it may hold any metric.
    private static final String PAYLOAD = "payload:raw";

    private final Set<String> metrics = new HashSet<>();
    private final boolean hasMetrics;
    private final String[] stems;
    private final Set<String> metadata;
    private final SealingKey key;

    Sealing(SensitiveNames names, SealingKey key) {
        this.hasMetrics = !names.metrics().isEmpty();
        this.stems = names.metrics().stream().filter(name -> name.endsWith("*"))
                .map(name -> name.substring(0, name.length() - 1)).toArray(String[]::new);
        names.metrics().stream().filter(name -> !name.endsWith("*")).forEach(metrics::add);
        this.metadata = Set.copyOf(names.metadata());
        this.key = key;
    }

    /// What a metric was before it was processed, and what was thought of its quality, tell as much as the metric.
    ///
    /// @param origins for each metric that was made of others, those; for all metrics under `*`
    boolean isSensitive(String metric, Map<String, Set<String>> origins) {
        if (isNamed(metric)) return true;
        var plain = plain(metric);
        if (hasMetrics && metric.equals(PAYLOAD)) return true;
        if (!plain.equals(metric) && isNamed(plain)) return true;
        if (origins.isEmpty()) return false;
        return isAnyNamed(origins.get(plain)) || isAnyNamed(origins.get(EVERY));
    }

    private boolean isNamed(String metric) {
        if (metrics.contains(metric)) return true;
        for (var stem : stems) if (metric.startsWith(stem)) return true;
        return false;
    }

    private boolean isAnyNamed(Set<String> names) {
        if (names == null) return false;
        for (var name : names) if (isNamed(name) || isNamed(plain(name))) return true;
        return false;
    }

    private static String plain(String metric) {
        if (metric.indexOf(':') < 0) return metric;
        for (var suffix : SUFFIXES) {
            if (metric.endsWith(suffix)) return metric.substring(0, metric.length() - suffix.length());
        }
        return metric;
    }

    /// Fields of a device's metadata.
    Set<String> metadata() {
        return metadata;
    }

    SealingKey key() {
        return key;
    }
}
