package io.iotflow.server.telemetry;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import java.util.Set;

/// Erases a device's measurements for good: whoever keeps a log in front of [TelemetryStore] makes sure that a replay
/// does not bring back what was erased, and that the audit log says who wished it.
@FunctionalInterface
public interface Erasure {

    /// @param by         whose wish it is
    /// @param metrics    which metrics; empty = all
    /// @param fromMicros the first time, inclusive
    /// @param toMicros   the end, exclusive
    void erase(Actor by, DeviceId device, Set<String> metrics, long fromMicros, long toMicros);
}
