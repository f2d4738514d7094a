package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import java.util.Optional;

/// Opens values that are kept sealed.
@FunctionalInterface
public interface SealedValues {

    /// Empty when it cannot be opened: its key is destroyed, or it was not sealed for this place.
    Optional<Value> open(DeviceId device, String metric, long timeMicros, Value.Sealed sealed);
}
