package io.iotflow.server.device;

import io.iotflow.server.core.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

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
        @Setting(value = "0s", doc = "How old a device's key may grow, up to 3650d; then it is due, and ends after"
                + " device.key_age_grace unless the device or an operator has made a new one. Keys that are older when"
                + " this is switched on are due at once. 0s: as old as they like.")
        Duration keyMaxAge,
        @Setting(value = "7d", doc = "How long a key that is due is still taken, 1m to 365d: the time in which a device"
                + " must come and replace it.")
        Duration keyAgeGrace,
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
        if (keyMaxAge.isNegative() || keyMaxAge.compareTo(Duration.ofDays(3_650)) > 0) {
            throw new IllegalArgumentException("device.key_max_age must be from 0s to 3650d");
        }
        if (keyAgeGrace.compareTo(Duration.ofMinutes(1)) < 0 || keyAgeGrace.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException("device.key_age_grace must be from 1m to 365d");
        }
        if (cacheSize < 100) throw new IllegalArgumentException("device.cache_size must be at least 100");
    }

    /// When a key that is made now is due; empty for never.
    Optional<Instant> rotateAfter(Instant now) {
        return keyMaxAge.isZero() ? Optional.empty() : Optional.of(now.plus(keyMaxAge));
    }

    /// As when nothing is configured.
    public static DeviceConfig standard() {
        return new DeviceConfig(Duration.ofSeconds(300), Duration.ofSeconds(5), Duration.ofHours(24), Duration.ZERO,
                Duration.ofDays(7), 100_000, Duration.ofMinutes(10), Duration.ofSeconds(10));
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) throw new IllegalArgumentException(key + " must be longer than zero");
    }
}
