package io.iotflow.server.devicetype;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.MetricName;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.processing.Units;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a type says of one metric.
///
/// @param unit  a symbol or a UCUM code; empty for none
/// @param bounds of numbers; others have none
/// @param isSensitive whether its values are sealed
record TypeMetric(String name, String unit, Kind kind, Bounds bounds, boolean isSensitive, String description) {
    private static final Map<String, Kind> KINDS =
            Map.of("number", Kind.NUMBER, "boolean", Kind.BOOLEAN, "text", Kind.TEXT);
    /// Beside a name that a step writes `:quality` can stand.
    private static final int LONGEST_NAME = TelemetryLimits.METRIC_NAME - ":quality".length();

    enum Kind {
        NUMBER, BOOLEAN, TEXT;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Beyond `min` and `max` a value is invalid, beyond the others suspect; an infinite one is none.
    record Bounds(double min, double max, double suspectMin, double suspectMax) {
        boolean isOpen() {
            return Double.isInfinite(min) && Double.isInfinite(max) && Double.isInfinite(suspectMin)
                    && Double.isInfinite(suspectMax);
        }
    }

    static TypeMetric read(String path, JsonNode node) {
        var fields = Fields.of(path, node);
        var name = fields.requiredText("name", LONGEST_NAME);
        if (!MetricName.isValid(name)) throw fields.refusal("name", MetricName.RULE);
        var unit = fields.text("unit", FleetLimits.UNIT_CHARACTERS).orElse("");
        if (!unit.isEmpty()) {
            try {
                Units.check(unit);
            } catch (IllegalArgumentException e) {
                throw fields.refusal("unit", e.getMessage());
            }
        }
        var kind = fields.word("type", KINDS).orElse(Kind.NUMBER);
        var metric = new TypeMetric(name, unit, kind, bounds(fields), fields.flag("sensitive", false),
                fields.text("description", Limits.DEVICE_DESCRIPTION_CHARACTERS).orElse(""));
        if (kind != Kind.NUMBER && !metric.bounds.isOpen()) {
            throw fields.refusal("type", "must be number where there is a bound");
        }
        fields.end();
        return metric;
    }

    private static Bounds bounds(Fields fields) {
        var bounds = new Bounds(bound(fields, "min", Double.NEGATIVE_INFINITY),
                bound(fields, "max", Double.POSITIVE_INFINITY),
                bound(fields, "suspect_min", Double.NEGATIVE_INFINITY),
                bound(fields, "suspect_max", Double.POSITIVE_INFINITY));
        if (bounds.min > bounds.max) throw fields.refusal("max", "must not be below min");
        if (bounds.suspectMin > bounds.suspectMax) {
            throw fields.refusal("suspect_max", "must not be below suspect_min");
        }
        return bounds;
    }

    private static double bound(Fields fields, String name, double none) {
        Optional<Double> number = fields.number(name);
        return number.orElse(none);
    }

    ObjectNode json() {
        var json = Json.mapper().createObjectNode().put("name", name).put("type", kind.word());
        if (!unit.isEmpty()) json.put("unit", unit);
        put(json, "min", bounds.min);
        put(json, "max", bounds.max);
        put(json, "suspect_min", bounds.suspectMin);
        put(json, "suspect_max", bounds.suspectMax);
        if (isSensitive) json.put("sensitive", true);
        if (!description.isEmpty()) json.put("description", description);
        return json;
    }

    private static void put(ObjectNode json, String name, double bound) {
        if (Double.isFinite(bound)) json.put(name, bound);
    }
}
