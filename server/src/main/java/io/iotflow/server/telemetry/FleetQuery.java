package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A question for one metric of many devices together, gathered into windows.
///
/// @param devices    which; empty for all
/// @param fromMicros the first time, inclusive
/// @param toMicros   the end, exclusive
/// @param extremes   whether the least and the greatest value are wanted too, at half as much again of the time
public record FleetQuery(Optional<List<DeviceId>> devices, String metric, long fromMicros, long toMicros, Window window,
        boolean extremes) {
    /// Devices that one question may name. All of them together need no list.
    static final int DEVICES_AT_MOST = 10_000;

    public FleetQuery {
        checkCount(devices);
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(window, "window");
    }

    static void checkCount(Optional<List<DeviceId>> devices) {
        if (devices.isEmpty() || devices.get().size() <= DEVICES_AT_MOST) return;
        throw PlatformException.invalid("devices", "are more than " + DEVICES_AT_MOST
                + " and cannot be gathered; ask for an organization further below");
    }
}
