package io.iotflow.server.ingest;

import io.iotflow.protocol.Measurement;
import io.iotflow.server.core.DeviceId;
import java.util.List;

/// Something a device has sent and the log has committed. Listeners get each device's events one at a time and in
/// order; after a crash the last ones may come again.
public sealed interface DeviceEvent {

    DeviceId device();

    /// When the platform received it, in microseconds since 1970.
    long receivedMicros();

    record TelemetryReceived(DeviceId device, long receivedMicros, List<Measurement> measurements)
            implements DeviceEvent {
        public TelemetryReceived {
            measurements = List.copyOf(measurements);
        }
    }

    record HeartbeatReceived(DeviceId device, long receivedMicros) implements DeviceEvent {}

    /// @param word what followed `status/` in the topic, or empty
    /// @param text the payload: a JSON object, or plain text
    record StatusReceived(DeviceId device, long receivedMicros, String word, String text) implements DeviceEvent {}

    record ErrorReceived(DeviceId device, long receivedMicros, String text) implements DeviceEvent {}

    /// Something about the device's shadow, which nobody has read yet.
    ///
    /// @param word           what is wanted, as the door that took it has named it: `update`, `get`, …
    /// @param desiredVersion how often the desired half had been changed when this was received
    /// @param text           the payload
    record ShadowReceived(DeviceId device, long receivedMicros, String word, long desiredVersion, String text)
            implements DeviceEvent {}

    /// @param command the command's id as written in the topic
    record ResultReceived(DeviceId device, long receivedMicros, String command, String text) implements DeviceEvent {}

    /// @param word what followed `firmware/` in the topic
    record FirmwareReceived(DeviceId device, long receivedMicros, String word, String text) implements DeviceEvent {}
}
