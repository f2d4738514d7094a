package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.DeviceId;

/// Who is at the other end of an MQTT connection.
public sealed interface MqttSession {

    record OfDevice(DeviceId id, String name) implements MqttSession {}

    /// A person or program that may follow every device.
    record OfOperator(String name) implements MqttSession {}

    /// Goes before the client id inside the broker, so that nobody can take over a session that is not theirs.
    default String prefix() {
        return switch (this) {
            case OfDevice(var id, _) -> "d" + id + "|";
            case OfOperator _ -> "o|";
        };
    }
}
