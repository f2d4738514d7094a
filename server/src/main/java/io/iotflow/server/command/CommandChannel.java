package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.DeviceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/// The way to devices that are connected. Implemented by the transport that devices listen on.
public interface CommandChannel {

    boolean isListening(DeviceId device);

    Set<DeviceId> listening();

    /// Commands that are on their way to a device, and not acknowledged, taken back or lost yet.
    int underWay(DeviceId device);

    boolean isUnderWay(UUID command);

    /// Whether it has gone out on a connection that is still there.
    boolean isOut(UUID command);

    /// Hands a command over. It is reported as lost if the device does not listen, or no more.
    ///
    /// @param expires after this it does not go out any more
    /// @param lease   how long the transport may keep it
    void send(DeviceId device, UUID command, byte[] content, Instant expires, Duration lease);

    /// Takes a command back.
    ///
    /// @return true if it had not gone out, and will not
    boolean withdraw(UUID command);

    /// Before the first device comes.
    void report(Reports to);

    /// Told what happens; must be quick and must not wait.
    interface Reports {
        void listening(DeviceId device);

        /// The device's client has acknowledged it.
        void delivered(UUID command, JsonNode proof);

        /// The device's client does not want it.
        void refused(UUID command, JsonNode proof);

        /// It has gone out, and nothing will say whether it has arrived.
        void unacknowledged(UUID command);

        /// The connection has ended without an acknowledgement.
        void lost(UUID command);
    }
}
