package io.iotflow.server.language;

import io.iotflow.server.core.Limits;
import io.iotflow.server.language.Methods.Method;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Methods of texts, and `toFixed`. What reads a text of any length is charged by its length.
final class TextMethods {
    private static final int PIECE = 256;
    /// A number has up to 1,074 digits before they are cut.
    private static final int FIXED_STEPS = 1 + 1_074 / 16;
    private static final int MOST_DIGITS = 20;
    private static final double LARGEST_FIXED = 1e21;

    private TextMethods() {}

    static Map<String, Method> all() {
        return Map.of(
                "startsWith", new Method(1, 1, 0, "text.startsWith(part)", "Whether a text begins with the part.",
                        (frame, target, arguments, _) -> text("startsWith", target).startsWith(part(frame, arguments))),
                "endsWith", new Method(1, 1, 0, "text.endsWith(part)", "Whether a text ends with the part.",
                        (frame, target, arguments, _) -> text("endsWith", target).endsWith(part(frame, arguments))),
                "toUpperCase", new Method(0, 0, 0, "text.toUpperCase()", "The text in capitals.", (frame, target, _, _)
                        -> made(frame, text("toUpperCase", target), part -> part.toUpperCase(Locale.ROOT))),
                "toLowerCase", new Method(0, 0, 0, "text.toLowerCase()", "The text in small letters.",
                        (frame, target, _, _) ->
                                made(frame, text("toLowerCase", target), part -> part.toLowerCase(Locale.ROOT))),
                "trim", new Method(0, 0, 0, "text.trim()", "The text without the blanks around it.",
                        (frame, target, _, _) -> trimmed(frame, text("trim", target))),
                "charCodeAt", new Method(1, 1, 0, "text.charCodeAt(place)", "The number of the character there.",
                        (_, target, arguments, _) -> charCode(text("charCodeAt", target), arguments[0])),
                "padStart", new Method(1, 2, 0, "text.padStart(length, '0')", "The text, filled up before it.",
                        (frame, target, arguments, _) -> padded(frame, text("padStart", target), arguments)),
                "split", new Method(1, 1, 0, "text.split(',')", "The parts between the separators, as an array.",
                        (frame, target, arguments, _) -> split(frame, text("split", target), part(frame, arguments))));
    }

    private static String text(String method, Object target) {
        if (target instanceof String text) return text;
        throw Methods.wrong(method, "texts", target);
    }

    private static String part(Frame frame, Object[] arguments) {
        var part = Values.text(arguments[0], frame);
        frame.spend(1 + part.length() / 16);
        return part;
    }

    private static String trimmed(Frame frame, String text) {
        frame.makeText(text.length());
        return Values.trimmed(text);
    }

    /// Piece by piece, because the JDK takes time and memory that grow with the square of the length where one letter
    /// becomes several.
    private static String made(Frame frame, String text, UnaryOperator<String> operator) {
        frame.makeText(text.length());
        var made = new StringBuilder();
        for (int from = 0, to; from < text.length(); from = to) {
            to = Math.min(from + PIECE, text.length());
            if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) to++;
            made.append(operator.apply(text.substring(from, to)));
        }
        frame.makeText(made.length());
        return made.toString();
    }

    /// Charged by what the search may cost, which is both lengths multiplied.
    static int indexOf(Frame frame, String text, Object wanted) {
        var part = Values.text(wanted, frame);
        charge(frame, text, part);
        return text.indexOf(part);
    }

    private static void charge(Frame frame, String text, String part) {
        frame.spend((int) Math.min(Integer.MAX_VALUE / 2, 1 + (long) text.length() * Math.max(1, part.length()) / 64));
    }

    static String slice(Frame frame, String text, Object[] arguments) {
        var from = Methods.place(arguments, 0, text.length(), 0);
        var to = Math.max(from, Methods.place(arguments, 1, text.length(), text.length()));
        frame.makeText(to - from);
        return text.substring(from, to);
    }

    /// As JavaScript takes a count or a place: cut to a whole number, 0 if it is none.
    private static double whole(double number) {
        if (Double.isNaN(number)) return 0;
        return number < 0 ? Math.ceil(number) : Math.floor(number);
    }

    private static Object charCode(String text, Object place) {
        var at = whole(Values.number(place));
        return at >= 0 && at < text.length() ? (double) text.charAt((int) at) : Double.NaN;
    }

    private static String padded(Frame frame, String text, Object[] arguments) {
        var filler = arguments.length > 1 ? Values.text(arguments[1], frame) : " ";
        var length = (long) Values.number(arguments[0]);
        if (length <= text.length() || filler.isEmpty()) return text;
        frame.makeText(length);
        var missing = (int) length - text.length();
        return filler.repeat(missing / filler.length() + 1).substring(0, missing) + text;
    }

    private static List<Object> split(Frame frame, String text, String separator) {
        charge(frame, text, separator);
        var parts = new ArrayList<Object>();
        var from = 0;
        while (true) {
            var at = separator.isEmpty() ? (from + 1 < text.length() ? from + 1 : -1) : text.indexOf(separator, from);
            frame.spend(1);
            if (parts.size() == Limits.EXPRESSION_ARRAY_ELEMENTS) frame.makeArray(parts.size() + 1L);
            if (at < 0) break;
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        if (!separator.isEmpty() || !text.isEmpty()) parts.add(text.substring(from));
        return parts;
    }

    static String fixed(Frame frame, Object target, Object[] arguments) {
        if (!(target instanceof Double number)) throw Methods.wrong("toFixed", "numbers", target);
        var digits = arguments.length == 0 ? 0 : whole(Values.number(arguments[0]));
        if (!(digits >= 0 && digits <= MOST_DIGITS)) {
            throw new EvaluationException("toFixed takes from 0 to " + MOST_DIGITS + " digits.");
        }
        if (number.isNaN() || Math.abs(number) >= LARGEST_FIXED) return Values.text(number.doubleValue());
        frame.spend(FIXED_STEPS);
        var text = new BigDecimal(Math.abs(number)).setScale((int) digits, RoundingMode.HALF_UP).toPlainString();
        return number < 0 ? "-" + text : text;
    }
}
