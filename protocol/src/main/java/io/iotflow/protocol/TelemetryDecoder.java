package io.iotflow.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.iotflow.protocol.PayloadException.Fault;
import java.io.IOException;
import java.io.StringWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads a JSON telemetry message in any of its shapes:
/// ```json
/// {"data":{"temperature":23.5,"door":{"open":true}}, "metadata":{"site":"A"}, "timestamp":"2026-01-01T00:00:00Z"}
/// {"metrics":{"temperature":23.5}, "timestamp":1767225600000}
/// {"values":{"temperature":23.5}, "ts":1767225600000}
/// {"temperature":23.5, "humidity":65}
/// [{"ts":1767225600000,"values":{"temperature":23.5}}, {"temperature":23.6}]
/// ```
/// Nested objects become dotted names, arrays become text, nulls are no value. Beside `data`, `metrics` or `values`
/// other fields of the envelope are not metrics. All or nothing: one bad field refuses the message, and every bad field
/// is named. Safe for many threads.
public final class TelemetryDecoder {
    private static final Set<String> ENVELOPE =
            Set.of("metadata", "device_id", "deviceId", "api_key", "message_id");
    private static final int FAULTS_NAMED = 20;

    private final JsonFactory json;
    private final TelemetryLimits limits;
    private final Set<String> envelope;

    public TelemetryDecoder(TelemetryLimits limits) {
        this(limits, Set.of());
    }

    /// @param moreEnvelope further fields that are not metrics
    public TelemetryDecoder(TelemetryLimits limits, Set<String> moreEnvelope) {
        this.limits = limits;
        envelope = new HashSet<>(ENVELOPE);
        envelope.addAll(moreEnvelope);
        json = new JsonFactoryBuilder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(32).maxNumberLength(100).maxStringLength(limits.payloadBytes())
                        .maxNameLength(1_000).build())
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
        try (var parser = json.createParser(bytes, offset, length)) {
            var message = new Message(parser, received);
            message.read();
            return message.result();
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw PayloadException.malformed("the JSON cannot be read"
                    + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr())
                    + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw PayloadException.malformed("the text cannot be read: " + e.getMessage());
        }
    }

    /// One message while it is read.
    private final class Message {
        private final JsonParser parser;
        private final Instant received;
        private final long receivedMicros;
        private final List<Measurement> measurements = new ArrayList<>(8);
        private final List<Fault> faults = new ArrayList<>(0);
        private final List<String> names = new ArrayList<>(8);
        private final List<Value> values = new ArrayList<>(8);
        private int records;

        Message(JsonParser parser, Instant received) {
            this.parser = parser;
            this.received = received;
            receivedMicros = Timestamps.micros(received);
        }

        void read() throws IOException, PayloadException {
            switch (parser.nextToken()) {
                case START_OBJECT -> record();
                case START_ARRAY -> {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        if (parser.currentToken() != JsonToken.START_OBJECT) {
                            throw PayloadException.malformed("the array's elements must be objects, not "
                                    + parser.currentToken());
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
            names.clear();
            values.clear();
            var time = receivedMicros;
            var wrapped = false;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                var name = parser.currentName();
                var token = parser.nextToken();
                if (isTime(name)) {
                    time = time(name, token);
                } else if (envelope.contains(name)) {
                    parser.skipChildren();
                } else if (token == JsonToken.START_OBJECT && isWrapper(name)) {
                    if (!wrapped) {
                        names.clear(); // what stood before it is envelope
                        values.clear();
                    }
                    wrapped = true;
                    object("", 1);
                } else if (wrapped) {
                    parser.skipChildren();
                } else {
                    value(name, token, 1);
                }
            }
            for (int i = 0; i < names.size(); i++) measurements.add(new Measurement(names.get(i), time, values.get(i)));
        }

        private void object(String prefix, int depth) throws IOException, PayloadException {
            if (depth > TelemetryLimits.DEPTH) {
                throw PayloadException.tooLarge("objects are nested deeper than " + TelemetryLimits.DEPTH + " levels");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                var name = parser.currentName();
                value(prefix.isEmpty() ? name : prefix + '.' + name, parser.nextToken(), depth);
            }
        }

        private void value(String name, JsonToken token, int depth) throws IOException, PayloadException {
            switch (token) {
                case VALUE_NUMBER_INT -> whole(name);
                case VALUE_NUMBER_FLOAT -> real(name, parser.getDoubleValue());
                case VALUE_TRUE -> add(name, new Value.Flag(true));
                case VALUE_FALSE -> add(name, new Value.Flag(false));
                case VALUE_STRING -> text(name, parser.getText());
                case VALUE_NULL -> { }
                case START_OBJECT -> object(name, depth + 1);
                case START_ARRAY -> text(name, rawStructure());
                default -> throw new IllegalStateException("BUG: a value cannot be " + token);
            }
        }

        private void whole(String name) throws IOException, PayloadException {
            switch (parser.getNumberType()) {
                case INT, LONG -> add(name, new Value.Whole(parser.getLongValue()));
                default -> real(name, parser.getDoubleValue());
            }
        }

        private void real(String name, double number) throws PayloadException {
            if (Double.isFinite(number)) add(name, new Value.Real(number));
            else fault(name, "is beyond the range of a double; send a finite number");
        }

        private void text(String name, String text) throws PayloadException {
            if (text.length() > limits.textChars()) {
                fault(name, "has " + text.length() + " characters; " + limits.textChars() + " are allowed");
            } else {
                add(name, new Value.Text(text));
            }
        }

        private void add(String name, Value value) throws PayloadException {
            if (!MetricName.isValid(name)) {
                fault(name.length() > 40 ? name.substring(0, 40) + "…" : name, MetricName.RULE);
                return;
            }
            if (names.size() >= limits.metricsPerRecord()) {
                throw PayloadException.tooLarge("a record may have " + limits.metricsPerRecord()
                        + " metrics. Send the rest in a second message");
            }
            names.add(name);
            values.add(value);
        }

        private void fault(String field, String detail) throws PayloadException {
            faults.add(new Fault(field, detail));
            if (faults.size() >= FAULTS_NAMED) throw PayloadException.invalid(faults);
        }

        private String rawStructure() throws IOException {
            var text = new StringWriter();
            try (var generator = json.createGenerator(text)) {
                generator.copyCurrentStructure(parser);
            }
            return text.toString();
        }

        private long time(String name, JsonToken token) throws IOException, PayloadException {
            try {
                var time = switch (token) {
                    case VALUE_NUMBER_INT -> Timestamps.epochMicros(parser.getLongValue());
                    case VALUE_NUMBER_FLOAT -> Timestamps.epochMicros(parser.getDecimalValue());
                    case VALUE_STRING -> Timestamps.micros(Timestamps.parse(parser.getText(), received));
                    case VALUE_NULL -> receivedMicros;
                    default -> throw new DateTimeException("must be a number or a text");
                };
                if (time > receivedMicros + limits.ahead().toNanos() / 1_000) {
                    fault(name, "is more than " + limits.ahead().toMinutes() + " minutes ahead of the server's clock ("
                            + received + "); check the device's clock");
                } else if (time < 0) {
                    fault(name, "is before 1970; check the device's clock");
                }
                return time;
            } catch (DateTimeException | ArithmeticException | JsonProcessingException e) {
                fault(name, e instanceof DateTimeException ? e.getMessage() : "is out of range");
                parser.skipChildren();
                return receivedMicros;
            }
        }

        private static boolean isTime(String name) {
            return name.equals("timestamp") || name.equals("ts") || name.equals("time");
        }

        private static boolean isWrapper(String name) {
            return name.equals("data") || name.equals("metrics") || name.equals("values");
        }
    }
}
