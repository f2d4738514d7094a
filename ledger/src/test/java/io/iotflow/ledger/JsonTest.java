package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void check(String input, String canonical) {
        var written = Json.parse(utf8(input)).canonical();
        assertThat(new String(written, StandardCharsets.UTF_8)).as(input).isEqualTo(canonical);
        assertThat(Json.parseCanonical(written)).isEqualTo(Json.parse(utf8(input)));
    }

    private static void checkNumber(long bits, String expected) {
        assertThat(JsonWriter.number(Double.longBitsToDouble(bits))).isEqualTo(expected);
    }

    @Test
    void runsInAnOddLocale() {
        assertThat(Locale.getDefault()).isEqualTo(Locale.of("tr", "TR"));
    }

    /// RFC 8785, section 3.2.2.
    @Test
    void theExampleOfTheStandardComesOutAsThere() {
        check("""
                {
                  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                  "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
                  "literals": [null, true, false]
                }""", "{\"literals\":[null,true,false],"
                + "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                + "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    }

    /// RFC 8785, section 3.2.3: by UTF-16 code units, in which an emoji comes before U+FB33.
    @Test
    void namesAreSortedByTheirCodeUnits() {
        check("""
                {"\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh",
                 "1": "One", "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control",
                 "\\u00f6": "Latin Small Letter O With Diaeresis"}""",
                "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                + "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
                + "\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
        var reversed = new TreeMap<String, Json>(java.util.Comparator.reverseOrder());
        reversed.put("a", new Json.Null());
        reversed.put("b", new Json.Null());
        assertThat(new Json.Fields((java.util.SortedMap<String, Json>) reversed).canonical())
                .isEqualTo(utf8("{\"a\":null,\"b\":null}"));
    }

    /// RFC 8785, appendix B.
    @Test
    void numbersAreWrittenAsEcmaScriptWritesThem() {
        checkNumber(0x0000000000000000L, "0");
        checkNumber(0x8000000000000000L, "0");
        checkNumber(0x0000000000000001L, "5e-324");
        checkNumber(0x8000000000000001L, "-5e-324");
        checkNumber(0x7fefffffffffffffL, "1.7976931348623157e+308");
        checkNumber(0xffefffffffffffffL, "-1.7976931348623157e+308");
        checkNumber(0x4340000000000000L, "9007199254740992");
        checkNumber(0xc340000000000000L, "-9007199254740992");
        checkNumber(0x4430000000000000L, "295147905179352830000");
        checkNumber(0x44b52d02c7e14af5L, "9.999999999999997e+22");
        checkNumber(0x44b52d02c7e14af6L, "1e+23");
        checkNumber(0x44b52d02c7e14af7L, "1.0000000000000001e+23");
        checkNumber(0x444b1ae4d6e2ef4eL, "999999999999999700000");
        checkNumber(0x444b1ae4d6e2ef4fL, "999999999999999900000");
        checkNumber(0x444b1ae4d6e2ef50L, "1e+21");
        checkNumber(0x3eb0c6f7a0b5ed8cL, "9.999999999999997e-7");
        checkNumber(0x3eb0c6f7a0b5ed8dL, "0.000001");
        checkNumber(0x41b3de4355555553L, "333333333.3333332");
        checkNumber(0x41b3de4355555554L, "333333333.33333325");
        checkNumber(0x41b3de4355555555L, "333333333.3333333");
        checkNumber(0x41b3de4355555556L, "333333333.3333334");
        checkNumber(0x41b3de4355555557L, "333333333.33333343");
        checkNumber(0xbecbf647612f3696L, "-0.0000033333333333333333");
        checkNumber(0x43143ff3c1cb0959L, "1424953923781206.2");
    }

    @Test
    void theSmallestNumbersHaveTheFewestDigits() {
        checkNumber(2, "1e-323");
        checkNumber(3, "1.5e-323");
        checkNumber(4, "2e-323");
        checkNumber(0x000fffffffffffffL, "2.225073858507201e-308");
        checkNumber(0x0010000000000000L, "2.2250738585072014e-308");
        check("1e-7", "1e-7");
        check("0.000001", "0.000001");
        check("123e-20", "1.23e-18");
        check("1.0E+2", "100");
        check("-0", "0");
        check("-0.0", "0");
        check("1e21", "1e+21");
        check("0.1", "0.1");
        check("-123.456", "-123.456");
        check("2E23", "2e+23");
        check("9007199254740991", "9007199254740991");
        check("-9007199254740991", "-9007199254740991");
        check("999999999999999", "999999999999999");
        check("2251799813685249.5", "2251799813685249.5");
    }

    @Test
    void whateverIsWrittenReadsAsTheSameNumber() {
        var random = new Random(8785);
        for (int n = 0; n < 200_000; n++) {
            var bits = n % 2 == 0 ? random.nextLong() : random.nextLong() >>> random.nextInt(64);
            var number = Double.longBitsToDouble(bits);
            if (!Double.isFinite(number)) continue;
            var text = JsonWriter.number(number);
            assertThat(Double.parseDouble(text)).as(text).isEqualTo(number + 0.0);
            assertThat(text.length()).isLessThanOrEqualTo(25);
        }
    }

    @Test
    void wholeNumbersThatADoubleDoesNotHoldAreRefused() {
        for (var text : List.of("9007199254740992", "9007199254740993", "-9007199254740992", "18446744073709551615",
                "100000000000000000000", "1e20", "9.007199254740993e15")) {
            assertThatIllegalArgumentException().isThrownBy(() -> Json.parse(utf8(text))).withMessageContaining("2^53");
        }
        for (var number : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 0x1p53, -0x1p60}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Json.Numeral(number));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Json.parse(utf8("1e309")));
    }

    @Test
    void textsKeepEveryCharacterAndEscapeFew() {
        check("\"\\u0000\\u001f\\u007f\\u2028\\b\\f\\n\\r\\t\\/\"", "\"\\u0000\\u001f\u007f\u2028\\b\\f\\n\\r\\t/\"");
        check("\"\\uD83D\\uDE00\"", "\"\ud83d\ude00\"");
        check("\"\ufffd\"", "\"\ufffd\"");
        check(" [ ] ", "[]");
        check("{ }", "{}");
        check("\t{\"a\" : [ 1 , {\"b\":\"\"} ]\r\n}", "{\"a\":[1,{\"b\":\"\"}]}");
    }

    @Test
    void refusesWhatIsNotJson() {
        for (var text : List.of("", " ", "{", "[", "\"", "\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
                "{\"a\":1,}", "[1,]", "[,1]", "[1 2]", "{,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{1:1}", "tru", "True",
                "nul", "nil", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+", "0x10",
                "1_000", "1 1", "[] []", "{} x", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
                "\"\\u\u0661\u0661\u0661\u0661\"", "\"\t\"", "\"\n\"", "\"a\\n\n\"", "\u0661", "\ufeff1", "//\n1",
                "1/**/", "[1;2]", "\u00a01", "\"\0\"", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "\"\\ud83d\"",
                "\"\\ude00\"", "\"\\ude00\\ud83d\"", "\"\\ud83dx\"", "{\"\\ud83d\":1}", "1" + "0".repeat(128))) {
            assertThatThrownBy(() -> Json.parse(utf8(text))).as(text).isInstanceOf(IllegalArgumentException.class);
        }
        for (var bytes : new byte[][] {{(byte) 0x80}, {'"', (byte) 0xc0, (byte) 0x80, '"'}, {'"', (byte) 0xff, '"'},
            {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}, {'"', (byte) 0xe2, (byte) 0x82, '"'}}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Json.parse(bytes)).withMessageContaining("UTF-8");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new Json.Text("\ud800"));
    }

    @Test
    void whatIsEqualInAnotherFormIsNotCanonical() {
        for (var text : List.of(" 1", "1 ", "1.0", "1e0", "-0", "{\"b\":1,\"a\":1}", "[1, 2]", "\"\\u0041\"", "\"\\/\"",
                "\"\\u000A\"", "1E30", "1e30", "0.0000001", "\"\\u007f\"")) {
            Json.parse(utf8(text));
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> Json.parseCanonical(utf8(text)))
                    .withMessage("is not canonical JSON");
        }
    }

    @Test
    void nestingAndLengthAreBounded() {
        check("[".repeat(100) + "]".repeat(100), "[".repeat(100) + "]".repeat(100));
        for (var text : List.of("[".repeat(101) + "]".repeat(101), "[".repeat(500_000), "{\"a\":".repeat(100_000))) {
            assertThatIllegalArgumentException().isThrownBy(() -> Json.parse(utf8(text)))
                    .withMessage("is nested too deeply");
        }
        Json deep = new Json.Null();
        for (int i = 0; i < 100; i++) deep = new Json.Array(List.of(deep));
        assertThatIllegalArgumentException().isThrownBy(deep::canonical).withMessage("is nested too deeply");
        assertThatIllegalArgumentException().isThrownBy(() -> Json.parse(new byte[(512 << 10) + 1]))
                .withMessageContaining("too long");
    }

    @Test
    void noBytesFailOtherwise() {
        var random = new Random(7);
        var seed = utf8("{\"a\":[1.5e-3,\"\\ud83d\\ude00\\n\u20ac\",{\"b\":null}],\"c\":true}");
        for (int n = 0; n < 100_000; n++) {
            var bytes = seed.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = n % 2 == 0 ? (byte) random.nextInt()
                        : seed[random.nextInt(seed.length)];
            }
            try {
                var json = Json.parse(bytes);
                assertThat(Json.parseCanonical(json.canonical())).isEqualTo(json);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageMatching("(is|has|a) .*");
            }
        }
    }
}
