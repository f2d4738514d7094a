package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.ingest.DeviceEvent.TelemetryReceived;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/// What shadows take from telemetry. Pure.
///
/// @param metrics those that are reported
record TelemetryFeed(Set<String> metrics) {

    TelemetryFeed(Collection<String> metrics) {
        this(Set.copyOf(metrics));
    }

    boolean concerns(TelemetryReceived telemetry) {
        if (metrics.isEmpty()) return false;
        for (var measurement : telemetry.measurements()) if (metrics.contains(measurement.metric())) return true;
        return false;
    }

    /// The latest of each metric that is reported.
    List<Measurement> latest(TelemetryReceived telemetry) {
        var latest = new LinkedHashMap<String, Measurement>();
        for (var measurement : telemetry.measurements()) {
            if (!metrics.contains(measurement.metric())) continue;
            latest.merge(measurement.metric(), measurement, (one, other) ->
                    other.timeMicros() >= one.timeMicros() ? other : one);
        }
        return List.copyOf(latest.values());
    }

    /// What is new in them: empty when all values are as they are reported, or older.
    static ObjectNode patch(List<Measurement> measurements, Half reported) {
        var patch = JsonNodeFactory.instance.objectNode();
        for (var measurement : measurements) {
            var value = value(measurement.value());
            if (value == null) continue;
            var path = measurement.metric().split("\\.");
            if (at(reported.marks(), path).path(0).longValue() > measurement.timeMicros()) continue;
            if (!at(reported.state(), path).equals(value)) put(patch, path, value);
        }
        return patch;
    }

    private static JsonNode at(JsonNode tree, String[] path) {
        var node = tree;
        for (var step : path) node = node.path(step);
        return node;
    }

    private static void put(ObjectNode patch, String[] path, JsonNode value) {
        var node = patch;
        for (var i = 0; i < path.length - 1; i++) {
            node = node.get(path[i]) instanceof ObjectNode inner ? inner : node.putObject(path[i]);
        }
        node.set(path[path.length - 1], value);
    }

    /// Null for what may not stand anywhere in clear.
    private static JsonNode value(Value value) {
        return switch (value) {
            case Value.Whole(var number) -> LongNode.valueOf(number);
            case Value.Real(var number) -> DoubleNode.valueOf(number);
            case Value.Flag(var on) -> BooleanNode.valueOf(on);
            case Value.Text(var text) -> TextNode.valueOf(text);
            case Value.Sealed _ -> null;
        };
    }
}
