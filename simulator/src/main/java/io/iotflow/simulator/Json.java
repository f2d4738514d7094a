package io.iotflow.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.OptionalLong;

/// JSON in and out.
final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    /// `{"timestamp":…,"data":{…}}`
    static byte[] telemetry(Instant time, Map<String, Value> values) {
        var message = object().put("timestamp", timestamp(time));
        return bytes(message.set("data", object(values)));
    }

    /// To the millisecond, which is what devices know.
    static String timestamp(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ObjectNode object(Map<String, Value> values) {
        var object = object();
        values.forEach((metric, value) -> {
            switch (value) {
                case Value.Real(var number) -> object.put(metric, number);
                case Value.Whole(var number) -> object.put(metric, number);
                case Value.Flag(var on) -> object.put(metric, on);
                case Value.Text(var text) -> object.put(metric, text);
                case Value.Sealed _ -> throw new IllegalStateException("BUG: a device that seals");
            }
        });
        return object;
    }

    /// The whole number in the field `id`, if there is one.
    static OptionalLong id(JsonNode node) {
        var id = node.path("id");
        return id.canConvertToLong() ? OptionalLong.of(id.asLong()) : OptionalLong.empty();
    }

    static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the bytes say, or a missing node when they are not JSON.
    static JsonNode lenient(byte[] bytes) {
        try {
            var node = MAPPER.readTree(bytes);
            return node == null ? MissingNode.getInstance() : node;
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }
}
