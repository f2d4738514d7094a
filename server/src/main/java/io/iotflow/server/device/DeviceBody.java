package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Reads what callers send about a device. All mistakes are reported together; null means empty.
final class DeviceBody {
    private static final Set<String> PROFILE = Set.of("device_type", "description", "location", "firmware_version",
            "hardware_version", "metadata", "capabilities", "user_id");
    /// Never kept, not even as metadata: secrets, and what another call reads.
    private static final Set<String> NOT_KEPT = Set.of("api_key", "provisioning_key", "csr");

    private final JsonNode body;
    private final List<FieldError> errors = new ArrayList<>();

    /// A wish for a new device.
    record Registration(String name, Profile profile) {}

    private DeviceBody(JsonNode body) {
        if (!body.isObject()) throw PlatformException.malformed("The body must be a JSON object.");
        this.body = body;
    }

    /// Understands the older words `deviceId` and `type`; keeps unknown fields in the metadata.
    static Registration registration(JsonNode json) {
        var body = new DeviceBody(json);
        var nameWord = json.hasNonNull("name") || !json.hasNonNull("deviceId") ? "name" : "deviceId";
        var typeWord = json.hasNonNull("device_type") || !json.hasNonNull("type") ? "device_type" : "type";
        var name = body.requiredName(nameWord);
        var type = body.requiredText(typeWord);
        var given = body.profile(Profile.of("unknown"), word -> PROFILE.contains(word) && !word.equals("device_type"));
        var metadata = JsonNodeFactory.instance.objectNode();
        json.properties().forEach(field -> {
            var word = field.getKey();
            var isRead = PROFILE.contains(word) || NOT_KEPT.contains(word) || word.equals("name")
                    || word.equals(nameWord) || word.equals(typeWord);
            if (!isRead) metadata.set(word, field.getValue());
        });
        given.metadata().properties().forEach(field -> metadata.set(field.getKey(), field.getValue()));
        Profile.refuseAny(body.errors);
        return new Registration(name, given.withType(type).withMetadata(metadata));
    }

    /// The same, of a device whose type is known unless it is empty: it need not say it, and may say no other.
    static Registration registration(JsonNode json, String type) {
        if (type.isEmpty() || !json.isObject()) return registration(json);
        var typed = json.<ObjectNode>deepCopy();
        if (!json.hasNonNull("device_type") && !json.hasNonNull("type")) typed.put("device_type", type);
        var wish = registration(typed);
        if (wish.profile().type().equals(type)) return wish;
        throw PlatformException.invalid("device_type", "must be " + type + " or left out with this provisioning key");
    }

    /// What an operator changes.
    static Draft changed(Draft draft, JsonNode json) {
        var body = new DeviceBody(json);
        body.refuseUnknown(word -> PROFILE.contains(word) || word.equals("name"));
        var name = json.has("name") ? body.requiredName("name") : draft.name();
        var profile = body.profile(draft.profile(), PROFILE::contains);
        Profile.refuseAny(body.errors);
        return draft.withName(name).withProfile(profile);
    }

    /// What a device says of itself.
    static Draft reported(Draft draft, JsonNode json) {
        var own = Set.of("location", "firmware_version", "hardware_version");
        var body = new DeviceBody(json);
        body.refuseUnknown(word -> own.contains(word) || word.equals("status"));
        var profile = body.profile(draft.profile(), own::contains);
        var status = json.has("status") ? body.requiredText("status") : draft.status().word();
        Profile.refuseAny(body.errors);
        return draft.withProfile(profile).withStatus(draft.status().afterOwnWord(DeviceStatus.of(status)));
    }

    /// The state that an operator wants, with the reason if it is quarantine.
    static UnaryOperator<Draft> status(JsonNode json) {
        var body = new DeviceBody(json);
        body.refuseUnknown(word -> word.equals("status") || word.equals("reason"));
        var status = body.requiredText("status");
        var reason = body.text("reason");
        Profile.refuseAny(body.errors);
        var wanted = DeviceStatus.of(status);
        if (wanted == DeviceStatus.QUARANTINED) return now -> now.withQuarantine(reason);
        if (!reason.isEmpty()) throw PlatformException.invalid("reason", "is for the status quarantined");
        return now -> now.withStatus(now.status().after(wanted));
    }

    private void refuseUnknown(Predicate<String> isKnown) {
        if (body.isEmpty()) throw PlatformException.malformed("The body has no field.");
        body.fieldNames().forEachRemaining(word -> {
            if (!isKnown.test(word)) errors.add(new FieldError(word, "is not a field of this call"));
        });
    }

    private Profile profile(Profile before, Predicate<String> isWanted) {
        var profile = before;
        for (var word : body.propertyStream().map(Map.Entry::getKey).filter(isWanted).toList()) {
            try {
                profile = with(profile, word, body.get(word));
            } catch (PlatformException refusal) {
                errors.addAll(refusal.errors());
            }
        }
        return profile;
    }

    private Profile with(Profile profile, String word, JsonNode value) {
        return switch (word) {
            case "device_type" -> profile.withType(requiredText(word));
            case "description" -> profile.withDescription(text(word));
            case "location" -> profile.withLocation(text(word));
            case "firmware_version" -> profile.withFirmwareVersion(text(word));
            case "hardware_version" -> profile.withHardwareVersion(text(word));
            case "user_id" -> profile.withUserId(value.isIntegralNumber() ? value.asText() : text(word));
            case "metadata" -> profile.withMetadata(value.isNull() ? JsonNodeFactory.instance.objectNode() : value);
            case "capabilities" ->
                    profile.withCapabilities(value.isNull() ? JsonNodeFactory.instance.arrayNode() : value);
            default -> throw new IllegalStateException("BUG: no part of a profile: " + word);
        };
    }

    private String text(String word) {
        var value = body.get(word);
        if (value == null || value.isNull()) return "";
        if (value.isTextual()) return value.textValue();
        errors.add(new FieldError(word, "must be text"));
        return "";
    }

    private String requiredText(String word) {
        var text = text(word);
        if (text.isBlank() && errors.stream().noneMatch(error -> error.field().equals(word))) {
            errors.add(new FieldError(word, "must not be empty"));
        }
        return text.isBlank() ? "unknown" : text;
    }

    private String requiredName(String word) {
        var name = requiredText(word);
        DeviceName.problem(name).ifPresent(problem -> errors.add(new FieldError(word, problem)));
        return name;
    }
}
