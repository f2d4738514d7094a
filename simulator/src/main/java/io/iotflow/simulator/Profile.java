package io.iotflow.simulator;

import io.iotflow.simulator.model.DeviceType;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// How often a device reports and how often it says that it lives.
public enum Profile {
    DEFAULT(Duration.ofSeconds(30), Duration.ofSeconds(60)),
    HIGH_FREQUENCY(Duration.ofSeconds(5), Duration.ofSeconds(30)),
    ENERGY_EFFICIENT(Duration.ofMinutes(5), Duration.ofMinutes(15)),
    INDUSTRIAL(Duration.ofSeconds(10), Duration.ofSeconds(30));

    private final Duration telemetryInterval;
    private final Duration heartbeatInterval;

    Profile(Duration telemetryInterval, Duration heartbeatInterval) {
        this.telemetryInterval = telemetryInterval;
        this.heartbeatInterval = heartbeatInterval;
    }

    public Duration telemetryInterval() {
        return telemetryInterval;
    }

    public Duration heartbeatInterval() {
        return heartbeatInterval;
    }

    /// What a device uses when nobody chose for it.
    public static Profile usualFor(DeviceType type) {
        return type == DeviceType.INDUSTRIAL_SENSOR ? INDUSTRIAL : DEFAULT;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Accepts `high_frequency` and `high-frequency`.
    public static Optional<Profile> find(String word) {
        var wanted = word.strip().replace('-', '_').toLowerCase(Locale.ROOT);
        return Stream.of(values()).filter(profile -> profile.word().equals(wanted)).findFirst();
    }
}
