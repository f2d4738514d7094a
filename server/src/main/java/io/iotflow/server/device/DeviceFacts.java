package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.encryption.SealedMetadata;
import java.util.List;
import java.util.Optional;

/// A device as expressions see it.
///
/// @param metadata without what is sealed
/// @param viewer   for whom the expression is: of groups it sees its own and those of the organizations below
public record DeviceFacts(Device device, JsonNode metadata, Around around, OrganizationPath viewer) {

    /// What is known of devices beside their records.
    public interface Around {
        /// Nothing at all.
        Around NOTHING = new Around() {
            @Override
            public Optional<Boolean> isOnline(DeviceId device) {
                return Optional.empty();
            }

            @Override
            public List<DeviceGroup> groups(Device device) {
                return List.of();
            }
        };

        /// Empty where that plays no part.
        Optional<Boolean> isOnline(DeviceId device);

        /// From memory; groups above those that it is in included.
        List<DeviceGroup> groups(Device device);
    }

    public static DeviceFacts of(Device device) {
        return of(device, Around.NOTHING);
    }

    public static DeviceFacts of(Device device, Around around) {
        return new DeviceFacts(device, SealedMetadata.clearPart(device.metadata()), around, OrganizationPath.ROOT);
    }

    public DeviceFacts seenBy(OrganizationPath organization) {
        return viewer.equals(organization) ? this : new DeviceFacts(device, metadata, around, organization);
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
            case "is_online" -> around.isOnline(device.id()).orElse(null);
            case "groups" -> groups().stream().map(DeviceGroup::name).toList();
            default -> null;
        };
    }

    /// As the viewer may know them.
    public List<DeviceGroup> groups() {
        return around.groups(device).stream().filter(group -> viewer.contains(group.organization())).toList();
    }

    /// An object, empty if there are none.
    JsonNode tags() {
        var tags = metadata.path("tags");
        return tags.isObject() ? tags : JsonNodeFactory.instance.objectNode();
    }
}
