package io.iotflow.server.processing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.DeviceFilter;
import io.iotflow.server.device.DeviceScope;
import io.iotflow.server.http.Json;
import io.iotflow.server.language.Vocabulary;
import io.iotflow.server.processing.ProcessingRule.Content;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A rule as JSON: what people write, and what is kept.
final class RuleDocument {
    private static final int LONGEST_UNIT = 32;
    private static final int FURTHEST = 1_000_000;

    private RuleDocument() {}

    /// @throws io.iotflow.server.core.PlatformException `INVALID`, with all that is wrong
    static Content read(JsonNode document) {
        var fields = DocumentFields.of(document);
        var name = fields.required("name", Limits.ACCESS_NAME_CHARACTERS);
        if (name != null && name.isBlank()) fields.wrong("name", "must not be empty");
        var description = fields.text("description", Limits.DEVICE_DESCRIPTION_CHARACTERS);
        var isOn = fields.word("mode", "active", "off").equals("active");
        var position = fields.whole("position", 0, -FURTHEST, FURTHEST);
        var scope = scope(fields);
        var steps = steps(fields);
        fields.ignore("id", "organization_id", "version", "faults", "last_fault", "created_at", "updated_at");
        fields.refuseUnknown();
        fields.refuseWrong();
        return new Content(name, description == null ? "" : description, isOn, position, scope, steps);
    }

    private static DeviceScope scope(DocumentFields fields) {
        var node = fields.node("scope");
        if (node == null) return DeviceScope.ALL;
        var inside = fields.inside("scope", node);
        var scope = new DeviceScope(inside.texts("devices", Limits.PROCESSING_SCOPE, Limits.DEVICE_NAME_CHARACTERS),
                inside.texts("device_types", Limits.PROCESSING_SCOPE, Limits.DEVICE_NAME_CHARACTERS),
                inside.texts("groups", Limits.PROCESSING_SCOPE, Limits.DEVICE_NAME_CHARACTERS),
                Optional.ofNullable(inside.expression("filter", Vocabulary.device(), true)).map(DeviceFilter::new));
        inside.refuseUnknown();
        return scope;
    }

    private static List<Step> steps(DocumentFields fields) {
        var node = fields.node("steps");
        if (node == null || !node.isArray() || node.isEmpty() || node.size() > Limits.PROCESSING_STEPS) {
            fields.wrong("steps", "must be a list of 1 to " + Limits.PROCESSING_STEPS + " steps");
            return List.of();
        }
        var steps = new ArrayList<Step>(node.size());
        for (var i = 0; i < node.size(); i++) {
            var step = step(fields.inside("steps[" + i + "]", node.get(i)));
            if (step != null) steps.add(step);
        }
        return steps;
    }

    /// Null when it is wrong.
    private static Step step(DocumentFields step) {
        var type = step.node("type");
        var made = switch (type != null && type.isTextual() ? type.textValue() : "") {
            case "calibrate" -> calibrate(step);
            case "convert" -> convert(step);
            case "range" -> range(step);
            case "derive" -> new Step.Derive(step.writtenMetric("metric"),
                    step.expression("expression", Vocabulary.processing(), false));
            case "drop" -> drop(step);
            case "rename" -> rename(step);
            case "decode" -> decode(step);
            default -> {
                step.wrong("type", "must be calibrate, convert, derive, range, drop, rename or decode");
                yield null;
            }
        };
        if (made != null) step.refuseUnknown();
        return made;
    }

    private static Step calibrate(DocumentFields step) {
        var metric = step.writtenMetric("metric");
        var multiplier = step.number("multiplier", 1);
        if (multiplier == 0) step.wrong("multiplier", "must not be 0: all values would become the offset");
        return new Step.Calibrate(metric, multiplier, step.number("offset", 0));
    }

    private static Step convert(DocumentFields step) {
        var metric = step.writtenMetric("metric");
        var from = step.required("from", LONGEST_UNIT);
        var to = step.required("to", LONGEST_UNIT);
        if (from == null || to == null) return new Step.Convert(metric, from, to, null);
        var field = "from";
        try {
            var one = Units.unit(from);
            field = "to";
            return new Step.Convert(metric, from, to, Units.conversion(one, Units.unit(to)));
        } catch (IllegalArgumentException e) {
            step.wrong(field, e.getMessage());
            return new Step.Convert(metric, from, to, null);
        }
    }

    private static Step range(DocumentFields step) {
        var metric = step.writtenMetric("metric");
        var min = step.number("min", Double.NEGATIVE_INFINITY);
        var max = step.number("max", Double.POSITIVE_INFINITY);
        var suspectMin = step.number("suspect_min", Double.NEGATIVE_INFINITY);
        var suspectMax = step.number("suspect_max", Double.POSITIVE_INFINITY);
        var drops = step.word("on_invalid", "keep", "drop").equals("drop");
        if (Double.isInfinite(min) && Double.isInfinite(max) && Double.isInfinite(suspectMin)
                && Double.isInfinite(suspectMax)) {
            step.wrong("min", "is missing, and so are max, suspect_min and suspect_max; give one of them at least");
        }
        if (min > max) step.wrong("max", "must not be below min");
        if (suspectMin > suspectMax) step.wrong("suspect_max", "must not be below suspect_min");
        return new Step.Range(metric, min, max, suspectMin, suspectMax, drops);
    }

    private static Step drop(DocumentFields step) {
        var metric = step.metric("metric", true);
        var when = step.expression("when", Vocabulary.processing(), true);
        if (step.node("metric") == null && step.node("when") == null) {
            step.wrong("metric", "is missing, and so is when; say what to drop");
        }
        return new Step.Drop(metric, when);
    }

    private static Step decode(DocumentFields step) {
        var expression = step.expression("expression", Vocabulary.decoder(), false);
        var from = step.metric("from", true);
        var keepsRaw = step.flag("keep_raw", true);
        return new Step.Decode(expression, "payload".equals(from) ? null : from, keepsRaw);
    }

    private static Step rename(DocumentFields step) {
        var metric = step.metric("metric", false);
        var to = step.writtenMetric("to");
        if (metric != null && metric.equals(to)) step.wrong("to", "is what it is called already");
        return new Step.Rename(metric, to);
    }

    /// The same document for the same rule.
    static ObjectNode write(Content content) {
        var json = Json.mapper().createObjectNode().put("name", content.name())
                .put("description", content.description()).put("mode", content.isOn() ? "active" : "off")
                .put("position", content.position());
        var scope = json.putObject("scope");
        content.scope().devices().forEach(scope.putArray("devices")::add);
        content.scope().types().forEach(scope.putArray("device_types")::add);
        content.scope().groups().forEach(scope.putArray("groups")::add);
        content.scope().filter().ifPresent(filter -> scope.put("filter", filter.text()));
        var steps = json.putArray("steps");
        for (var step : content.steps()) write(step, steps.addObject().put("type", step.type()));
        return json;
    }

    private static void write(Step step, ObjectNode into) {
        switch (step) {
            case Step.Calibrate(var metric, var multiplier, var offset) ->
                    into.put("metric", metric).put("multiplier", multiplier).put("offset", offset);
            case Step.Convert(var metric, var from, var to, _) ->
                    into.put("metric", metric).put("from", from).put("to", to);
            case Step.Range range -> {
                into.put("metric", range.metric());
                bound(into, "min", range.min());
                bound(into, "max", range.max());
                bound(into, "suspect_min", range.suspectMin());
                bound(into, "suspect_max", range.suspectMax());
                into.put("on_invalid", range.drops() ? "drop" : "keep");
            }
            case Step.Derive(var metric, var expression) ->
                    into.put("metric", metric).put("expression", expression.source());
            case Step.Drop(var metric, var when) -> {
                if (metric != null) into.put("metric", metric);
                if (when != null) into.put("when", when.source());
            }
            case Step.Decode(var expression, var from, var keepsRaw) ->
                    into.put("expression", expression.source()).put("from", from == null ? "payload" : from)
                            .put("keep_raw", keepsRaw);
            case Step.Rename(var metric, var to) -> into.put("metric", metric).put("to", to);
        }
    }

    private static void bound(ObjectNode into, String name, double value) {
        if (Double.isFinite(value)) into.put(name, value);
    }
}
