package io.iotflow.server.encryption;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Seals sensitive fields of devices' metadata before they reach the database, and opens them. A sealed one stands in
/// its place as `{"$sealed": "<Base64>"}` and belongs to its organization, device and name.
public final class SealedMetadata {
    private static final String MARK = "$sealed";
    /// Of a sealed field the audit log has so many bytes, which are chance and change with each writing.
    private static final int SHOWN_BYTES = 4;

    private final SensitiveFields fields;
    private final KeyRing keyRing;

    public SealedMetadata(SensitiveFields fields, KeyRing keyRing) {
        this.fields = fields;
        this.keyRing = keyRing;
    }

    /// What can be shown of a device's metadata.
    ///
    /// @param hidden     fields that are null because the reader may not see them
    /// @param unreadable fields that are null because nobody can open them
    public record Opened(JsonNode metadata, List<String> hidden, List<String> unreadable) {}

    /// Seals for one organization.
    public static final class Seal {
        private final Optional<Sealing> sealing;

        private Seal(Optional<Sealing> sealing) {
            this.sealing = sealing;
        }

        private Set<String> names() {
            return sealing.map(Sealing::metadata).orElse(Set.of());
        }

        /// Whether [#sealed] would do anything at all.
        public boolean concerns(JsonNode metadata) {
            return metadata.properties().stream().anyMatch(field ->
                    isSealed(field.getValue()) || names().contains(field.getKey()));
        }

        /// With sensitive fields sealed. A null leaves what was sealed as it is, so that whoever may not see it and
        /// writes back what he read destroys nothing.
        ///
        /// @param before what stands there now
        /// @throws PlatformException `INVALID` for what looks sealed and is not from here
        public JsonNode sealed(DeviceId device, JsonNode metadata, JsonNode before) {
            var sealed = JsonNodeFactory.instance.objectNode();
            for (var field : metadata.properties()) {
                sealed.set(field.getKey(), sealed(device, field, before.path(field.getKey())));
            }
            return sealed;
        }

        private JsonNode sealed(DeviceId device, Map.Entry<String, JsonNode> field, JsonNode before) {
            var value = field.getValue();
            if (isSealed(value) && !value.equals(before)) {
                throw PlatformException.invalid("metadata", "must not have an object with " + MARK
                        + " as its one field, as " + field.getKey() + " is");
            }
            if (value.isNull() && isSealed(before)) return before;
            if (value.isNull() || isSealed(value) || !names().contains(field.getKey())) return value;
            var bytes = value.toString().getBytes(StandardCharsets.UTF_8);
            var envelope = sealing.orElseThrow().key().seal(bytes, context(device, field.getKey()));
            return JsonNodeFactory.instance.objectNode().put(MARK, Base64.getEncoder().encodeToString(envelope));
        }
    }

    /// To be had before a transaction begins, for it may take one of its own.
    public Seal seal(OrganizationPath organization) {
        return new Seal(fields.of(organization));
    }

    /// @param isAllowed whether the reader may see what is sealed
    public Opened open(DeviceId device, JsonNode metadata, boolean isAllowed) {
        if (metadata.valueStream().noneMatch(SealedMetadata::isSealed)) {
            return new Opened(metadata, List.of(), List.of());
        }
        var shown = metadata.<ObjectNode>deepCopy();
        var missing = new ArrayList<String>();
        for (var field : metadata.properties()) {
            if (!isSealed(field.getValue())) continue;
            var opened = isAllowed ? open(device, field.getKey(), field.getValue()) : Optional.<JsonNode>empty();
            if (opened.isEmpty()) missing.add(field.getKey());
            shown.set(field.getKey(), opened.orElse(null));
        }
        return new Opened(shown, isAllowed ? List.of() : missing, isAllowed ? missing : List.of());
    }

    private Optional<JsonNode> open(DeviceId device, String name, JsonNode value) {
        var sealed = bytes(value);
        var key = SealingKey.keyOf(sealed);
        if (key.isEmpty()) return Optional.empty();
        return keyRing.find(key.getAsInt()).flatMap(it -> it.open(sealed, context(device, name)))
                .map(SealedMetadata::json);
    }

    private static JsonNode json(byte[] bytes) {
        try {
            return Json.mapper().readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: something was sealed that is not JSON", e);
        }
    }

    private static byte[] context(DeviceId device, String name) {
        return SealingKey.context("metadata", ByteBuffer.allocate(8).putLong(device.value()).array(),
                name.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isSealed(JsonNode value) {
        return value.isObject() && value.size() == 1 && value.path(MARK).isTextual();
    }

    private static byte[] bytes(JsonNode value) {
        try {
            return Base64.getDecoder().decode(value.path(MARK).textValue());
        } catch (IllegalArgumentException _) {
            return new byte[0];
        }
    }

    /// Without what is sealed.
    public static JsonNode clearPart(JsonNode metadata) {
        if (!metadata.isObject() || metadata.valueStream().noneMatch(SealedMetadata::isSealed)) return metadata;
        var clear = metadata.<ObjectNode>deepCopy();
        clear.removeIf(SealedMetadata::isSealed);
        return clear;
    }

    /// As the audit log shows it: of a sealed field, that it was written.
    public static JsonNode described(JsonNode metadata) {
        if (metadata.valueStream().noneMatch(SealedMetadata::isSealed)) return metadata;
        var described = JsonNodeFactory.instance.objectNode();
        for (var field : metadata.properties()) {
            if (isSealed(field.getValue())) described.put(field.getKey(), "(sealed " + end(field.getValue()) + ")");
            else described.set(field.getKey(), field.getValue());
        }
        return described;
    }

    private static String end(JsonNode value) {
        var bytes = bytes(value);
        return HexFormat.of().formatHex(bytes, Math.max(0, bytes.length - SHOWN_BYTES), bytes.length);
    }
}
