package io.iotflow.server.alert;

import io.iotflow.server.core.Setting;
import java.time.Duration;

/// How long alerts are kept.
public record AlertConfig(
        @Setting(value = "365d", doc = "How long an alert is kept after it was resolved; at most 100,000 resolved ones "
                + "of each organization are.")
        Duration keep) {

    public AlertConfig {
        if (keep.compareTo(Duration.ofHours(1)) < 0) {
            throw new IllegalArgumentException("keep must be at least 1h");
        }
    }

    public static AlertConfig standard() {
        return new AlertConfig(Duration.ofDays(365));
    }
}
