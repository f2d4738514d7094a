package io.iotflow.server.trace;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Timestamps;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.IngestOutcome;
import io.iotflow.server.ingest.IngestOutcome.Accepted;
import io.iotflow.server.ingest.IngestOutcome.Overloaded;
import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.iotflow.server.ingest.IngestOutcome.Rejected;
import io.iotflow.server.ingest.Processing.Seen;
import io.iotflow.server.ingest.Tracing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// One message on its way through the door. Sensitive values are shown to nobody here, nor is anything in which one
/// might be: where that is not certain, as with a payload that could not be read, it is taken to be so as soon as the
/// organization has marked anything as sensitive.
///
/// Belongs to the thread that takes the message.
final class MessageTrace implements Tracing.Message {
    private final DeviceTrace trace;
    private final InboundMessage message;
    private final Instant received;
    private final Traces.Secrecy secrecy;
    private final List<Step> steps = new ArrayList<>();
    private int stepsLeftOut;
    private List<Measurement> sent = List.of();
    private List<Measurement> kept = List.of();
    /// What the record had before the next step.
    private List<Seen> before = List.of();
    private long recordMicros;

    /// @param changed what is new or other than before it
    /// @param removed names of what was there before it only
    private record Step(long recordMicros, long rule, int index, String type, List<Seen> changed,
                        List<String> removed) {}

    MessageTrace(DeviceTrace trace, InboundMessage message, Instant received, Traces.Secrecy secrecy) {
        this.trace = trace;
        this.message = message;
        this.received = received;
        this.secrecy = secrecy;
    }

    @Override
    public void decoded(List<Measurement> measurements) {
        sent = measurements;
    }

    @Override
    public void record(List<Measurement> record) {
        before = record.stream().map(it -> new Seen(it, "")).toList();
        recordMicros = record.getFirst().timeMicros();
    }

    @Override
    public void after(long rule, int index, String type, List<Seen> left) {
        if (steps.size() >= Limits.TRACE_STEPS) {
            stepsLeftOut++;
            return;
        }
        var changed = left.stream().filter(it -> !before.contains(it)).toList();
        var removed = before.stream().map(MessageTrace::name).filter(it -> left.stream().map(MessageTrace::name)
                .noneMatch(it::equals)).toList();
        steps.add(new Step(recordMicros, rule, index, type, changed, removed));
        before = left;
    }

    private static String name(Seen seen) {
        return seen.measurement().metric();
    }

    @Override
    public void kept(List<Measurement> measurements) {
        kept = measurements;
    }

    @Override
    public void ended(IngestOutcome outcome) {
        var isClear = isClear(outcome);
        var entry = Json.mapper().createObjectNode().put("kind", "message")
                .put("received_at", Timestamps.ofMicros(Timestamps.micros(received)).toString())
                .put("via", message.via().name().toLowerCase(Locale.ROOT))
                .put("topic", message.kind().word() + (message.rest().isEmpty() ? ""
                        : "/" + Excerpt.cut(message.rest())));
        var payload = entry.putObject("payload").put("bytes", message.length());
        if (isClear || message.kind() != Kind.TELEMETRY) Excerpt.put(payload, message);
        else payload.put("is_hidden", true);
        outcome(entry, outcome, isClear);
        BoundedList.put(entry, "decoded", sent, it -> json(it, isClear || !isSensitive(it)));
        BoundedList.put(entry, "steps", steps, it -> json(it, isClear));
        if (stepsLeftOut > 0) entry.put("steps_left_out", entry.path("steps_left_out").asInt() + stepsLeftOut);
        BoundedList.put(entry, "stored", outcome instanceof Accepted ? kept : List.of(), it -> json(it, true));
        trace.add(entry, false);
    }

    private static void outcome(ObjectNode entry, IngestOutcome outcome, boolean isClear) {
        switch (outcome) {
            case Accepted(var position, _, _, var isSealed) ->
                    entry.put("outcome", "accepted").put("position", position).put("is_sealed", isSealed);
            case Rejected(var reason, var detail, var faults) -> {
                entry.put("outcome", "refused").put("reason", reason.name().toLowerCase(Locale.ROOT));
                // What cannot be read at all is told in its own words.
                if (isClear || reason != Reason.MALFORMED) entry.put("detail", Excerpt.cut(detail));
                BoundedList.put(entry, "faults", faults, fault -> Json.mapper().createObjectNode()
                        .put("field", Excerpt.cut(fault.field())).put("detail", Excerpt.cut(fault.detail())));
            }
            case Overloaded _ -> entry.put("outcome", "overloaded");
        }
    }

    /// Whether nothing of it is sensitive.
    private boolean isClear(IngestOutcome outcome) {
        if (outcome instanceof Accepted accepted) return !accepted.isSealed();
        try {
            return !secrecy.isAnythingSensitive(message.organization());
        } catch (PlatformException _) {
            return false;
        }
    }

    private boolean isSensitive(Measurement measurement) {
        try {
            return secrecy.isAnySensitive(message.organization(), List.of(measurement));
        } catch (PlatformException _) {
            return true;
        }
    }

    // ---- as JSON

    private static ObjectNode json(Step step, boolean isClear) {
        var json = Json.mapper().createObjectNode()
                .put("timestamp", Timestamps.ofMicros(step.recordMicros()).toString()).put("rule_id", step.rule())
                .put("step", step.index()).put("type", step.type());
        var changed = json.putArray("changed");
        for (var seen : step.changed()) {
            var into = json(seen.measurement(), isClear);
            if (!seen.quality().isEmpty()) into.put("quality", seen.quality());
            changed.add(into);
        }
        step.removed().forEach(json.putArray("removed")::add);
        return json;
    }

    private static ObjectNode json(Measurement measurement, boolean isShown) {
        var json = Json.mapper().createObjectNode().put("metric", measurement.metric())
                .put("timestamp", Timestamps.ofMicros(measurement.timeMicros()).toString());
        if (!isShown) return json.put("is_hidden", true);
        switch (measurement.value()) {
            case Value.Real(var number) -> json.put("value", number);
            case Value.Whole(var number) -> json.put("value", number);
            case Value.Flag(var on) -> json.put("value", on);
            case Value.Text(var text) -> json.put("value", Excerpt.cut(text));
            case Value.Sealed _ -> json.put("is_hidden", true);
        }
        return json;
    }
}
