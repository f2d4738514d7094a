package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.encryption.SealedMetadata;
import io.iotflow.server.http.Caller;
import java.util.List;

/// A device as every call answers it.
final class DeviceJson {

    private DeviceJson() {}

    /// @param metadata as far as the reader may see it
    static ObjectNode of(Device device, Presence presence, SealedMetadata.Opened metadata) {
        var state = presence.of(device.id());
        var json = JsonNodeFactory.instance.objectNode();
        json.put("id", device.id().value());
        json.put("organization_id", device.organization().id());
        json.put("name", device.name());
        json.put("device_type", device.type());
        json.put("status", device.status().word());
        json.set("quarantine", device.quarantine().map(DeviceJson::of).orElse(null));
        putText(json, "description", device.description());
        putText(json, "location", device.location());
        putText(json, "firmware_version", device.firmwareVersion());
        putText(json, "hardware_version", device.hardwareVersion());
        json.set("metadata", metadata.metadata());
        putNames(json, "hidden_metadata", metadata.hidden());
        putNames(json, "unreadable_metadata", metadata.unreadable());
        json.set("capabilities", device.capabilities());
        putText(json, "user_id", device.userId());
        json.put("created_at", device.createdAt().toString());
        json.put("updated_at", device.updatedAt().toString());
        json.put("is_online", state.isOnline());
        json.put("last_seen", state.lastSeen().map(Object::toString).orElse(null));
        json.put("telemetry_count", state.telemetryCount());
        return json;
    }

    /// To whoever has just registered it, and so said all that stands there.
    static ObjectNode ofNew(Device device, Presence presence, DeviceRegistry registry) {
        var itself = new Caller.Device(device.id(), device.name(), device.organization());
        return of(device, presence, registry.metadata(device, itself));
    }

    private static void putNames(ObjectNode json, String field, List<String> names) {
        if (!names.isEmpty()) names.forEach(json.putArray(field)::add);
    }

    private static ObjectNode of(Device.Quarantine quarantine) {
        var json = JsonNodeFactory.instance.objectNode();
        putText(json, "reason", quarantine.reason());
        return json.put("since", quarantine.since().toString());
    }

    /// What was never given is null.
    private static void putText(ObjectNode json, String field, String text) {
        json.put(field, text.isEmpty() ? null : text);
    }
}
