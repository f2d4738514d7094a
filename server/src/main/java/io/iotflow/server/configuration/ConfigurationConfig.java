package io.iotflow.server.configuration;

import io.iotflow.server.core.Setting;
import java.time.Duration;

/// Configurations of devices.
public record ConfigurationConfig(
        @Setting(value = "15m", doc = "How long a device may take to confirm a configuration, 1s to 30d; after that it"
                + " counts as drifting.")
        Duration acknowledgeWithin) {

    public ConfigurationConfig {
        if (acknowledgeWithin.compareTo(Duration.ofSeconds(1)) < 0
                || acknowledgeWithin.compareTo(Duration.ofDays(30)) > 0) {
            throw new IllegalArgumentException("configuration.acknowledge_within must be from 1s to 30d");
        }
    }

    /// As when nothing is configured.
    public static ConfigurationConfig standard() {
        return new ConfigurationConfig(Duration.ofMinutes(15));
    }
}
