package io.iotflow.ledger;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A JSON value that has one canonical form (RFC 8785, JCS): the same bytes whoever writes it, so that a hash of it
/// means something. Values without such a form cannot be made: duplicate names, lone surrogates, numbers that are not
/// finite, and whole numbers that a double does not hold exactly.
public sealed interface Json {

    record Null() implements Json {}

    record Flag(boolean on) implements Json {}

    /// A double, as JCS has all numbers. Minus zero is zero.
    ///
    /// @param value finite; from 2^53 to 10^21, where canonical JSON writes all digits but a double does not hold them,
    ///              it is refused
    record Numeral(double value) implements Json {
        private static final double EXACT_BELOW = 0x1p53;
        private static final double WRITTEN_OUT_BELOW = 1e21;

        public Numeral {
            if (!Double.isFinite(value)) throw new IllegalArgumentException("a number must be finite");
            var magnitude = Math.abs(value);
            if (magnitude >= EXACT_BELOW && magnitude < WRITTEN_OUT_BELOW) {
                throw new IllegalArgumentException("a whole number of 2^53 or more is not exact: send it as text");
            }
            value += 0.0;
        }
    }

    /// @param value without lone surrogates, which have no UTF-8
    record Text(String value) implements Json {
        public Text {
            requireWellFormed(value);
        }
    }

    record Array(List<Json> items) implements Json {
        public Array {
            items = List.copyOf(items);
        }
    }

    /// An object. Its fields are in canonical order, that of their names' UTF-16 code units.
    record Fields(SortedMap<String, Json> values) implements Json {
        public static final Fields NONE = new Fields(Map.of());

        public Fields {
            values.keySet().forEach(Json::requireWellFormed);
            var sorted = new TreeMap<String, Json>();
            sorted.putAll(values);
            if (sorted.containsValue(null)) throw new IllegalArgumentException("a field without a value");
            values = Collections.unmodifiableSortedMap(sorted);
        }

        public Fields(Map<String, Json> values) {
            this((SortedMap<String, Json>) new TreeMap<>(values));
        }

        public boolean isEmpty() {
            return values.isEmpty();
        }
    }

    /// Reads any JSON, canonical or not.
    ///
    /// @throws IllegalArgumentException if it is not JSON in UTF-8, has no canonical form, or is beyond the limits
    static Json parse(byte[] utf8) {
        return new JsonReader(utf8).document();
    }

    /// Reads canonical JSON only: writing the value again gives the same bytes.
    ///
    /// @throws IllegalArgumentException as [#parse], or if it is JSON in another form
    static Json parseCanonical(byte[] utf8) {
        var json = parse(utf8);
        if (!Arrays.equals(json.canonical(), utf8)) throw new IllegalArgumentException("is not canonical JSON");
        return json;
    }

    /// The canonical form, in UTF-8.
    ///
    /// @throws IllegalArgumentException if it is nested too deeply
    default byte[] canonical() {
        return JsonWriter.text(this).getBytes(StandardCharsets.UTF_8);
    }

    private static void requireWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isSurrogate(text.charAt(i))) continue;
            if (!Character.isHighSurrogate(text.charAt(i)) || i + 1 == text.length()
                    || !Character.isLowSurrogate(text.charAt(i + 1))) {
                throw new IllegalArgumentException("a text holds half a character (a lone surrogate)");
            }
            i++;
        }
    }
}
