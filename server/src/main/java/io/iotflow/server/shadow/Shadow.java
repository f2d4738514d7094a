package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.http.Json;

/// A device's shadow at one moment.
///
/// @param position    up to where of the log it contains what the device has said
/// @param heardMicros when the latest of it was received
record Shadow(DeviceId device, Half reported, Half desired, long position, long heardMicros) {

    static Shadow none(DeviceId device) {
        return new Shadow(device, Half.EMPTY, Half.EMPTY, 0, 0);
    }

    /// Grows by one with each change of either half.
    long version() {
        return reported.version() + desired.version();
    }

    /// What is desired and not reported.
    ObjectNode delta() {
        return desired.state().isEmpty() ? Half.EMPTY.state()
                : MergePatch.difference(desired.state(), reported.state());
    }

    /// Whether this event of the log is in it already. A log that was begun anew has positions that were used before,
    /// but its times are later.
    boolean contains(long eventPosition, long receivedMicros) {
        return eventPosition <= position && receivedMicros <= heardMicros;
    }

    Shadow withReported(Half half, long eventPosition, long receivedMicros) {
        return new Shadow(device, half, desired, eventPosition, Math.max(heardMicros, receivedMicros));
    }

    Shadow withDesired(Half half) {
        return new Shadow(device, reported, half, position, heardMicros);
    }

    /// About how much memory it takes, in bytes: trees are several times their text.
    int weight() {
        return 500 + 12 * (reported.bytes() + desired.bytes());
    }

    /// As rules see it.
    ObjectNode view() {
        var json = Json.mapper().createObjectNode().put("version", version());
        json.set("reported", reported.state());
        json.set("desired", desired.state());
        json.set("delta", delta());
        return json;
    }

    /// As its device and people see it.
    ObjectNode json() {
        var json = view();
        var metadata = json.putObject("metadata");
        metadata.set("reported", metadata(reported.marks()));
        metadata.set("desired", metadata(desired.marks()));
        return json.put("reported_version", reported.version()).put("desired_version", desired.version());
    }

    /// What is told when the halves differ.
    ObjectNode difference(ObjectNode delta) {
        var json = Json.mapper().createObjectNode().put("version", version());
        json.set("delta", delta);
        json.set("metadata", metadata(MergePatch.marksOf(delta, desired.marks())));
        return json;
    }

    String tag() {
        return "\"" + version() + "\"";
    }

    /// When and at which version of the shadow each value was set last.
    private static ObjectNode metadata(JsonNode marks) {
        var json = Json.mapper().createObjectNode();
        for (var field : marks.properties()) {
            var mark = field.getValue();
            json.set(field.getKey(), mark.isObject() ? metadata(mark) : Json.mapper().createObjectNode()
                    .put("timestamp", Timestamps.ofMicros(mark.path(0).longValue()).toString())
                    .put("version", mark.path(1).longValue()));
        }
        return json;
    }
}
