package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.alert.Finding;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.Severity;
import io.iotflow.server.device.DeviceFilter;
import io.iotflow.server.device.DeviceScope;
import io.iotflow.server.geo.Geofences;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.language.ExpressionException;
import io.iotflow.server.language.Input;
import io.iotflow.server.language.Template;
import io.iotflow.server.language.Vocabulary;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/// Reads a rule's document and makes a program of it, or refuses it by the fields that are wrong.
final class RuleReader {
    /// What rules look back over that do not say it themselves.
    static final Duration WINDOW = Duration.ofDays(1);
    private static final Map<String, Rule.Mode> MODES = Map.of("active", Rule.Mode.ACTIVE, "shadow", Rule.Mode.SHADOW,
            "off", Rule.Mode.OFF);
    /// What says whom to tell.
    private static final List<String> POLICY = List.of("actions", "escalation", "throttle", "quiet_hours");

    private RuleReader() {}

    /// What a document says of the rule itself.
    record Heading(String name, Rule.Mode mode) {}

    static Heading heading(JsonNode document) {
        var fields = Fields.of("", document);
        return new Heading(fields.requiredText("name", Limits.ACCESS_NAME_CHARACTERS),
                fields.word("mode", MODES).orElse(Rule.Mode.ACTIVE));
    }

    /// @throws io.iotflow.server.core.PlatformException `INVALID`, naming the fields
    static RuleProgram program(Rule rule, Geofences.Known geofences) {
        var fields = Fields.of("", rule.document());
        heading(rule.document());
        fields.find("name");
        fields.find("mode");
        fields.text("description", Limits.DEVICE_DESCRIPTION_CHARACTERS);
        var parts = new RuleProgram.Parts(geofences, rule.organization());
        var window = fields.duration("window", Limits.RULE_WINDOW).orElse(WINDOW);
        var condition = new ConditionReader(parts, window).read("condition", fields.required("condition"));
        var severity = fields.text("severity", 20).map(word -> Severity.of("severity", word))
                .orElse(Severity.WARNING);
        var message = template(fields, "message", window).orElseGet(() ->
                Template.compile(rule.name().replace("${", "$ {"), Vocabulary.rule(window)));
        var key = template(fields, "key", window);
        var hearsAll = parts.hearsAll(); // by what the condition reads
        requireBounds(fields, parts);
        var messageFirst = parts.inputs(message.inputs());
        var keyFirst = parts.inputs(key.map(Template::inputs).orElse(List.of()));
        parts.inside("message", message.geofences());
        key.ifPresent(it -> parts.inside("key", it.geofences()));
        var isLatched = fields.word("resolve", Map.of("auto", false, "latch", true)).orElse(false);
        var scope = scope(fields);
        var policy = policy(rule.document());
        POLICY.forEach(fields::find);
        fields.end();
        return new RuleProgram(rule, condition, parts.inputs(), parts.slots(), parts.watchesSilence(),
                hearsAll, parts.signals(), rule.document().toString().contains("is_online"),
                rule.document().path("condition").toString().contains("shadow"), scope, message, messageFirst,
                key, keyFirst, new Finding.Source(rule.id(), rule.version(), rule.name(),
                rule.organization(), severity, isLatched, rule.mode() == Rule.Mode.SHADOW, policy), new LongAdder(),
                parts.places());
    }

    private static void requireBounds(Fields fields, RuleProgram.Parts parts) {
        if (parts.slots() > Limits.RULE_SLOTS) {
            throw fields.refusal("condition", "counts too much: all that its parts count to may be "
                    + Limits.RULE_SLOTS + " together");
        }
        if (parts.inputs().stream().filter(Input.Window.class::isInstance).distinct().count() > Limits.RULE_WINDOWS) {
            throw fields.refusal("condition", "has more than " + Limits.RULE_WINDOWS
                    + " windows; make it several rules");
        }
    }

    /// The part of a document that says whom to tell.
    static ObjectNode policy(JsonNode document) {
        var policy = Json.mapper().createObjectNode();
        for (var field : POLICY) if (document.hasNonNull(field)) policy.set(field, document.get(field));
        return policy;
    }

    private static Optional<Template> template(Fields fields, String field, Duration window) {
        return fields.text(field, Limits.EXPRESSION_CHARACTERS).map(text -> {
            try {
                return Template.compile(text, Vocabulary.rule(window));
            } catch (ExpressionException e) {
                throw ConditionReader.refusal(fields.path(field), e);
            }
        });
    }

    private static DeviceScope scope(Fields fields) {
        var scope = fields.object("scope");
        if (scope.isEmpty()) return DeviceScope.ALL;
        var it = scope.get();
        var read = new DeviceScope(
                new HashSet<>(it.texts("devices", Limits.RULE_SCOPE_NAMES, Limits.DEVICE_NAME_CHARACTERS)),
                new HashSet<>(it.texts("device_types", Limits.RULE_SCOPE_NAMES, Limits.DEVICE_NAME_CHARACTERS)),
                new HashSet<>(it.texts("groups", Limits.RULE_SCOPE_NAMES, Limits.DEVICE_NAME_CHARACTERS)),
                it.text("filter", Limits.EXPRESSION_CHARACTERS).map(source ->
                        DeviceFilter.parse(it.path("filter"), source)));
        it.end();
        return read;
    }
}
