package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Everything about a device that may be changed at any time. Checks itself: all mistakes are reported together.
///
/// @param metadata a JSON object
/// @param capabilities a JSON array or object
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
        checkText(errors, "device_type", type, Limits.DEVICE_WORD_CHARACTERS);
        checkText(errors, "description", description, Limits.DEVICE_DESCRIPTION_CHARACTERS);
        checkText(errors, "location", location, Limits.DEVICE_WORD_CHARACTERS);
        checkText(errors, "firmware_version", firmwareVersion, Limits.DEVICE_WORD_CHARACTERS);
        checkText(errors, "hardware_version", hardwareVersion, Limits.DEVICE_WORD_CHARACTERS);
        checkText(errors, "user_id", userId, Limits.DEVICE_WORD_CHARACTERS);
        if (!metadata.isObject()) errors.add(new FieldError("metadata", "must be a JSON object"));
        if (!capabilities.isContainerNode()) {
            errors.add(new FieldError("capabilities", "must be a JSON array or object"));
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

    Profile withFirmwareVersion(String value) {
        return new Profile(type, description, location, value, hardwareVersion, metadata, capabilities, userId);
    }

    Profile withHardwareVersion(String value) {
        return new Profile(type, description, location, firmwareVersion, value, metadata, capabilities, userId);
    }

    Profile withMetadata(JsonNode value) {
        return new Profile(type, description, location, firmwareVersion, hardwareVersion, value, capabilities, userId);
    }

    Profile withCapabilities(JsonNode value) {
        return new Profile(type, description, location, firmwareVersion, hardwareVersion, metadata, value, userId);
    }

    Profile withUserId(String value) {
        return new Profile(type, description, location, firmwareVersion, hardwareVersion, metadata, capabilities,
                value);
    }

    /// Applies changes one after the other.
    public Profile with(List<UnaryOperator<Profile>> changes) {
        var changed = this;
        for (var change : changes) changed = change.apply(changed);
        return changed;
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
                || !isStorable(text)) {
            errors.add(new FieldError(field, "must not have control characters or broken Unicode"));
        }
    }

    private static void checkJson(List<FieldError> errors, String field, JsonNode json) {
        if (json.toString().getBytes(StandardCharsets.UTF_8).length > Limits.DEVICE_METADATA_BYTES) {
            errors.add(new FieldError(field, "must have at most " + Limits.DEVICE_METADATA_BYTES + " bytes"));
        } else if (!isStorable(json)) {
            errors.add(new FieldError(field, "must not have the character 0 or broken Unicode"));
        }
    }

    private static boolean isStorable(JsonNode json) {
        if (json.isTextual()) return isStorable(json.textValue());
        return json.propertyStream().allMatch(field -> isStorable(field.getKey()))
                && json.valueStream().allMatch(Profile::isStorable);
    }

    /// PostgreSQL keeps neither the character 0 nor half of a surrogate pair.
    private static boolean isStorable(String text) {
        return text.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }
}
