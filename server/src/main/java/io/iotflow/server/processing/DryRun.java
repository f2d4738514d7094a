package io.iotflow.server.processing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.protocol.PayloadException;
import io.iotflow.protocol.TelemetryDecoder;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Timestamps;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.InboundMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// Tries a rule on messages that somebody gives, step by step. Nothing is stored, counted or claimed.
final class DryRun {
    private static final TelemetryDecoder DECODER = new TelemetryDecoder(TelemetryLimits.STANDARD);

    /// Characters around one value.
    private static final int PIECE = 64;

    private final ProcessingRule rule;
    private final Device device;
    private final SeriesGuard guard;
    private final Instant now;
    private int recordsLeft = Limits.PROCESSING_TEST_RECORDS;
    private int charactersLeft = Limits.PROCESSING_TEST_CHARACTERS;

    /// @param device whose messages they would be
    DryRun(ProcessingRule rule, Device device, SeriesGuard guard, Instant now) {
        this.rule = rule;
        this.device = device;
        this.guard = guard;
        this.now = now;
    }

    /// What is to be tried: `messages`, as a device would send them; or one payload that is no JSON, as `payload` if it
    /// is text, else as `payload_hex`.
    record Wish(List<byte[]> messages, boolean isPayload) {
        static Wish of(JsonNode body) {
            if (body.path("payload").isTextual()) {
                return new Wish(List.of(body.path("payload").textValue().getBytes(StandardCharsets.UTF_8)), true);
            }
            if (body.has("payload_hex")) return new Wish(List.of(bytes(body.path("payload_hex"))), true);
            var messages = body.path("messages");
            if (!messages.isArray() || messages.isEmpty() || messages.size() > Limits.PROCESSING_TEST_MESSAGES) {
                throw PlatformException.invalid("messages", "must be a list of 1 to "
                        + Limits.PROCESSING_TEST_MESSAGES + " messages, each as a device would send it; or send a "
                        + "payload that is no JSON as payload or payload_hex");
            }
            return new Wish(messages.valueStream().map(message -> message.toString()
                    .getBytes(StandardCharsets.UTF_8)).toList(), false);
        }

        private static byte[] bytes(JsonNode hex) {
            try {
                return HexFormat.of().parseHex(hex.isTextual() ? hex.textValue().replace(" ", "") : "?");
            } catch (IllegalArgumentException _) {
                throw PlatformException.invalid("payload_hex", "must be pairs of hexadecimal digits");
            }
        }
    }

    ArrayNode run(Wish wish) {
        var answer = Json.mapper().createArrayNode();
        for (var message : wish.messages()) run(message, wish.isPayload(), answer.addObject());
        return answer;
    }

    private void run(byte[] message, boolean isPayload, ObjectNode into) {
        var faults = new Faults(new LongAdder());
        var plan = DevicePlan.of(rule, faults, device, guard);
        var records = into.putArray("records");
        try {
            var measurements = isPayload ? plan.decode(new InboundMessage(device.id(), device.organization(),
                    Kind.TELEMETRY, message), Timestamps.micros(now)) : DECODER.decode(message, 0, message.length, now);
            if (measurements.isEmpty()) into.put("refused", "nothing could be made of the payload");
            var budget = new Budget();
            for (int start = 0, end; start < measurements.size(); start = end) {
                end = DevicePlan.endOfRecord(measurements, start);
                if (--recordsLeft < 0) throw tooMuch("records than " + Limits.PROCESSING_TEST_RECORDS);
                record(plan.work(measurements.subList(start, end), budget), plan, records.addObject());
            }
        } catch (PayloadException e) {
            into.put("refused", e.getMessage());
        }
        into.put("faults", faults.count());
        if (faults.count() > 0) into.put("last_fault", faults.last());
    }

    private static PlatformException tooMuch(String what) {
        return PlatformException.invalid("messages", "would need more " + what + "; try fewer messages or records");
    }

    private void record(Work work, DevicePlan plan, ObjectNode into) {
        into.put("time", Timestamps.ofMicros(work.timeMicros()).toString());
        var steps = into.putArray("steps");
        for (var planned : plan.steps()) {
            work.run(planned);
            var after = steps.addObject().put("step", planned.index()).put("type", planned.step().type())
                    .putArray("metrics");
            for (var sight : work.sight()) sight(sight, after.addObject());
        }
        var stored = into.putArray("stored");
        for (var measurement : work.result()) put(stored.addObject().put("metric", measurement.metric()), "value",
                measurement.value());
    }

    private void sight(Work.Sight sight, ObjectNode into) {
        put(into.put("metric", sight.measurement().metric()), "value", sight.measurement().value());
        if (sight.raw() != null) put(into, "raw", sight.raw());
        if (sight.quality() != null) into.put("quality", sight.quality().word());
    }

    private void put(ObjectNode into, String name, Value value) {
        charactersLeft -= PIECE + (value instanceof Value.Text(var text) ? text.length() : 0);
        if (charactersLeft < 0) {
            throw tooMuch("characters for the answer than " + Limits.PROCESSING_TEST_CHARACTERS);
        }
        switch (value) {
            case Value.Real(var number) -> into.put(name, number);
            case Value.Whole(var number) -> into.put(name, number);
            case Value.Flag(var on) -> into.put(name, on);
            case Value.Text(var text) -> into.put(name, text);
            case Value.Sealed _ -> throw new IllegalStateException("BUG: a sealed value before it is kept");
        }
    }
}
