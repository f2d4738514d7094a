package io.iotflow.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a command asks of a device. Anything may arrive; what cannot be done is [Unusable] and says why.
sealed interface Order {

    record Restart() implements Order {}

    record UpdateInterval(Duration interval) implements Order {}

    record GetStatus() implements Order {}

    /// Either the reading becomes `reading * multiplier + offset`, or it becomes `reference` now by an offset.
    record Calibrate(String metric, OptionalDouble multiplier, OptionalDouble offset, OptionalDouble reference)
            implements Order {}

    record Unusable(String why) implements Order {}

    /// An order as it arrived.
    ///
    /// @param word under which its result is reported: the command's id, or its type if it has none
    /// @param id   by which a repetition is known
    record Received(String word, Optional<String> id, Order order) {}

    /// @param topic `devices/{device}/commands` or `…/commands/{kind}`; the kind serves when the body names no type
    /// @param now   by the wall clock, against which commands expire
    static Received read(String topic, byte[] payload, Instant now) {
        var kind = topic.endsWith("/commands") ? "" : topic.substring(topic.lastIndexOf('/') + 1);
        var body = Json.lenient(payload);
        if (!body.isObject() && payload.length > 0) {
            return new Received(topicWord(kind), Optional.empty(), new Unusable("the command is not a JSON object"));
        }
        var type = word(body, kind, "type", "command", "command_type").toLowerCase(Locale.ROOT).replace('-', '_');
        var id = Optional.of(word(body, "", "id", "command_id")).filter(given -> topicWord(given).equals(given));
        return new Received(id.orElse(topicWord(type)), id,
                expired(body, now) ? new Unusable("the command has expired") : of(type, body));
    }

    /// What cannot stand in a topic is called `unknown` there.
    private static String topicWord(String word) {
        return word.matches("[^/+#\\p{Cntrl}]{1,100}") ? word : "unknown";
    }

    private static String word(JsonNode body, String otherwise, String... fields) {
        for (var field : fields) {
            if (body.path(field).isValueNode() && !body.path(field).isNull()) return body.path(field).asText();
        }
        return otherwise;
    }

    private static boolean expired(JsonNode body, Instant now) {
        var text = body.path("expires_at").asText("");
        try {
            return !text.isEmpty() && Instant.parse(text).isBefore(now);
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static Order of(String type, JsonNode body) {
        try {
            return switch (type) {
                case "restart" -> new Restart();
                case "update_interval" -> new UpdateInterval(interval(body));
                case "get_status" -> new GetStatus();
                case "calibrate" -> calibrate(body);
                case "" -> new Unusable("the command names no type");
                default -> new Unusable("unknown command " + type
                        + "; this device knows restart, update_interval, get_status and calibrate");
            };
        } catch (IllegalArgumentException e) {
            return new Unusable(e.getMessage());
        }
    }

    private static Duration interval(JsonNode body) {
        for (var field : new String[] {"interval", "interval_s", "interval_seconds", "telemetry_interval"}) {
            var value = parameter(body, field);
            if (value.isEmpty()) continue;
            var interval = Words.duration(value.get().asText());
            Pace.requireInterval(interval);
            return interval;
        }
        throw new IllegalArgumentException("update_interval needs interval, in seconds or as 30s, 5m");
    }

    private static Order calibrate(JsonNode body) {
        var metric = parameter(body, "metric").map(JsonNode::asText).orElse("");
        var order = new Calibrate(metric, number(body, "multiplier"), number(body, "offset"),
                number(body, "reference"));
        if (metric.isEmpty()) throw new IllegalArgumentException("calibrate needs metric");
        if (order.multiplier.isEmpty() && order.offset.isEmpty() && order.reference.isEmpty()) {
            throw new IllegalArgumentException("calibrate needs multiplier, offset or reference");
        }
        return order;
    }

    private static OptionalDouble number(JsonNode body, String field) {
        var value = parameter(body, field);
        if (value.isEmpty()) return OptionalDouble.empty();
        if (!value.get().isNumber() || !Double.isFinite(value.get().asDouble())) {
            throw new IllegalArgumentException(field + " must be a number");
        }
        return OptionalDouble.of(value.get().asDouble());
    }

    /// Parameters stand beside the type, or together in an object.
    private static Optional<JsonNode> parameter(JsonNode body, String field) {
        for (var place : new JsonNode[] {body, body.path("parameters"), body.path("params"), body.path("payload")}) {
            if (place.path(field).isValueNode() && !place.path(field).isNull()) return Optional.of(place.path(field));
        }
        return Optional.empty();
    }
}
