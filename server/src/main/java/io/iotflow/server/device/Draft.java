package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.encryption.SealedMetadata;
import java.util.Objects;

/// What a device shall become: its present state at first, changed step by step. Checks itself.
///
/// @param name see `DeviceName`; another one means other MQTT topics too
/// @param quarantineReason why it is in quarantine; empty if it is not, or nobody has said
public record Draft(String name, DeviceStatus status, Profile profile, String quarantineReason) {

    public Draft(String name, DeviceStatus status, Profile profile) {
        this(name, status, profile, "");
    }

    public Draft {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(profile, "profile");
        DeviceName.problem(name).ifPresent(problem -> {
            throw PlatformException.invalid("name", problem);
        });
        if (quarantineReason.length() > Limits.QUARANTINE_REASON_CHARACTERS
                || !StorableText.accepts(quarantineReason)) {
            throw PlatformException.invalid("reason", "must be text of at most "
                    + Limits.QUARANTINE_REASON_CHARACTERS + " characters");
        }
    }

    static Draft of(Device device) {
        return new Draft(device.name(), device.status(), Profile.of(device),
                device.quarantine().map(Device.Quarantine::reason).orElse(""));
    }

    /// As the audit log shows it: in the words of the API, without what was never given and what is sealed.
    JsonNode document() {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("name", name);
        json.put("status", status.word());
        json.put("quarantine_reason", quarantineReason);
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
        return new Draft(value, status, profile, quarantineReason);
    }

    public Draft withStatus(DeviceStatus value) {
        return new Draft(name, value, profile, value == DeviceStatus.QUARANTINED ? quarantineReason : "");
    }

    /// @throws PlatformException `CONFLICT` when its life cycle does not allow it
    public Draft withQuarantine(String reason) {
        return new Draft(name, status.after(DeviceStatus.QUARANTINED), profile, reason);
    }

    public Draft withProfile(Profile value) {
        return new Draft(name, status, value, quarantineReason);
    }
}
