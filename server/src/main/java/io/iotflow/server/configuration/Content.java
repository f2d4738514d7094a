package io.iotflow.server.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.TreeSet;

/// What stands in a configuration. Its *entries* are `{key: {value, data_type, updated_at}}`, its *values*
/// `{key: value}`.
final class Content {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Content() {}

    static ObjectNode values(JsonNode entries) {
        var values = JSON.objectNode();
        entries.properties().forEach(entry -> values.set(entry.getKey(), entry.getValue().path("value")));
        return values;
    }

    /// Of types that the values themselves have. What has not changed keeps its time.
    ///
    /// @throws PlatformException `INVALID` by the path of what cannot be in a configuration
    ///
    /// @param field in which they came
    static ObjectNode entries(String field, JsonNode values, JsonNode before, Instant now) {
        if (!values.isObject()) throw notAnObject(field);
        var entries = JSON.objectNode();
        for (var value : values.properties()) {
            Configurations.checkKey(field, value.getKey());
            var known = before.path(value.getKey());
            if (known.isObject() && known.path("value").equals(value.getValue())) {
                entries.set(value.getKey(), known);
            } else {
                entries.set(value.getKey(), JSON.objectNode().put("data_type", DataType.of(value.getValue()).word())
                        .put("updated_at", now.toString()).set("value", value.getValue()));
            }
        }
        check(field, entries);
        return entries;
    }

    /// What a device says that it has: values, or entries as they were told to it.
    static JsonNode reported(JsonNode told) {
        if (!told.isObject()) throw notAnObject("configuration");
        var isEntries = !told.isEmpty() && told.valueStream().allMatch(it -> it.isObject() && it.has("value")
                && it.path("data_type").isTextual());
        var values = isEntries ? values(told) : told;
        check("configuration", values);
        return values;
    }

    private static PlatformException notAnObject(String field) {
        return PlatformException.invalid(field, "must be an object of keys and values");
    }

    /// @param field in which it came
    static void check(String field, JsonNode content) {
        if (content.size() > Limits.CONFIGURATION_KEYS) {
            throw PlatformException.invalid(field, "may have " + Limits.CONFIGURATION_KEYS + " keys at most");
        }
        if (isTooLarge(content)) {
            throw new PlatformException(ErrorCode.TOO_LARGE, "The configuration of one device may have at most "
                    + Limits.CONFIGURATION_BYTES + " bytes.");
        }
        if (!StorableText.accepts(content)) {
            throw PlatformException.invalid(field, StorableText.NO_JSON);
        }
        if (!isFinite(content)) {
            throw PlatformException.invalid(field, "must have numbers of the size of a double only");
        }
    }

    static boolean isTooLarge(JsonNode content) {
        return content.size() > Limits.CONFIGURATION_KEYS
                || content.toString().getBytes(StandardCharsets.UTF_8).length > Limits.CONFIGURATION_BYTES;
    }

    static boolean isFinite(JsonNode node) {
        if (node.isNumber()) return Double.isFinite(node.doubleValue());
        return node.valueStream().allMatch(Content::isFinite);
    }

    /// SHA-256 of the values, in hexadecimal digits: the same for the same values, in whatever order they stand.
    static String hash(JsonNode values) {
        var text = new StringBuilder();
        write(values, text);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                    .digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every JDK has SHA-256", e);
        }
    }

    private static void write(JsonNode node, StringBuilder text) {
        if (node.isObject()) {
            var names = new TreeSet<String>();
            node.fieldNames().forEachRemaining(names::add);
            text.append('{');
            for (var name : names) {
                text.append(JSON.textNode(name)).append(':');
                write(node.get(name), text);
                text.append(',');
            }
            text.append('}');
        } else if (node.isArray()) {
            text.append('[');
            for (var element : node) {
                write(element, text);
                text.append(',');
            }
            text.append(']');
        } else if (node.isNumber()) {
            text.append(node.decimalValue().stripTrailingZeros());
        } else {
            text.append(node);
        }
    }

    static JsonNode tree(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a configuration that is not JSON", e);
        }
    }

    static Instant time(String text) {
        return Instant.parse(text);
    }
}
