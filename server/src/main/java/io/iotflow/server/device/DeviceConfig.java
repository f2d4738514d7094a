package io.iotflow.server.device;

import io.iotflow.server.core.Setting;
import java.time.Duration;

/// Presence, keys and caches of devices.
public record DeviceConfig(
        @Setting(value = "300s", doc = "A device that is not connected counts as online this long after it was last"
                + " heard of.")
        Duration onlineTimeout,
        @Setting(value = "5s", doc = "How often last seen and message counts are written to the database, and presence"
                + " changes are noticed. A crash loses at most this much of them.")
        Duration presenceInterval,
        @Setting(value = "24h", doc = "How long the old key lives on after a new one is made, unless the call says"
                + " otherwise.")
        Duration keyGrace,
        @Setting(value = "100000", doc = "Devices, and likewise keys, kept in memory, about 1 KB each; any other one"
                + " costs a query.")
        int cacheSize,
        @Setting(value = "10m", doc = "Devices and keys are read again after this long, even if nothing was heard of a"
                + " change.")
        Duration cacheTime,
        @Setting(value = "10s", doc = "An unknown key or name is not looked for again for this long.")
        Duration unknownTime) {

    /// The longest that an old key may live on.
    static final Duration LONGEST_GRACE = Duration.ofDays(30);

    public DeviceConfig {
        positive("device.online_timeout", onlineTimeout);
        positive("device.presence_interval", presenceInterval);
        positive("device.cache_time", cacheTime);
        positive("device.unknown_time", unknownTime);
        if (keyGrace.isNegative() || keyGrace.compareTo(LONGEST_GRACE) > 0) {
            throw new IllegalArgumentException("device.key_grace must be from 0s to 30d");
        }
        if (cacheSize < 100) throw new IllegalArgumentException("device.cache_size must be at least 100");
    }

    /// As when nothing is configured.
    public static DeviceConfig standard() {
        return new DeviceConfig(Duration.ofSeconds(300), Duration.ofSeconds(5), Duration.ofHours(24), 100_000,
                Duration.ofMinutes(10), Duration.ofSeconds(10));
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) throw new IllegalArgumentException(key + " must be longer than zero");
    }
}
