package io.iotflow.server.devicetype;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.processing.OwnSteps;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/// What people write of a type, read and found good.
///
/// @param document the same again as JSON, in one form
/// @param decoder  reads payloads that are no JSON
/// @param ranges   judge what was measured
record TypeContent(ObjectNode document, List<TypeMetric> metrics, OwnSteps decoder, OwnSteps ranges) {
    private static final String ALL_DIGITS = "[0-9]+";

    TypeContent {
        Objects.requireNonNull(document, "document");
        metrics = List.copyOf(metrics);
    }

    String name() {
        return document.path("name").textValue();
    }

    List<String> sensitive() {
        return metrics.stream().filter(TypeMetric::isSensitive).map(TypeMetric::name).toList();
    }

    /// What a device of this type is set to unless somebody has said otherwise; an object, which may be empty.
    ObjectNode defaultConfiguration() {
        return document.path("default_configuration") instanceof ObjectNode object ? object.deepCopy()
                : Json.mapper().createObjectNode();
    }

    boolean hasDecoder() {
        return !decoder.isEmpty();
    }

    /// @throws PlatformException `INVALID`, naming the field
    static TypeContent read(ObjectNode document) {
        if (!StorableText.accepts(document)) {
            throw PlatformException.malformed("The type " + StorableText.NO_JSON + ".");
        }
        var fields = Fields.of("", document);
        var written = Json.mapper().createObjectNode();
        written.put("name", name(fields));
        written.put("description", fields.text("description", Limits.DEVICE_DESCRIPTION_CHARACTERS).orElse(""));
        written.put("icon", fields.text("icon", FleetLimits.TYPE_ICON_CHARACTERS).orElse(""));
        fields.texts("capabilities", FleetLimits.TYPE_CAPABILITIES, Limits.DEVICE_NAME_CHARACTERS)
                .forEach(written.putArray("capabilities")::add);
        var metrics = metrics(fields);
        var list = written.putArray("metrics");
        metrics.forEach(metric -> list.add(metric.json()));
        written.set("default_configuration", configuration(fields));
        var decoder = decoder(fields, written);
        fields.end();
        return new TypeContent(written, metrics, decoder, ranges(metrics));
    }

    private static String name(Fields fields) {
        var name = fields.requiredText("name", Limits.DEVICE_NAME_CHARACTERS);
        if (!name.equals(name.strip())) throw fields.refusal("name", "must have spaces only between words");
        if (name.matches(ALL_DIGITS)) {
            throw fields.refusal("name", "must not be digits alone, which would be a number; add a letter");
        }
        return name;
    }

    private static List<TypeMetric> metrics(Fields fields) {
        var metrics = fields.list("metrics", FleetLimits.TYPE_METRICS, TypeMetric::read);
        var names = new HashSet<String>();
        for (var i = 0; i < metrics.size(); i++) {
            if (!names.add(metrics.get(i).name())) {
                throw PlatformException.invalid("metrics[" + i + "].name", "stands there twice; say all of "
                        + metrics.get(i).name() + " at one place");
            }
        }
        return metrics;
    }

    private static JsonNode configuration(Fields fields) {
        var configuration = fields.find("default_configuration").orElseGet(Json.mapper()::createObjectNode);
        if (!configuration.isObject()) throw fields.refusal("default_configuration", "must be an object");
        if (configuration.toString().getBytes(StandardCharsets.UTF_8).length > FleetLimits.TYPE_CONFIGURATION_BYTES) {
            throw fields.refusal("default_configuration", "must have at most " + FleetLimits.TYPE_CONFIGURATION_BYTES
                    + " bytes");
        }
        return configuration;
    }

    /// Beside an expression alone, an object can say whether the payload is kept.
    private static OwnSteps decoder(Fields fields, ObjectNode written) {
        var given = fields.find("decoder");
        if (given.isEmpty()) return OwnSteps.NONE;
        if (given.get().isTextual()) return decoder(fields.path("decoder"), fields.requiredText("decoder",
                Limits.EXPRESSION_CHARACTERS), true, written);
        var inside = fields.object("decoder").orElseThrow();
        var made = decoder(inside.path("expression"), inside.requiredText("expression", Limits.EXPRESSION_CHARACTERS),
                inside.flag("keep_raw", true), written);
        inside.end();
        return made;
    }

    private static OwnSteps decoder(String field, String expression, boolean keepsRaw, ObjectNode written) {
        written.putObject("decoder").put("expression", expression).put("keep_raw", keepsRaw);
        return new OwnSteps.Maker().decode(field, expression, keepsRaw).made();
    }

    private static OwnSteps ranges(List<TypeMetric> metrics) {
        var ranges = new OwnSteps.Maker();
        for (var metric : metrics) {
            var bounds = metric.bounds();
            ranges.range(metric.name(), bounds.min(), bounds.max(), bounds.suspectMin(), bounds.suspectMax());
        }
        return ranges.made();
    }
}
