package io.iotflow.server.encryption;

import java.util.HashSet;
import java.util.Set;

/// What one organization wants sealed, those above it included, and by which key.
final class Sealing {
    private final Set<String> metrics = new HashSet<>();
    private final String[] stems;
    private final Set<String> metadata;
    private final SealingKey key;

    Sealing(SensitiveNames names, SealingKey key) {
        this.stems = names.metrics().stream().filter(name -> name.endsWith("*"))
                .map(name -> name.substring(0, name.length() - 1)).toArray(String[]::new);
        names.metrics().stream().filter(name -> !name.endsWith("*")).forEach(metrics::add);
        this.metadata = Set.copyOf(names.metadata());
        this.key = key;
    }

    boolean isSensitive(String metric) {
        if (metrics.contains(metric)) return true;
        for (var stem : stems) if (metric.startsWith(stem)) return true;
        return false;
    }

    /// Fields of a device's metadata.
    Set<String> metadata() {
        return metadata;
    }

    SealingKey key() {
        return key;
    }
}
