package io.iotflow.server.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What JavaScript says of values: truth, number, text, equality. Arrays and objects are no numbers here and equal only
/// themselves.
final class Values {
    static final Object UNDEFINED = new Object() {
        @Override
        public String toString() {
            return "undefined";
        }
    };

    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(?:\\d++\\.?+\\d*+|\\.\\d++)(?:[eE][+-]?\\d++)?+", Pattern.DOTALL);
    private static final Pattern RADIX = Pattern.compile("0(?:[xX][0-9a-fA-F]++|[bB][01]++|[oO][0-7]++)");
    private static final int LONGEST_NUMBER = 400;

    private Values() {}

    /// What somebody outside gives, where null means that there is nothing.
    static Object of(Object given) {
        return switch (given) {
            case null -> UNDEFINED;
            case Double number -> number;
            case Boolean truth -> truth;
            case String text -> text;
            case JsonNode node -> of(node);
            case Number number -> number.doubleValue();
            case byte[] bytes -> new Bytes(bytes);
            default -> given;
        };
    }

    static Object of(JsonNode node) {
        if (node == null || node.isMissingNode()) return UNDEFINED;
        if (node.isContainerNode()) return node;
        if (node.isNumber()) return node.doubleValue();
        if (node.isBoolean()) return node.booleanValue();
        return node.isNull() ? null : node.asText();
    }

    static boolean isNothing(Object value) {
        return value == null || value == UNDEFINED;
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case Double number -> number != 0 && !number.isNaN();
            case String text -> !text.isEmpty();
            default -> value != UNDEFINED;
        };
    }

    static double number(Object value) {
        return switch (value) {
            case null -> 0;
            case Double number -> number;
            case Boolean truth -> truth ? 1 : 0;
            case String text -> number(text);
            default -> Double.NaN;
        };
    }

    static double number(String given) {
        if (given.length() > LONGEST_NUMBER) return Double.NaN;
        var text = trimmed(given);
        if (text.isEmpty()) return 0;
        if (DECIMAL.matcher(text).matches()) return Double.parseDouble(text);
        if (RADIX.matcher(text).matches()) return new BigInteger(text.substring(2),
                switch (text.charAt(1)) {
                    case 'x', 'X' -> 16;
                    case 'b', 'B' -> 2;
                    default -> 8;
                }).doubleValue();
        return switch (text) {
            case "Infinity", "+Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> Double.NaN;
        };
    }

    /// Without what JavaScript calls blank around it, which is not what Java does.
    static String trimmed(String text) {
        var from = 0;
        var to = text.length();
        while (from < to && isBlank(text.charAt(from))) from++;
        while (from < to && isBlank(text.charAt(to - 1))) to--;
        return text.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c >= '\t' && c <= '\r' || c == '\u00a0' || c == '\ufeff' || c == '\u2028'
                || c == '\u2029' || c > 127 && Character.getType(c) == Character.SPACE_SEPARATOR;
    }

    static String type(Object value) {
        return switch (value) {
            case Double _ -> "number";
            case Boolean _ -> "boolean";
            case String _ -> "string";
            case null -> "object";
            default -> value == UNDEFINED ? "undefined" : "object";
        };
    }

    /// `===`
    static boolean same(Object left, Object right) {
        if (left instanceof Double a && right instanceof Double b) return a.doubleValue() == b.doubleValue();
        if (left instanceof String a && right instanceof String b) return a.equals(b);
        if (left instanceof Boolean a && right instanceof Boolean b) return a.booleanValue() == b.booleanValue();
        return left == right;
    }

    /// `==`
    static boolean alike(Object left, Object right) {
        if (isNothing(left) || isNothing(right)) return isNothing(left) && isNothing(right);
        if (left instanceof String && right instanceof String) return left.equals(right);
        if (isPlain(left) && isPlain(right)) return number(left) == number(right);
        return left == right;
    }

    private static boolean isPlain(Object value) {
        return value instanceof Double || value instanceof Boolean || value instanceof String;
    }

    static List<Object> array(Object value) {
        return switch (value) {
            case ArrayNode node -> new JsonArray(node);
            case List<?> list -> unchecked(list);
            case null, default -> null;
        };
    }

    @SuppressWarnings("unchecked")
    private static List<Object> unchecked(List<?> list) {
        return (List<Object>) list;
    }

    static String text(Object value, Frame frame) {
        return switch (value) {
            case null -> "null";
            case String text -> text;
            case Double number -> text(number.doubleValue());
            case Boolean truth -> truth.toString();
            default -> {
                if (value == UNDEFINED) yield "undefined";
                var array = array(value);
                yield array == null ? "[object Object]" : join(array, ",", frame, 0);
            }
        };
    }

    /// As `join` does it: elements that are nothing are empty.
    static String join(List<Object> array, String between, Frame frame, int depth) {
        if (depth > Limits.EXPRESSION_DEPTH) throw new EvaluationException("An array is nested too deeply for a text.");
        var joined = new StringBuilder();
        for (int i = 0; i < array.size(); i++) {
            if (i > 0) joined.append(between);
            var element = inner(array.get(i));
            var inner = array(element);
            var text = isNothing(element) ? "" : inner == null ? text(element, frame)
                    : join(inner, ",", frame, depth + 1);
            frame.spend(1);
            if (joined.length() + text.length() > Limits.EXPRESSION_TEXT_CHARACTERS) frame.makeText(Integer.MAX_VALUE);
            joined.append(text);
        }
        frame.makeText(joined.length());
        return joined.toString();
    }

    /// The shortest text that reads as this number again, written as JavaScript writes it.
    static String text(double number) {
        if (number == 0) return "0";
        if (Math.rint(number) == number && Math.abs(number) < 1e15) return Long.toString((long) number);
        if (Double.isNaN(number) || Double.isInfinite(number)) return Double.toString(number);
        var decimal = new BigDecimal(Double.toString(Math.abs(number))).stripTrailingZeros();
        var digits = decimal.unscaledValue().toString();
        var point = digits.length() - decimal.scale();
        var sign = number < 0 ? "-" : "";
        if (point > 21 || point <= -6) {
            var rest = digits.length() == 1 ? "" : "." + digits.substring(1);
            return sign + digits.charAt(0) + rest + (point > 0 ? "e+" : "e-") + Math.abs(point - 1);
        }
        if (point <= 0) return sign + "0." + "0".repeat(-point) + digits;
        if (digits.length() <= point) return sign + digits + "0".repeat(point - digits.length());
        return sign + digits.substring(0, point) + "." + digits.substring(point);
    }

    /// What callers get: `undefined` is null, containers are `List` and `Map`.
    static Object outward(Object value, Frame frame, int depth) {
        if (value == UNDEFINED || value == null) return null;
        if (depth > Limits.EXPRESSION_DEPTH) throw new EvaluationException("The result is nested too deeply.");
        frame.spend(1);
        var array = array(value);
        if (array != null) {
            var list = new ArrayList<>(Math.min(array.size(), Limits.EXPRESSION_ARRAY_ELEMENTS));
            for (var each : array) list.add(each == null ? null : outward(of(each), frame, depth + 1));
            return list;
        }
        var fields = fields(value);
        if (fields == null) return value;
        var map = new LinkedHashMap<String, Object>();
        while (fields.hasNext()) {
            var field = fields.next();
            var inner = field.getValue();
            map.put(String.valueOf(field.getKey()), inner == null ? null : outward(of(inner), frame, depth + 1));
        }
        return map;
    }

    private static Iterator<? extends Map.Entry<?, ?>> fields(Object value) {
        return switch (value) {
            case ObjectNode object -> object.properties().iterator();
            case Map<?, ?> map -> map.entrySet().iterator();
            default -> null;
        };
    }

    /// A member of an object or the length of an array or text; `undefined` if there is none.
    static Object member(Object value, String name) {
        return switch (value) {
            case ObjectNode object -> of(object.get(name));
            case Map<?, ?> map -> map.containsKey(name) ? inner(map.get(name)) : UNDEFINED;
            case String text -> name.equals("length") ? (Object) (double) text.length() : element(text, name);
            default -> {
                var array = array(value);
                if (array == null) yield UNDEFINED;
                yield name.equals("length") ? (Object) (double) array.size() : element(array, name);
            }
        };
    }

    /// What stands in a container, where null is JavaScript's null.
    static Object inner(Object value) {
        return value == null ? null : of(value);
    }

    static Object element(Object value, double index) {
        if (index != (int) index || index < 0) return member(value, text(index));
        var i = (int) index;
        if (value instanceof String text) return i < text.length() ? text.substring(i, i + 1) : UNDEFINED;
        var array = array(value);
        if (array == null) return member(value, text(index));
        return i < array.size() ? inner(array.get(i)) : UNDEFINED;
    }

    private static Object element(Object value, String name) {
        if (name.isEmpty() || name.length() > 9) return UNDEFINED;
        for (int i = 0; i < name.length(); i++) if (name.charAt(i) < '0' || name.charAt(i) > '9') return UNDEFINED;
        return element(value, Integer.parseInt(name));
    }
}
