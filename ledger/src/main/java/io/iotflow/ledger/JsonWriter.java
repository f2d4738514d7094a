package io.iotflow.ledger;

import java.math.BigDecimal;
import java.util.Map;

/// Writes canonical JSON (RFC 8785): fields in the order of their names, no space, texts with as few escapes as can be,
/// numbers as ECMAScript writes them.
final class JsonWriter {
    private static final double EXACT_BELOW = 0x1p53;

    /// Between these Java writes fractions as ECMAScript does.
    private static final double SAME_FROM = 1e-3;
    private static final double SAME_BELOW = 1e7;

    private final StringBuilder out = new StringBuilder(512);

    private JsonWriter() {}

    static String text(Json json) {
        var writer = new JsonWriter();
        writer.value(json, 1);
        return writer.out.toString();
    }

    private void value(Json json, int depth) {
        if (depth > LedgerLimits.LEDGER_JSON_DEPTH) throw new IllegalArgumentException("is nested too deeply");
        switch (json) {
            case Json.Null _ -> out.append("null");
            case Json.Flag(var on) -> out.append(on);
            case Json.Numeral(var number) -> out.append(number(number));
            case Json.Text(var text) -> string(text);
            case Json.Array(var items) -> {
                out.append('[');
                for (int i = 0; i < items.size(); i++) {
                    if (i > 0) out.append(',');
                    value(items.get(i), depth + 1);
                }
                out.append(']');
            }
            case Json.Fields(var values) -> fields(values, depth);
        }
    }

    private void fields(Map<String, Json> values, int depth) {
        out.append('{');
        var separator = "";
        for (var field : values.entrySet()) {
            out.append(separator);
            string(field.getKey());
            out.append(':');
            value(field.getValue(), depth + 1);
            separator = ",";
        }
        out.append('}');
    }

    private void string(String text) {
        out.append('"');
        var done = 0;
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\') continue;
            out.append(text, done, i);
            escape(c);
            done = i + 1;
        }
        out.append(text, done, text.length()).append('"');
    }

    private void escape(char c) {
        switch (c) {
            case '"', '\\' -> out.append('\\').append(c);
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> out.append("\\u00")
                    .append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
        }
    }

    /// A finite number as `Number.prototype.toString` of ECMAScript writes it.
    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < EXACT_BELOW) return Long.toString((long) value);
        var magnitude = Math.abs(value);
        if (magnitude >= SAME_FROM && magnitude < SAME_BELOW) return Double.toString(value);
        var sign = value < 0 ? "-" : "";
        var shortest = shortest(magnitude);
        var digits = shortest.unscaledValue().toString();
        var count = digits.length();
        var point = count - shortest.scale(); // the value is 0.digits times ten to this power
        if (point > 21 || point <= -6) {
            var exponent = point - 1;
            return sign + digits.charAt(0) + (count > 1 ? "." + digits.substring(1) : "") + (exponent < 0 ? "e" : "e+")
                    + exponent;
        }
        if (point <= 0) return sign + "0." + "0".repeat(-point) + digits;
        if (point >= count) return sign + digits + "0".repeat(point - count);
        return sign + digits.substring(0, point) + "." + digits.substring(point);
    }

    /// The shortest decimal that reads as this double, and of those the closest. The JDK's is that, except that it
    /// takes two digits where one would do: 4.9E-324 for 5e-324.
    private static BigDecimal shortest(double value) {
        var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (decimal.precision() != 2) return decimal;
        BigDecimal best = null;
        var unit = BigDecimal.ONE.scaleByPowerOfTen(1 - decimal.scale());
        var below = decimal.divideToIntegralValue(unit).multiply(unit);
        var exact = new BigDecimal(value);
        for (var one : new BigDecimal[] {below, below.add(unit)}) {
            if (one.doubleValue() != value) continue;
            if (best == null || distance(one, exact).compareTo(distance(best, exact)) < 0) best = one;
        }
        return best == null ? decimal : best.stripTrailingZeros();
    }

    private static BigDecimal distance(BigDecimal one, BigDecimal other) {
        return one.subtract(other).abs();
    }
}
