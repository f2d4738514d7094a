package io.iotflow.server.database;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/// What PostgreSQL can keep as text or JSON: neither the character 0 nor half of a surrogate pair, nor numbers that are
/// none or that it would write out in more digits than are read again.
public final class StorableText {
    /// What cannot be kept as JSON, for refusals.
    public static final String NO_JSON = "must not have the character 0, broken Unicode, or numbers with more than "
            + StorableText.DIGITS + " digits when they are written out";
    private static final int DIGITS = 120;

    private StorableText() {}

    public static boolean accepts(String text) {
        return text.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /// As much of a text as is kept, not cut between the halves of a character.
    public static String shortened(String text, int most) {
        if (text.length() <= most) return text;
        var end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
        return text.substring(0, end) + "…";
    }

    /// All texts, numbers and field names in it.
    public static boolean accepts(JsonNode json) {
        if (json.isTextual()) return accepts(json.textValue());
        if (json.isNumber()) return isStorable(json);
        return json.propertyStream().allMatch(field -> accepts(field.getKey()))
                && json.valueStream().allMatch(StorableText::accepts);
    }

    private static boolean isStorable(JsonNode number) {
        if (number.isIntegralNumber() && number.canConvertToLong()) return true;
        if (number.isFloatingPointNumber() && !number.isBigDecimal() && !Double.isFinite(number.doubleValue())) {
            return false;
        }
        var decimal = number.decimalValue();
        return Math.max(0, decimal.precision() - (long) decimal.scale()) + Math.max(0, decimal.scale()) <= DIGITS;
    }
}
