package io.iotflow.server.database;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/// What PostgreSQL can keep as text or JSON: neither the character 0 nor half of a surrogate pair.
public final class StorableText {

    private StorableText() {}

    public static boolean accepts(String text) {
        return text.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /// All texts and field names in it.
    public static boolean accepts(JsonNode json) {
        if (json.isTextual()) return accepts(json.textValue());
        return json.propertyStream().allMatch(field -> accepts(field.getKey()))
                && json.valueStream().allMatch(StorableText::accepts);
    }
}
