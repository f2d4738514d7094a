package io.iotflow.server.firmware;

import io.iotflow.server.core.Setting;
import java.time.Duration;

/// Where the room for firmware ends, and how fast it goes out.
public record FirmwareConfig(
        @Setting(value = "50", doc = "Disk space for all firmware images in the data folder, in GiB; an image that "
                + "does not fit is refused before its upload.")
        int diskGib,
        @Setting(value = "0", doc = "Mebibytes of firmware that all downloads together may take each second; 0 = as "
                + "fast as the network goes.")
        int bandwidthMib,
        @Setting(value = "15m", doc = "How long a signed download link works.")
        Duration linkTime,
        @Setting(value = "true", doc = "Whether deltas between images are made, for devices that can apply them.")
        boolean deltas) {

    public FirmwareConfig {
        if (diskGib < 1) throw new IllegalArgumentException("firmware.disk_gib must be at least 1");
        if (bandwidthMib < 0) throw new IllegalArgumentException("firmware.bandwidth_mib must not be negative");
        if (linkTime.compareTo(Duration.ofSeconds(1)) < 0 || linkTime.compareTo(Duration.ofDays(7)) > 0) {
            throw new IllegalArgumentException("firmware.link_time must be from 1s to 7d");
        }
    }

    long diskBytes() {
        return (long) diskGib << 30;
    }
}
