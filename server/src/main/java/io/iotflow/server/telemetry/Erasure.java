package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;

/// Erases a device's measurements for good. [TelemetryStore#erase] is one; whoever keeps a log in front of the store
/// wraps it, so that a replay does not bring back what was erased.
@FunctionalInterface
public interface Erasure {

    /// @param fromMicros the first time, inclusive
    /// @param toMicros   the end, exclusive
    void erase(DeviceId device, long fromMicros, long toMicros);
}
