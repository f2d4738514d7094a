package io.iotflow.server.language;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.iotflow.server.core.Limits;
import io.iotflow.server.language.Functions.Group;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/// Functions that read bytes and texts. What cannot be read is `undefined`, or NaN where a number is wanted.
final class Decoding {
    private static final Pattern NUMBER_AT_START =
            Pattern.compile("[+-]?+(?:\\d++(?:\\.\\d*+)?+|\\.\\d++)(?:[eE][+-]?+\\d++)?+");
    private static final int LONGEST_NUMBER = 400;

    private static final ObjectMapper JSON = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(Limits.JSON_DEPTH)
                    .maxNameLength(Limits.JSON_NAME_CHARACTERS).maxNumberLength(Limits.JSON_NUMBER_CHARACTERS).build())
            .build()).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private Decoding() {}

    /// What a function makes of its arguments.
    private interface Reading {
        Object read(Frame frame, Object[] arguments);
    }

    static List<Functions> functions() {
        var functions = new ArrayList<Functions>();
        functions.add(bytes("uint8", 1, true));
        functions.add(bytes("int8", 1, false));
        functions.add(bytes("uint16", 2, true));
        functions.add(bytes("int16", 2, false));
        functions.add(bytes("uint32", 4, true));
        functions.add(bytes("int32", 4, false));
        functions.add(function("float32", Group.DECODER, 2, 3, "float32(bytes, offset, littleEndian)",
                "A floating point number of 4 bytes; the first byte is the highest unless littleEndian is true.",
                (_, arguments) -> {
                    var bits = bits(arguments, 4);
                    return bits < 0 ? Values.UNDEFINED : (Object) (double) Float.intBitsToFloat((int) bits);
                }));
        functions.add(function("bits", Group.DECODER, 3, 3, "bits(number, from, length)",
                "Some bits of a whole number, counted from the lowest.", (_, arguments) -> bitsOf(arguments)));
        functions.add(function("hex", Group.DECODER, 1, 1, "hex(text)", "The bytes that pairs of hexadecimal digits "
                + "mean, blanks left out.", (frame, arguments) -> hex(frame, Values.text(arguments[0], frame))));
        functions.add(function("base64", Group.DECODER, 1, 1, "base64(text)", "The bytes that a text in Base64 means.",
                (frame, arguments) -> base64(frame, Values.text(arguments[0], frame))));
        functions.add(function("json", Group.DECODER, 1, 1, "json(text)", "What a text in JSON means.",
                (frame, arguments) -> json(frame, Values.text(arguments[0], frame))));
        functions.add(function("parseInt", Group.PLAIN, 1, 2, "parseInt(text, radix)",
                "The whole number with which a text begins, in base 10 unless another from 2 to 36 is named.",
                (frame, arguments) -> wholeNumber(Values.text(arguments[0], frame),
                        arguments.length > 1 ? Values.number(arguments[1]) : 10)));
        functions.add(function("parseFloat", Group.PLAIN, 1, 1, "parseFloat(text)",
                "The number with which a text begins.", (frame, arguments) ->
                        floatingNumber(Values.text(arguments[0], frame))));
        return functions;
    }

    private static Functions function(String name, Group group, int fewest, int most, String signature, String doc,
                                      Reading reading) {
        return new Functions(name, group, fewest, most, signature, doc, (compiler, _, nodes) -> {
            var codes = compiler.expressions(nodes).toArray(Code[]::new);
            return new Code(Kind.ANY) {
                @Override
                Object value(Frame frame) {
                    var arguments = new Object[codes.length];
                    for (int i = 0; i < codes.length; i++) arguments[i] = codes[i].value(frame);
                    return reading.read(frame, arguments);
                }
            };
        });
    }

    private static Functions bytes(String name, int width, boolean isUnsigned) {
        var signature = width == 1 ? name + "(bytes, offset)" : name + "(bytes, offset, littleEndian)";
        var doc = "A whole number of " + (width == 1 ? "one byte, " : width + " bytes, ")
                + (isUnsigned ? "without a sign" : "with a sign")
                + (width == 1 ? "." : "; the first byte is the highest unless littleEndian is true.");
        return function(name, Group.DECODER, 2, width == 1 ? 2 : 3, signature, doc, (_, arguments) -> {
            var bits = bits(arguments, width);
            if (bits < 0) return Values.UNDEFINED;
            var shift = 64 - 8 * width;
            return (double) (isUnsigned ? bits : bits << shift >> shift);
        });
    }

    /// The bits of some bytes; negative if they are not there.
    private static long bits(Object[] arguments, int width) {
        var offset = Values.number(arguments[1]);
        var array = Values.array(arguments[0]);
        if (array == null || offset != (int) offset || offset < 0 || offset + width > array.size()) return -1;
        var isLittle = arguments.length > 2 && Values.truth(arguments[2]);
        long bits = 0;
        for (int i = 0; i < width; i++) {
            var index = (int) offset + (isLittle ? width - 1 - i : i);
            if (!(Values.inner(array.get(index)) instanceof Double number)) return -1;
            bits = bits << 8 | Operators.int32(number) & 0xff;
        }
        return bits;
    }

    private static Object bitsOf(Object[] arguments) {
        var from = Values.number(arguments[1]);
        var length = Values.number(arguments[2]);
        var number = Values.number(arguments[0]);
        if (!(from >= 0 && length >= 1 && from + length <= 53 && Math.abs(number) < 0x1p53)) return Double.NaN;
        return (double) ((long) number >> (int) from & (1L << (int) length) - 1);
    }

    private static Object hex(Frame frame, String text) {
        frame.makeText(text.length());
        var digits = text.replaceAll("\\s", "");
        frame.makeArray(digits.length() / 2);
        try {
            return new Bytes(HexFormat.of().parseHex(digits));
        } catch (IllegalArgumentException noHex) {
            return Values.UNDEFINED;
        }
    }

    private static Object base64(Frame frame, String text) {
        frame.makeText(text.length());
        try {
            var bytes = Base64.getDecoder().decode(text.strip());
            frame.makeArray(bytes.length);
            return new Bytes(bytes);
        } catch (IllegalArgumentException noBase64) {
            return Values.UNDEFINED;
        }
    }

    private static Object json(Frame frame, String text) {
        frame.makeText(text.length());
        try {
            return Values.of(JSON.readTree(text));
        } catch (JsonProcessingException noJson) {
            return Values.UNDEFINED;
        }
    }

    private static Object wholeNumber(String given, double radix) {
        if (!(radix >= 2 && radix <= 36)) return Double.NaN;
        var base = (int) radix;
        var text = start(given);
        var at = 0;
        var isNegative = text.startsWith("-");
        if (isNegative || text.startsWith("+")) at++;
        if (base == 16 && text.regionMatches(true, at, "0x", 0, 2)) at += 2;
        var first = at;
        double number = 0;
        while (at < text.length() && text.charAt(at) < 128 && Character.digit(text.charAt(at), base) >= 0) {
            number = number * base + Character.digit(text.charAt(at++), base);
        }
        return at == first ? Double.NaN : isNegative ? -number : number;
    }

    private static Object floatingNumber(String given) {
        var text = start(given);
        var number = NUMBER_AT_START.matcher(text);
        if (number.lookingAt()) return Double.parseDouble(number.group());
        if (text.startsWith("Infinity") || text.startsWith("+Infinity")) return Double.POSITIVE_INFINITY;
        return text.startsWith("-Infinity") ? Double.NEGATIVE_INFINITY : Double.NaN;
    }

    /// As much of a text as a number may take.
    private static String start(String text) {
        return Values.trimmed(text.substring(0, Math.min(text.length(), LONGEST_NUMBER)));
    }
}
