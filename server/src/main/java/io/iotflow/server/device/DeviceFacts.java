package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.encryption.SealedMetadata;

/// A device as expressions see it.
///
/// @param metadata without what is sealed
public record DeviceFacts(Device device, JsonNode metadata) {

    public static DeviceFacts of(Device device) {
        return new DeviceFacts(device, SealedMetadata.clearPart(device.metadata()));
    }

    /// Null for what there is not, and for what is not kept with the device. Times are milliseconds since 1970.
    public Object field(String name) {
        return switch (name) {
            case "id" -> (double) device.id().value();
            case "organization_id" -> (double) device.organization().id();
            case "name" -> device.name();
            case "type", "device_type" -> device.type();
            case "description" -> device.description();
            case "location" -> device.location();
            case "firmware_version" -> device.firmwareVersion();
            case "hardware_version" -> device.hardwareVersion();
            case "user_id" -> device.userId();
            case "status" -> device.status().word();
            case "created_at" -> (double) device.createdAt().toEpochMilli();
            case "updated_at" -> (double) device.updatedAt().toEpochMilli();
            default -> null;
        };
    }
}
