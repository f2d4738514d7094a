package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.encryption.SealedMetadata;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Everything about a device that may be changed at any time. Checks itself: all mistakes are reported together.
///
/// @param metadata a JSON object
/// @param capabilities a JSON array of texts
public record Profile(String type, String description, String location, String firmwareVersion,
                      String hardwareVersion, JsonNode metadata, JsonNode capabilities, String userId) {

    /// Nothing but a type.
    public static Profile of(String type) {
        return new Profile(type, "", "", "", "",
                JsonNodeFactory.instance.objectNode(), JsonNodeFactory.instance.arrayNode(), "");
    }

    static Profile of(Device device) {
        return new Profile(device.type(), device.description(), device.location(), device.firmwareVersion(),
                device.hardwareVersion(), device.metadata(), device.capabilities(), device.userId());
    }

    public Profile {
        var errors = new ArrayList<FieldError>();
        if (type.isBlank()) errors.add(new FieldError("device_type", "must not be empty"));
        checkText(errors, "device_type", type, Limits.DEVICE_NAME_CHARACTERS);
        checkText(errors, "description", description, Limits.DEVICE_DESCRIPTION_CHARACTERS);
        checkText(errors, "location", location, Limits.DEVICE_LOCATION_CHARACTERS);
        checkText(errors, "firmware_version", firmwareVersion, Limits.DEVICE_VERSION_CHARACTERS);
        checkText(errors, "hardware_version", hardwareVersion, Limits.DEVICE_VERSION_CHARACTERS);
        checkText(errors, "user_id", userId, Limits.DEVICE_NAME_CHARACTERS);
        if (!metadata.isObject()) errors.add(new FieldError("metadata", "must be a JSON object"));
        if (!capabilities.isArray() || !capabilities.valueStream().allMatch(JsonNode::isTextual)) {
            errors.add(new FieldError("capabilities", "must be a JSON array of texts"));
        }
        checkJson(errors, "metadata", metadata);
        checkJson(errors, "capabilities", capabilities);
        refuseAny(errors);
    }

    Profile withType(String value) {
        return new Profile(value, description, location, firmwareVersion, hardwareVersion, metadata, capabilities,
                userId);
    }

    Profile withDescription(String value) {
        return new Profile(type, value, location, firmwareVersion, hardwareVersion, metadata, capabilities, userId);
    }

    Profile withLocation(String value) {
        return new Profile(type, description, value, firmwareVersion, hardwareVersion, metadata, capabilities, userId);
    }

    public Profile withFirmwareVersion(String value) {
        return new Profile(type, description, location, value, hardwareVersion, metadata, capabilities, userId);
    }

    Profile withHardwareVersion(String value) {
        return new Profile(type, description, location, firmwareVersion, value, metadata, capabilities, userId);
    }

    public Profile withMetadata(JsonNode value) {
        return new Profile(type, description, location, firmwareVersion, hardwareVersion, value, capabilities, userId);
    }

    Profile withCapabilities(JsonNode value) {
        return new Profile(type, description, location, firmwareVersion, hardwareVersion, metadata, value, userId);
    }

    Profile withUserId(String value) {
        return new Profile(type, description, location, firmwareVersion, hardwareVersion, metadata, capabilities,
                value);
    }

    static void refuseAny(List<FieldError> errors) {
        if (errors.isEmpty()) return;
        var first = errors.getFirst();
        throw new PlatformException(ErrorCode.INVALID, first.field() + " " + first.detail(), errors);
    }

    private static void checkText(List<FieldError> errors, String field, String text, int limit) {
        if (text.length() > limit) {
            errors.add(new FieldError(field, "must have at most " + limit + " characters"));
        } else if (text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')
                || !StorableText.accepts(text)) {
            errors.add(new FieldError(field, "must not have control characters or broken Unicode"));
        }
    }

    private static void checkJson(List<FieldError> errors, String field, JsonNode json) {
        // What is sealed was held against the limit when it came.
        var clear = SealedMetadata.clearPart(json);
        if (clear.toString().getBytes(StandardCharsets.UTF_8).length > Limits.DEVICE_METADATA_BYTES) {
            errors.add(new FieldError(field, "must have at most " + Limits.DEVICE_METADATA_BYTES + " bytes"));
        } else if (!StorableText.accepts(json)) {
            errors.add(new FieldError(field, StorableText.NO_JSON));
        }
    }
}
