package io.iotflow.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Whatever arrives is decoded as it was meant or refused by a [PayloadException], soon.
class RandomPayloadsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private final TelemetryDecoder decoder = new TelemetryDecoder(TelemetryLimits.STANDARD);

    private void decodeOrRefuse(byte[] bytes) {
        var start = System.nanoTime();
        try {
            assertThat(decoder.decode(bytes, 0, bytes.length, NOW)).isNotEmpty();
        } catch (PayloadException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Property
    void anyBytesAreDecodedOrRefused(@ForAll byte[] bytes) {
        decodeOrRefuse(bytes);
    }

    @Property
    void mutatedPayloadsAreDecodedOrRefused(@ForAll("messages") String message, @ForAll int place, @ForAll byte other) {
        var bytes = message.getBytes(StandardCharsets.UTF_8);
        bytes[Math.floorMod(place, bytes.length)] = other;
        decodeOrRefuse(bytes);
    }

    @Property
    void objectsBecomeExactlyTheirMeasurements(@ForAll("models") Map<String, Value> model) throws PayloadException {
        var fields = new ArrayList<String>();
        var expected = new ArrayList<Measurement>();
        model.forEach((name, value) -> {
            fields.add('"' + name + "\":{\"x\":" + json(value) + '}');
            expected.add(new Measurement(name + ".x", Timestamps.micros(NOW), value));
        });
        var object = "{" + String.join(",", fields) + "}";
        for (var message : List.of("{\"metrics\":" + object + "}", "[{\"a b\":0,\"data\":" + object + "}]")) {
            var bytes = message.getBytes(StandardCharsets.UTF_8);
            assertThat(decoder.decode(bytes, 0, bytes.length, NOW)).isEqualTo(expected);
        }
    }

    private static String json(Value value) {
        return switch (value) {
            case Value.Real(var number) -> Double.toString(number);
            case Value.Whole(var number) -> Long.toString(number);
            case Value.Sealed _ -> throw new AssertionError("a device sends none");
            case Value.Flag(var on) -> Boolean.toString(on);
            case Value.Text(var text) -> {
                var json = new StringBuilder("\"");
                for (var c : text.toCharArray()) json.append("\\u").append(HexFormat.of().toHexDigits(c));
                yield json.append('"').toString();
            }
        };
    }

    @Provide
    Arbitrary<Map<String, Value>> models() {
        var names = Arbitraries.strings().withChars("abzAZ09_-.:/").ofMinLength(1).ofMaxLength(20);
        Arbitrary<Value> reals = Arbitraries.doubles().map(Value.Real::new);
        Arbitrary<Value> wholes = Arbitraries.longs().map(Value.Whole::new);
        Arbitrary<Value> flags = Arbitraries.of(true, false).map(Value.Flag::new);
        Arbitrary<Value> texts = Arbitraries.strings().withCharRange('\0', '\ud7ff').ofMaxLength(20)
                .map(Value.Text::new);
        return Arbitraries.maps(names, Arbitraries.oneOf(reals, wholes, flags, texts)).ofMinSize(1).ofMaxSize(30);
    }

    @Provide
    Arbitrary<String> messages() {
        return Arbitraries.of(
                "{\"data\":{\"temperature\":23.5,\"door\":{\"open\":true}},\"metadata\":{\"site\":\"ü\"},"
                        + "\"ts\":1767225600}",
                "[{\"ts\":1767225600000,\"values\":{\"t\":23.5e1}},{\"t\":[1,{\"x\":null}],"
                        + "\"time\":\"2026-01-01T00:00:00Z\"}]",
                "{\"a\":-12,\"b\":\"\\ud83d\\ude00\",\"ts\":1.7672256e9}");
    }
}
