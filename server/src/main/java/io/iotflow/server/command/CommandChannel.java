package io.iotflow.server.command;

import io.iotflow.server.core.DeviceId;
import java.time.Instant;
import java.util.Optional;

/// The way to a device. Implemented by the transport that devices listen on.
public interface CommandChannel {

    /// Whether a command sent now reaches the device, at once or when it comes back.
    boolean isFollowed(DeviceId device);

    void send(DeviceId device, byte[] command, Optional<Instant> expires);
}
