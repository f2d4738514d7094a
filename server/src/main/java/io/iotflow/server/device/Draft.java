package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.encryption.SealedMetadata;
import java.util.Objects;

/// What a device shall become: its present state at first, changed step by step. Checks itself.
///
/// @param name see `DeviceName`; another one means other MQTT topics too
public record Draft(String name, DeviceStatus status, Profile profile) {

    public Draft {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(profile, "profile");
        DeviceName.problem(name).ifPresent(problem -> {
            throw PlatformException.invalid("name", problem);
        });
    }

    static Draft of(Device device) {
        return new Draft(device.name(), device.status(), Profile.of(device));
    }

    /// As the audit log shows it: in the words of the API, without what was never given and what is sealed.
    JsonNode document() {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("name", name);
        json.put("status", status.word());
        json.put("device_type", profile.type());
        json.put("description", profile.description());
        json.put("location", profile.location());
        json.put("firmware_version", profile.firmwareVersion());
        json.put("hardware_version", profile.hardwareVersion());
        json.put("user_id", profile.userId());
        json.set("metadata", SealedMetadata.described(profile.metadata()));
        json.set("capabilities", profile.capabilities());
        json.removeIf(value -> value.isContainerNode() ? value.isEmpty() : value.textValue().isEmpty());
        return json;
    }

    /// With what is sensitive of the metadata sealed.
    ///
    /// @param before the metadata as it stands in the database now
    Draft sealed(SealedMetadata.Seal seal, DeviceId id, JsonNode before) {
        var metadata = profile.metadata();
        if (!seal.concerns(metadata) && !seal.concerns(before)) return this;
        return withProfile(profile.withMetadata(seal.sealed(id, metadata, before)));
    }

    public Draft withName(String value) {
        return new Draft(value, status, profile);
    }

    public Draft withStatus(DeviceStatus value) {
        return new Draft(name, value, profile);
    }

    public Draft withProfile(Profile value) {
        return new Draft(name, status, value);
    }
}
