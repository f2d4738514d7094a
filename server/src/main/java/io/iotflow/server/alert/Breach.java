package io.iotflow.server.alert;

import io.iotflow.server.core.DeviceId;
import java.time.Instant;
import java.util.Optional;

/// What a rule has found at a device: where its engine goes on after a start. Its alert may have been resolved by
/// somebody meanwhile.
///
/// @param clearedAt when it ended; empty if it was not seen to end
public record Breach(long rule, DeviceId device, String key, Instant beganAt, Optional<Instant> clearedAt) {

    /// Whether it held just after a time.
    public boolean heldAfter(Instant time) {
        return !beganAt.isAfter(time) && clearedAt.filter(it -> !it.isAfter(time)).isEmpty();
    }
}
