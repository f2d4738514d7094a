package io.iotflow.server.processing;

import com.fasterxml.jackson.core.JsonGenerator;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.PayloadException;
import io.iotflow.protocol.TelemetryDecoder;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.http.Json;
import io.iotflow.server.language.EvaluationException;
import io.iotflow.server.language.Expression;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Makes measurements of what an expression has made of a payload: its result is read like a message in JSON, so that
/// whatever a device could send an expression can say, times and several records included.
final class Decoder {
    private static final TelemetryDecoder TELEMETRY = new TelemetryDecoder(TelemetryLimits.STANDARD);
    /// Greater whole numbers are not exact in JavaScript, so nothing is lost by writing them as they are.
    private static final double EXACT = 1L << 53;

    /// As many cost one step.
    private static final int CHARACTERS = 16;
    private static final int LARGEST = TelemetryLimits.STANDARD.payloadBytes();

    private Decoder() {}

    /// Why there are no measurements.
    static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        Fault(String message) {
            super(message, null, false, false);
        }
    }

    /// @param timeMicros the time of what names none
    static List<Measurement> decode(Expression expression, RecordSurroundings surroundings, long timeMicros)
            throws Fault {
        try {
            var result = expression.value(surroundings);
            if (!(result instanceof Map<?, ?>) && !(result instanceof List<?>)) {
                throw new Fault("gives " + (result == null ? "nothing" : "no object")
                        + "; return an object such as {temperature: 21.5}");
            }
            var json = json(result, surroundings);
            return TELEMETRY.decode(json, 0, json.length, Timestamps.ofMicros(timeMicros));
        } catch (EvaluationException e) {
            throw new Fault(e.getMessage());
        } catch (PayloadException e) {
            throw new Fault("gives what no device could send: " + e.getMessage());
        }
    }

    private static byte[] json(Object result, RecordSurroundings surroundings) throws Fault {
        var bytes = new Bounded();
        try (var json = Json.mapper().createGenerator(bytes)) {
            write(result, "the result", json);
        } catch (Bounded.Full _) {
            throw new Fault("gives more than " + LARGEST + " bytes, which no device could send");
        } catch (IOException e) {
            throw new IllegalStateException("BUG: memory cannot be written to", e);
        } finally {
            surroundings.spent(bytes.size() / CHARACTERS);
        }
        return bytes.toByteArray();
    }

    /// One text may stand in a result many times: making it has cost one time only, writing it costs each time.
    private static final class Bounded extends ByteArrayOutputStream {
        Bounded() {
            super(128);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            if (size() + length > LARGEST) throw new Full();
            super.write(bytes, offset, length);
        }

        private static final class Full extends RuntimeException {
            private static final long serialVersionUID = 1L;

            Full() {
                super(null, null, false, false);
            }
        }
    }

    private static void write(Object value, String name, JsonGenerator json) throws IOException, Fault {
        switch (value) {
            case null -> json.writeNull();
            case Double number when !Double.isFinite(number) -> throw new Fault("gives a " + name
                    + " that is no number (" + number + ")");
            case Double number when number == Math.rint(number) && Math.abs(number) <= EXACT ->
                    json.writeNumber(number.longValue());
            case Double number -> json.writeNumber(number);
            case Boolean flag -> json.writeBoolean(flag);
            case String text -> json.writeString(text);
            case List<?> list -> {
                json.writeStartArray();
                for (var item : list) write(item, name, json);
                json.writeEndArray();
            }
            case Map<?, ?> map -> {
                json.writeStartObject();
                for (var field : map.entrySet()) {
                    json.writeFieldName(field.getKey().toString());
                    write(field.getValue(), field.getKey().toString(), json);
                }
                json.writeEndObject();
            }
            default -> throw new IllegalStateException("BUG: an expression gives a " + value.getClass());
        }
    }
}
