package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Caller;

/// Who is at the other end of an MQTT connection.
public sealed interface MqttSession {

    record OfDevice(DeviceId id, String name, OrganizationPath organization) implements MqttSession {}

    /// A device that is suspected: it hears why, and nothing else.
    record OfQuarantined(DeviceId id, String name, OrganizationPath organization) implements MqttSession {}

    /// A person or program that follows devices of its organization, as far as it has the permission.
    record OfUser(Caller.User user) implements MqttSession {
        @Override
        public OrganizationPath organization() {
            return user.organization();
        }
    }

    /// Whose devices it may speak for.
    OrganizationPath organization();

    /// Goes before the client id inside the broker, so that nobody can take over a session that is not theirs.
    default String prefix() {
        return switch (this) {
            case OfDevice(var id, _, _) -> "d" + id + "|";
            // Else it would be given what its usual session has subscribed to.
            case OfQuarantined(var id, _, _) -> "q" + id + "|";
            case OfUser(var user) -> "u" + user.id() + "|";
        };
    }

    default boolean isOf(DeviceId device) {
        return switch (this) {
            case OfDevice(var id, _, _) -> id.equals(device);
            case OfQuarantined(var id, _, _) -> id.equals(device);
            case OfUser _ -> false;
        };
    }
}
