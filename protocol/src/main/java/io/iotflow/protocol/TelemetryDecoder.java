package io.iotflow.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.iotflow.protocol.PayloadException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Reads a JSON telemetry message in any of its shapes:
/// ```json
/// {"data":{"temperature":23.5,"door":{"open":true}}, "metadata":{"site":"A"}, "timestamp":"2026-01-01T00:00:00Z"}
/// {"metrics":{"temperature":23.5}, "timestamp":1767225600000}
/// {"values":{"temperature":23.5}, "ts":1767225600000}
/// {"temperature":23.5, "humidity":65}
/// [{"ts":1767225600000,"values":{"temperature":23.5}}, {"temperature":23.6}]
/// ```
/// Nested objects become dotted names, arrays become their JSON text as it was sent, nulls are no value. Beside `data`,
/// `metrics` or `values` other fields of the envelope are not metrics, wherever they stand. All or nothing: one bad
/// field refuses the message, and every bad field is named. What could not be kept as it was meant is refused: a metric
/// that is there twice in a record, two different times, half a surrogate pair. Safe for many threads.
public final class TelemetryDecoder {
    private static final Set<String> ENVELOPE =
            Set.of("metadata", "device_id", "deviceId", "api_key", "message_id");
    private static final Set<String> TIMES = Set.of("timestamp", "ts", "time");
    private static final Set<String> WRAPPERS = Set.of("data", "metrics", "values");
    private static final int FAULTS_NAMED = 20;
    private static final int NAME_SHOWN = 40;
    private static final int FEW = 12;

    /// Of the JSON itself, envelope and arrays included.
    private static final int NESTING = 32;
    private static final int NUMBER_CHARACTERS = 100;
    private static final int FIELD_CHARACTERS = 1_000;

    /// What a field of a record is by its name; all others are metrics.
    private enum Role { TIME, WRAPPER, ENVELOPE }

    private final JsonFactory json;
    private final TelemetryLimits limits;
    private final long aheadMicros;
    private final Map<String, Role> roles = new HashMap<>();

    public TelemetryDecoder(TelemetryLimits limits) {
        this(limits, Set.of());
    }

    /// @param moreEnvelope further fields that are not metrics
    public TelemetryDecoder(TelemetryLimits limits, Set<String> moreEnvelope) {
        this.limits = limits;
        aheadMicros = TimeUnit.MICROSECONDS.convert(limits.ahead());
        for (var name : moreEnvelope) roles.put(name, Role.ENVELOPE);
        for (var name : ENVELOPE) roles.put(name, Role.ENVELOPE);
        for (var name : WRAPPERS) roles.put(name, Role.WRAPPER);
        for (var name : TIMES) roles.put(name, Role.TIME);
        json = new JsonFactoryBuilder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(NESTING).maxNumberLength(NUMBER_CHARACTERS)
                        .maxStringLength(limits.payloadBytes()).maxNameLength(FIELD_CHARACTERS).build())
                .build();
    }

    /// Decodes one message.
    ///
    /// @param received the time of records that carry none, and the reference for "too far ahead"
    /// @return at least one measurement, in the order of the message
    public List<Measurement> decode(byte[] bytes, int offset, int length, Instant received) throws PayloadException {
        if (length > limits.payloadBytes()) {
            throw PayloadException.tooLarge("the message has " + length + " bytes; " + limits.payloadBytes()
                    + " are allowed. Send it in parts");
        }
        requireUtf8(bytes, offset, length);
        try (var parser = json.createParser(bytes, offset, length)) {
            var message = new Message(parser, bytes, offset, received);
            try {
                message.read();
            } catch (StreamConstraintsException _) {
                throw PayloadException.tooLarge("the JSON" + place(parser.currentLocation())
                        + " is nested deeper than " + NESTING + " levels, or has a number longer than "
                        + NUMBER_CHARACTERS + " characters or a field's name longer than " + FIELD_CHARACTERS);
            }
            return message.result();
        } catch (JsonProcessingException e) {
            throw PayloadException.malformed("the JSON cannot be read" + place(e.getLocation()) + ": " + reason(e));
        } catch (IOException e) {
            throw PayloadException.malformed("the text cannot be read: " + e.getMessage());
        }
    }

    private static String place(JsonLocation at) {
        return at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    /// The parser's reason without its asides about sources and settings of its own.
    private static String reason(JsonProcessingException e) {
        return e.getOriginalMessage().replaceAll(" \\((start marker|for \\w+ starting) at .*", "")
                .replaceAll(": enable `.*|: maybe a \\(non-standard\\) comment.*", "");
    }

    /// The parser itself lets overlong forms, surrogates and code points beyond the last one pass.
    private static void requireUtf8(byte[] bytes, int offset, int length) throws PayloadException {
        var signs = 0;
        for (int i = offset; i < offset + length; i++) signs |= bytes[i];
        if (signs >= 0) return; // plain ASCII, as nearly always
        var in = ByteBuffer.wrap(bytes, offset, length);
        if (StandardCharsets.UTF_8.newDecoder().decode(in, CharBuffer.allocate(length), true).isError()) {
            throw PayloadException.malformed("the text is not UTF-8 at byte " + (in.position() - offset + 1));
        }
    }

    /// One message while it is read.
    private final class Message {
        private final JsonParser parser;
        private final byte[] bytes;
        private final int offset;
        private final Instant received;
        private final long receivedMicros;
        private final List<Measurement> measurements = new ArrayList<>(8);
        private final List<Fault> faults = new ArrayList<>(0);
        private boolean inArray;
        private int records;

        // Of the record being read: its measurements are those from `start` on.
        private int start;
        private long time;
        private boolean timed;
        private boolean tooMany;
        private final List<Fault> metricFaults = new ArrayList<>(0);
        private final Set<String> names = new HashSet<>(0);

        Message(JsonParser parser, byte[] bytes, int offset, Instant received) {
            this.parser = parser;
            this.bytes = bytes;
            this.offset = offset;
            this.received = received;
            receivedMicros = Timestamps.micros(received);
        }

        void read() throws IOException, PayloadException {
            switch (parser.nextToken()) {
                case START_OBJECT -> record();
                case START_ARRAY -> {
                    inArray = true;
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        if (parser.currentToken() != JsonToken.START_OBJECT) {
                            throw PayloadException.malformed("the array's elements must be objects; element "
                                    + records + " is none");
                        }
                        record();
                    }
                }
                case null -> throw PayloadException.malformed("the message is empty; send a JSON object");
                default -> throw PayloadException.malformed("send a JSON object or an array of objects");
            }
            if (parser.nextToken() != null) throw PayloadException.malformed("there is more after the JSON's end");
        }

        List<Measurement> result() throws PayloadException {
            if (!faults.isEmpty()) throw PayloadException.invalid(faults);
            if (measurements.isEmpty()) {
                throw PayloadException.invalid(List.of(new Fault("metrics", "are missing: the message has no value")));
            }
            return measurements;
        }

        private void record() throws IOException, PayloadException {
            if (++records > limits.recordsPerMessage()) {
                throw PayloadException.tooLarge("a message may have " + limits.recordsPerMessage() + " records");
            }
            start = measurements.size();
            time = receivedMicros;
            timed = false;
            forgetMetrics();
            var wrapped = false;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                var name = parser.currentName();
                var token = parser.nextToken();
                var role = roles.get(name);
                if (role == Role.TIME) {
                    time(name, token);
                } else if (role == Role.ENVELOPE) {
                    parser.skipChildren();
                } else if (role == Role.WRAPPER && token == JsonToken.START_OBJECT) {
                    if (!wrapped) forgetMetrics(); // what stood before it is envelope
                    wrapped = true;
                    object(null, 1);
                } else if (wrapped) {
                    parser.skipChildren();
                } else {
                    value(name, token, 1);
                }
            }
            endRecord();
        }

        private void forgetMetrics() {
            if (measurements.size() > start) measurements.subList(start, measurements.size()).clear();
            if (!metricFaults.isEmpty()) metricFaults.clear();
            if (!names.isEmpty()) names.clear();
            tooMany = false;
        }

        private void endRecord() throws PayloadException {
            if (tooMany) {
                throw PayloadException.tooLarge("a record may have " + limits.metricsPerRecord()
                        + " metrics. Send the rest in a second message");
            }
            if (!metricFaults.isEmpty()) faults.addAll(metricFaults);
            if (faults.size() >= FAULTS_NAMED) throw PayloadException.invalid(faults.subList(0, FAULTS_NAMED));
            for (int i = start; i < measurements.size(); i++) {
                var measurement = measurements.get(i);
                if (measurement.timeMicros() == time) continue;
                measurements.set(i, new Measurement(measurement.metric(), time, measurement.value()));
            }
        }

        private void object(String prefix, int depth) throws IOException {
            if (depth > TelemetryLimits.DEPTH) {
                fault(prefix, "is nested deeper than " + TelemetryLimits.DEPTH + " levels");
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                var name = parser.currentName();
                value(prefix == null ? name : prefix + '.' + name, parser.nextToken(), depth);
            }
        }

        private void value(String name, JsonToken token, int depth) throws IOException {
            switch (token) {
                case VALUE_NUMBER_INT -> whole(name);
                case VALUE_NUMBER_FLOAT -> real(name, parser.getDoubleValue());
                case VALUE_TRUE -> add(name, new Value.Flag(true));
                case VALUE_FALSE -> add(name, new Value.Flag(false));
                case VALUE_STRING -> text(name, parser.getText());
                case VALUE_NULL -> { }
                case START_OBJECT -> object(name, depth + 1);
                case START_ARRAY -> text(name, source());
                default -> throw new IllegalStateException("BUG: a value cannot be " + token);
            }
        }

        private void whole(String name) throws IOException {
            switch (parser.getNumberType()) {
                case INT, LONG -> add(name, new Value.Whole(parser.getLongValue()));
                default -> real(name, parser.getDoubleValue());
            }
        }

        private void real(String name, double number) {
            if (Double.isFinite(number)) add(name, new Value.Real(number));
            else fault(name, "is beyond the range of a double; send a finite number");
        }

        private void text(String name, String text) {
            if (text.length() > limits.textChars()) {
                fault(name, "has " + text.length() + " characters; " + limits.textChars() + " are allowed");
            } else if (!isWellFormed(text)) {
                fault(name, "has half a surrogate pair; send whole characters");
            } else {
                add(name, new Value.Text(text));
            }
        }

        /// The structure that begins here, as it was sent.
        private String source() throws IOException {
            var from = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            var end = (int) parser.currentLocation().getByteOffset();
            return new String(bytes, offset + from, end - from, StandardCharsets.UTF_8);
        }

        private void add(String name, Value value) {
            if (!MetricName.isValid(name)) {
                fault(name, MetricName.RULE);
            } else if (measurements.size() - start >= limits.metricsPerRecord()) {
                tooMany = true;
            } else if (isTwice(name)) {
                fault(name, "is there twice in one record");
            } else {
                measurements.add(new Measurement(name, time, value));
            }
        }

        /// Looks through a few names one by one, which is cheaper than to hash them.
        private boolean isTwice(String name) {
            var count = measurements.size() - start;
            if (count >= FEW) {
                if (names.isEmpty()) {
                    for (int i = start; i < measurements.size(); i++) names.add(measurements.get(i).metric());
                }
                return !names.add(name);
            }
            for (int i = start; i < measurements.size(); i++) {
                if (measurements.get(i).metric().equals(name)) return true;
            }
            return false;
        }

        /// Kept apart until the record has ended, because a wrapper may still make the metrics before it envelope.
        private void fault(String name, String detail) {
            if (metricFaults.size() < FAULTS_NAMED) metricFaults.add(new Fault(path(name), detail));
        }

        private void timeFault(String name, String detail) {
            if (faults.size() < FAULTS_NAMED) faults.add(new Fault(path(name), detail));
        }

        private String path(String name) {
            return inArray ? "[" + (records - 1) + "]." + shown(name) : shown(name);
        }

        private void time(String name, JsonToken token) throws IOException {
            if (token == JsonToken.VALUE_NULL) return;
            try {
                var sent = switch (token) {
                    case VALUE_NUMBER_INT -> Timestamps.epochMicros(parser.getLongValue());
                    case VALUE_NUMBER_FLOAT -> Timestamps.epochMicros(parser.getDoubleValue());
                    case VALUE_STRING -> Timestamps.micros(Timestamps.parse(parser.getText(), received));
                    default -> throw new DateTimeException("must be a number or a text");
                };
                if (sent < TelemetryLimits.EARLIEST_MICROS) {
                    timeFault(name, "is before 1970; check the device's clock");
                } else if (sent >= TelemetryLimits.END_MICROS) {
                    timeFault(name, "is in the year 9999 or later; check the device's clock");
                } else if (sent - receivedMicros > aheadMicros) {
                    timeFault(name, "is more than " + limits.ahead().toMinutes()
                            + " minutes ahead of the server's clock (" + received + "); check the device's clock");
                } else if (timed && sent != time) {
                    timeFault(name, "is a second time of the record, and a different one; send one");
                }
                time = sent;
                timed = true;
            } catch (DateTimeException e) {
                timeFault(name, e.getMessage());
                parser.skipChildren();
            } catch (ArithmeticException | InputCoercionException _) {
                timeFault(name, "is out of range");
            }
        }
    }

    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isSurrogate(text.charAt(i))) continue;
            if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) return false;
            i++;
        }
        return true;
    }

    /// A name as it may stand in a message: short, and without what breaks lines or cannot be encoded.
    private static String shown(String name) {
        var shown = new StringBuilder();
        name.codePoints().limit(NAME_SHOWN)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '\ufffd' : c)
                .forEach(shown::appendCodePoint);
        if (name.codePointCount(0, name.length()) > NAME_SHOWN) shown.append('…');
        return shown.isEmpty() ? "\"\"" : shown.toString();
    }
}
