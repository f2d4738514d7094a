package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import java.util.Set;

/// Erases a device's measurements for good. [TelemetryStore#erase] is one; whoever keeps a log in front of the store
/// wraps it, so that a replay does not bring back what was erased.
@FunctionalInterface
public interface Erasure {

    /// @param metrics    which metrics; empty = all
    /// @param fromMicros the first time, inclusive
    /// @param toMicros   the end, exclusive
    void erase(DeviceId device, Set<String> metrics, long fromMicros, long toMicros);
}
