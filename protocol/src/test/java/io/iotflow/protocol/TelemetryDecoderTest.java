package io.iotflow.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.iotflow.protocol.PayloadException.Fault;
import io.iotflow.protocol.PayloadException.Reason;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Example;

class TelemetryDecoderTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String Y2026 = "2026-01-01T00:00:00Z";
    private static final TelemetryLimits SMALL = new TelemetryLimits(2_000, 20, 3, 10, Duration.ofMinutes(10));

    private final TelemetryDecoder decoder = new TelemetryDecoder(TelemetryLimits.STANDARD);
    private final TelemetryDecoder small = new TelemetryDecoder(SMALL, Set.of("device"));

    /// A measurement on a line: the name, the kind and value, and the time unless it is that of receipt.
    private static String shown(List<Measurement> measurements) {
        return measurements.stream().map(m -> m.metric() + "=" + switch (m.value()) {
            case Value.Real(var number) -> number;
            case Value.Whole(var number) -> number;
            case Value.Flag(var on) -> on;
            case Value.Text(var text) -> "'" + text + "'";
            case Value.Sealed _ -> throw new AssertionError("a device sends none");
        } + (m.timeMicros() == Timestamps.micros(NOW) ? "" : "@" + Timestamps.ofMicros(m.timeMicros())))
                .collect(Collectors.joining(" "));
    }

    private static List<Measurement> decode(TelemetryDecoder decoder, byte[] bytes) throws PayloadException {
        return decoder.decode(bytes, 0, bytes.length, NOW);
    }

    private void check(String json, String expected) throws PayloadException {
        assertThat(shown(decode(decoder, json.getBytes(StandardCharsets.UTF_8)))).as(json).isEqualTo(expected);
    }

    private static PayloadException refusal(TelemetryDecoder decoder, byte[] bytes) {
        var refusal = catchThrowableOfType(PayloadException.class, () -> decode(decoder, bytes));
        assertThat(refusal).as(new String(bytes, StandardCharsets.UTF_8)).isNotNull();
        return refusal;
    }

    private static void refuses(TelemetryDecoder decoder, String json, Reason reason, String message) {
        var refusal = refusal(decoder, json.getBytes(StandardCharsets.UTF_8));
        assertThat(refusal.reason()).as(json).isEqualTo(reason);
        assertThat(refusal).as(json).hasMessageStartingWith(message);
        assertThat(refusal.getMessage()).doesNotContain("Source", "Feature", "enable", "Constraints");
        assertThat(refusal.faults().isEmpty()).isEqualTo(reason != Reason.INVALID);
    }

    private void malformed(String json, String message) {
        refuses(decoder, json, Reason.MALFORMED, message);
    }

    private void invalid(String json, String message) {
        refuses(decoder, json, Reason.INVALID, message);
    }

    private void faults(String json, String... fields) {
        var refusal = refusal(decoder, json.getBytes(StandardCharsets.UTF_8));
        assertThat(refusal.faults()).as(json).extracting(Fault::field).containsExactly(fields);
    }

    @Example
    void readsEveryShape() throws PayloadException {
        check("""
                {"data":{"temperature":23.5,"door":{"open":true}}, "metadata":{"site":"A"},
                 "timestamp":"2026-01-01T00:00:00Z"}
                """, "temperature=23.5@" + Y2026 + " door.open=true@" + Y2026);
        check("{\"metrics\":{\"temperature\":23.5}, \"timestamp\":1767225600000}", "temperature=23.5@" + Y2026);
        check("{\"values\":{\"temperature\":23.5}, \"ts\":1767225600000}", "temperature=23.5@" + Y2026);
        check("{\"temperature\":23.5, \"humidity\":65}", "temperature=23.5 humidity=65");
        check("[{\"ts\":1767225600000,\"values\":{\"temperature\":23.5}}, {\"temperature\":23.6}]",
                "temperature=23.5@" + Y2026 + " temperature=23.6");
    }

    @Example
    void readsMixtures() throws PayloadException {
        check("{\"data\":{\"a\":1},\"metrics\":{\"b\":2},\"values\":{\"c\":3}}", "a=1 b=2 c=3");
        check("{\"b\":1,\"data\":{\"a\":1},\"c\":2}", "a=1");
        check("{\"data\":5,\"values\":\"x\",\"a\":1}", "data=5 values='x' a=1");
        check("{\"data\":[1,2]}", "data='[1,2]'");
        check("{\"data\":null,\"a\":1}", "a=1");
        check("{\"data\":{\"ts\":7,\"data\":{\"x\":1},\"metadata\":{\"y\":2}}}", "ts=7 data.x=1 metadata.y=2");
        check("{\"a\":{\"ts\":7}}", "a.ts=7");
        check("[{},{\"a\":1},{\"data\":{}}]", "a=1");
        check("[{\"a\":1,\"ts\":1767225600},{\"a\":2},{\"time\":1767225601,\"a\":3}]",
                "a=1@" + Y2026 + " a=2 a=3@2026-01-01T00:00:01Z");
        check("{\"device_id\":1,\"deviceId\":\"x\",\"api_key\":[1],\"message_id\":{\"a\":{}},\"metadata\":0,\"a\":1}",
                "a=1");
        assertThat(shown(decode(small, "{\"device\":7,\"a\":1}".getBytes(StandardCharsets.UTF_8)))).isEqualTo("a=1");
        check("{\"device\":7}", "device=7");
    }

    @Example
    void whatStandsBesideAWrapperIsNoMetricWhereverItStands() throws PayloadException {
        for (var beside : new String[] {"\"bad name\":1", "\"x\":1e999", "\"x\":\"" + "y".repeat(20_000) + "\"",
            "\"x\":1,\"x\":2", "\"x\":" + "{\"n\":".repeat(12) + "1" + "}".repeat(12), "\"a\":9",
            IntStream.range(0, 600).mapToObj(i -> "\"m" + i + "\":1").collect(Collectors.joining(","))}) {
            check("{" + beside + ",\"data\":{\"a\":1}}", "a=1");
            check("{\"data\":{\"a\":1}," + beside + "}", "a=1");
        }
        var names = IntStream.range(0, 30).mapToObj(i -> "\"? " + i + "\":1,").collect(Collectors.joining());
        faults("{" + names + "\"ts\":-1,\"data\":{\"a\":1}}", "ts");
    }

    @Example
    void nestedObjectsBecomeDottedNamesAndArraysText() throws PayloadException {
        check("{\"a\":{\"b\":{\"c\":1},\"d\":2},\"e\":3}", "a.b.c=1 a.d=2 e=3");
        check("{\"\":{\"a\":1}}", ".a=1");
        check("{\"a\":{},\"b\":1}", "b=1");
        check("{\"a\":[]}", "a='[]'");
        check("{\"a\":[1.10, 1e999,{\"x\":[null]},\"ü\\ud800\"],\"b\":1}",
                "a='[1.10, 1e999,{\"x\":[null]},\"ü\\ud800\"]' b=1");
        check("{\"a\":{\"b\":null},\"c\":null,\"d\":false}", "d=false");
    }

    @Example
    void theBytesMayBePartOfALargerArray() throws PayloadException {
        var bytes = "###{\"a\":[1,\"ü\"],\"b\":2}###".getBytes(StandardCharsets.UTF_8);
        assertThat(shown(decoder.decode(bytes, 3, bytes.length - 6, NOW))).isEqualTo("a='[1,\"ü\"]' b=2");
    }

    @Example
    void readsNumbers() throws PayloadException {
        check("{\"a\":0,\"b\":-0,\"c\":-0.0,\"d\":1.0,\"e\":1e2}", "a=0 b=0 c=-0.0 d=1.0 e=100.0");
        check("{\"a\":2147483648,\"b\":9223372036854775807,\"c\":-9223372036854775808}",
                "a=2147483648 b=9223372036854775807 c=-9223372036854775808");
        check("{\"a\":9223372036854775808,\"b\":-9223372036854775809}",
                "a=9.223372036854776E18 b=-9.223372036854776E18");
        check("{\"a\":1.7976931348623157e308,\"b\":4.9E-324,\"c\":1e-999}",
                "a=1.7976931348623157E308 b=4.9E-324 c=0.0");
        check("{\"a\":0.1,\"b\":123456789.123456789}", "a=0.1 b=1.2345678912345679E8");
        check("{\"a\":" + "9".repeat(100) + "}", "a=1.0E100");
        invalid("{\"a\":1e999}", "a is beyond the range of a double");
        invalid("{\"x\":{\"a\":-1e999}}", "x.a is beyond the range of a double");
        refuses(decoder, "{\"a\":\n" + "9".repeat(101) + "}", Reason.TOO_LARGE, "the JSON at line 2, column ");
        for (var number : new String[] {"NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "0x10", "1e", "--1"}) {
            malformed("{\"a\":" + number + "}", "the JSON cannot be read at line 1, column ");
        }
    }

    @Example
    void aMetricOrTimeThatIsThereTwiceIsRefused() throws PayloadException {
        invalid("{\"a\":1,\"a\":2}", "a is there twice");
        invalid("{\"a\":{\"b\":1},\"a.b\":\"x\"}", "a.b is there twice");
        invalid("{\"data\":{\"a\":1},\"values\":{\"a\":1}}", "a is there twice");
        var many = IntStream.range(0, 40).mapToObj(i -> "\"m" + i + "\":1").collect(Collectors.joining(","));
        faults("{" + many + ",\"m3\":1,\"m39\":1}", "m3", "m39");
        check("{\"metadata\":{\"a\":1,\"a\":2},\"a\":null,\"a\":3}", "a=3");
        invalid("{\"ts\":1,\"a\":2,\"time\":2}", "time is a second time of the record");
        check("{\"ts\":1767225600,\"a\":2,\"time\":\"2026-01-01\"}", "a=2@" + Y2026);
        check("{\"ts\":1767225600,\"a\":2,\"time\":null}", "a=2@" + Y2026);
    }

    @Example
    void readsTimes() throws PayloadException {
        for (var time : new String[] {"1767225600", "1767225600.0", "1.7672256e9", "1767225600000", "1767225600000000",
            "1767225600000000000", "\"1767225600\"", "\"2026-01-01T00:00:00Z\"", "\"2026-01-01T05:45:00+05:45\"",
            "\"2026-01-01\"", "\"2026-01-01 00:00:00\"", "\"2026-01-01T00:00:00.000Z\""}) {
            check("{\"a\":1,\"ts\":" + time + "}", "a=1@" + Y2026);
        }
        check("{\"ts\":1767225600.123457,\"a\":1}", "a=1@2026-01-01T00:00:00.123457Z");
        check("{\"ts\":\"-1h\",\"a\":1}", "a=1@2026-03-01T11:00:00Z");
        check("{\"ts\":\"now\",\"a\":1}", "a=1");
        check("{\"ts\":0,\"a\":1}", "a=1@1970-01-01T00:00:00Z");
        check("{\"ts\":1e-999999999,\"a\":1}", "a=1@1970-01-01T00:00:00Z");
        check("{\"ts\":\"2026-03-01T12:10:00Z\",\"a\":1}", "a=1@2026-03-01T12:10:00Z");
    }

    @Example
    void refusesAbsurdTimes() {
        invalid("{\"ts\":\"2026-03-01T12:10:00.000001Z\",\"a\":1}", "ts is more than 10 minutes ahead of the server's");
        invalid("{\"time\":1e10,\"a\":1}", "time is more than 10 minutes ahead");
        invalid("{\"timestamp\":\"+999999999-01-01T00:00:00Z\",\"a\":1}", "timestamp is not a time");
        invalid("{\"ts\":-1,\"a\":1}", "ts is before 1970");
        invalid("{\"ts\":\"1969-12-31T23:59:59.999999Z\",\"a\":1}", "ts is before 1970");
        invalid("{\"ts\":\"9999-01-01T00:00:00Z\",\"a\":1}", "ts is in the year 9999");
        invalid("{\"ts\":-9223372036854775808,\"a\":1}", "ts is before 1970");
        invalid("{\"ts\":9223372036854775808,\"a\":1}", "ts is out of range");
        invalid("{\"ts\":1e999,\"a\":1}", "ts is out of range");
        invalid("{\"ts\":1e-99,\"a\":1,\"time\":1e300}", "time is out of range");
        invalid("{\"ts\":\"yesterday\",\"a\":1}", "ts is not a time: send ISO 8601");
        for (var value : new String[] {"true", "{\"a\":{}}", "[1,[2]]"}) {
            invalid("{\"ts\":" + value + ",\"a\":1}", "ts must be a number or a text");
        }
        faults("[{\"a\":1},{\"ts\":true,\"a b\":1,\"c\":{\"d\":1e999}},{\"a\":{\"\":{\"ü\":1}}}]",
                "[1].ts", "[1].a b", "[1].c.d", "[2].a..ü");
    }

    @Example
    void keepsOnlyTimesThatCanBeStoredHoweverFarAheadIsAllowed() throws PayloadException {
        var patient = new TelemetryDecoder(new TelemetryLimits(2_000, 5, 3, 10, Duration.ofSeconds(Long.MAX_VALUE)));
        var last = decode(patient, "{\"a\":1,\"ts\":\"9998-12-31T23:59:59.999999Z\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(last.getFirst().timeMicros()).isEqualTo(TelemetryLimits.END_MICROS - 1);
        refuses(patient, "{\"a\":1,\"ts\":\"9999-01-01\"}", Reason.INVALID, "ts is in the year 9999 or later");
    }

    @Example
    void eachLimitHoldsAtItsEdge() throws PayloadException {
        var twenty = IntStream.range(0, 20).mapToObj(i -> "\"m" + i + "\":1").collect(Collectors.joining(","));
        assertThat(decode(small, ("{" + twenty + "}").getBytes(StandardCharsets.UTF_8))).hasSize(20);
        refuses(small, "{" + twenty + ",\"x\":1}", Reason.TOO_LARGE, "a record may have 20 metrics");
        assertThat(decode(small, "[{\"a\":1},{\"a\":1},{\"a\":1}]".getBytes(StandardCharsets.UTF_8))).hasSize(3);
        refuses(small, "[{\"a\":1},{},{},{}]", Reason.TOO_LARGE, "a message may have 3 records");
        check("{\"" + "n".repeat(128) + "\":1}", "n".repeat(128) + "=1");
        invalid("{\"" + "n".repeat(129) + "\":1}", "n".repeat(40) + "… is no metric name");
        assertThat(decode(small, "{\"a\":\"0123456789\"}".getBytes(StandardCharsets.UTF_8))).hasSize(1);
        refuses(small, "{\"a\":\"0123456789x\"}", Reason.INVALID, "a has 11 characters; 10 are allowed");
        refuses(small, "{\"a\":[1,2,3,4,5]}", Reason.INVALID, "a has 11 characters; 10 are allowed");
        var padded = "{\"a\":1}" + " ".repeat(1_993);
        assertThat(decode(small, padded.getBytes(StandardCharsets.UTF_8))).hasSize(1);
        refuses(small, padded + " ", Reason.TOO_LARGE, "the message has 2001 bytes; 2000 are allowed");
        check("{\"a\":".repeat(8) + "1" + "}".repeat(8), "a.a.a.a.a.a.a.a=1");
        invalid("{\"a\":".repeat(9) + "1" + "}".repeat(9), "a.a.a.a.a.a.a.a is nested deeper than 8 levels");
        refuses(decoder, "{\"a\":" + "[".repeat(32) + "]".repeat(32) + "}", Reason.TOO_LARGE, "the JSON at line 1");
        refuses(decoder, "{\"" + "n".repeat(70_000) + "\":1}", Reason.TOO_LARGE, "the JSON at line 1");
        faults("{" + IntStream.range(0, 99).mapToObj(i -> "\"? " + i + "\":1").collect(Collectors.joining(",")) + "}",
                IntStream.range(0, 20).mapToObj(i -> "? " + i).toArray(String[]::new));
    }

    @Example
    void refusesWhatHasNoValue() {
        for (var json : new String[] {"{}", "[]", "[{}]", "{\"data\":{}}", "{\"a\":null}",
            "{\"ts\":1}", "{\"a\":{}}"}) {
            invalid(json, "metrics are missing");
        }
    }

    @Example
    void malformedJsonIsToldWithItsPlace() {
        malformed("", "the message is empty");
        malformed(" \n", "the message is empty");
        malformed("1", "send a JSON object or an array");
        malformed("null", "send a JSON object or an array");
        malformed("[1]", "the array's elements must be objects; element 0");
        malformed("[{\"a\":1},[]]", "the array's elements must be objects; element 1");
        malformed("{\"a\":1}{\"a\":1}", "there is more after");
        malformed("{\"a\":1", "the JSON cannot be read at line 1, column 7: Unexpected end-of-input");
        malformed("{\"a\":1,\n\"b\" 2}", "the JSON cannot be read at line 2, column 5: ");
        malformed("{\"a\":\"x\ny\"}", "the JSON cannot be read at line 1, column ");
        malformed("{\"ts\":\"x", "the JSON cannot be read at line 1, column ");
        malformed("{\"ts\":\"\\q\"}", "the JSON cannot be read at line 1, column ");
        for (var json : new String[] {"{", "[", "{\"a\"", "{\"a\":}", "{\"a\":1,}", "[{\"a\":1},]", "{'a':1}", "{a:1}",
            "{\"a\":1]", "{\"a\":[1}}", "hello", "{\"a\":tru}", "// x\n{\"a\":1}", "\0", "{\"a\":\"\0\"}",
            "{\"metadata\":{\"x\":]}}", "{\"a\":1}}"}) {
            malformed(json, "the JSON cannot be read at line ");
        }
    }

    @Example
    void onlyUtf8IsText() throws PayloadException {
        check("{\"a\":\"ıİ€😀\\u00e4\\ud83d\\ude00\"}", "a='ıİ€😀ä😀'");
        check("{\"a\":\"x\\u0000y\"}", "a='x\0y'");
        for (var charset : new String[] {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"}) {
            var refusal = refusal(decoder, "{\"a\":1}".getBytes(Charset.forName(charset)));
            assertThat(refusal.reason()).as(charset).isEqualTo(Reason.MALFORMED);
        }
        // a byte alone, a continuation alone, overlong, a surrogate, beyond the last code point, cut off
        for (var bytes : new String[] {"\u00ff", "\u0080", "\u00c1\u0081", "\u00ed\u00a0\u0080",
            "\u00f4\u0090\u0080\u0080",
            "\u00e2\u0082"}) {
            for (var json : new String[] {"{\"a\":\"%\"}", "{\"%\":1}", "{\"metadata\":\"%\",\"a\":1}",
                "{\"a\":[\"%\"]}"}) {
                var refusal = refusal(decoder, json.replace("%", bytes).getBytes(StandardCharsets.ISO_8859_1));
                assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED);
                assertThat(refusal).hasMessage("the text is not UTF-8 at byte " + (json.indexOf('%') + 1));
            }
        }
    }

    @Example
    void halfASurrogatePairIsRefused() {
        for (var text : new String[] {"\\ud800", "\\udc00", "x\\ud83dx", "\\ude00\\ud83d", "\\ud83d\\ud83d\\ude00"}) {
            invalid("{\"a\":\"" + text + "\"}", "a has half a surrogate pair");
        }
        malformed("{\"\\ud800\":1}", "the JSON cannot be read at line 1, column ");
        invalid("{\"a\\n\\u0000\":1}", "a\ufffd\ufffd is no metric name");
        invalid("{\"\":1}", "\"\" is no metric name");
    }
}
