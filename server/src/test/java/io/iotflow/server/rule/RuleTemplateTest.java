package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.action.Action;
import io.iotflow.server.http.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RuleTemplateTest {
    private final Set<String> told = new HashSet<>();

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) Json.mapper().readTree(text.replace('\'', '"'));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void check(String template, String parameters, String metadata, Consumer<Story> events, String... says) {
        told.add(template);
        var story = Story.rule(RuleTemplate.require(template).filled(json(parameters)), metadata, 10_000_000);
        events.accept(story);
        story.says(says);
    }

    @Test
    void eachOfThemSpeaksWhenItShould() {
        check("firmware_too_old", "{'minimum':'1.10'}", "{}", it -> it.at(1, "t", 1), "begun 0");
        check("firmware_too_old", "{}", "{}", it -> it.at(1, "t", 1));
        check("certificate_expiring", "{'days':100}", "{}", it -> it.until(1_370_000), "begun 1360020");
        check("certificate_expiring", "{}", "{}", it -> it.at(1, "t", 1));
        check("configuration_drift", "{}", "{}", it -> it.at(1, "t", 1), "begun 0");
        check("calibration_overdue", "{}", "{'calibrated_at':'2025-01-01'}", it -> it.at(60, "t", 1), "begun 60");
        check("calibration_overdue", "{'field':'checked','days':7}", "{'checked':'2025-12-28'}",
                it -> it.at(1, "t", 1).until(260_000), "begun 259260");
        check("calibration_overdue", "{}", "{}", it -> it.at(1, "t", 1));
        check("calibration_overdue", "{}", "{}", it -> it.at(9_999_999, "t", 1).until(10_000_100), "begun 10000020");
        check("heartbeat_missing", "{}", "{}", it -> it.at(1, "t", 1).until(1_000), "begun 901");
        check("credential_failures", "{'at_least':2}", "{}", it -> it.refused(1).refused(2), "begun 2");
        check("message_flood", "{'at_least':2,'within':'1s'}", "{}",
                it -> it.received(1, 1, "t", 1).received(1.5, 1.5, "u", 1), "begun 1.5");
        check("impossible_movement", "{}", "{}", it -> it.at(1, "latitude", 0, "longitude", 0)
                .at(61, "latitude", 1, "longitude", 0), "begun 61");
        check("clock_skew", "{}", "{}", it -> it.received(500, 1_000, "t", 1), "begun 1000");
        check("threshold", "{'hold':'1m','metric':'a:b'}", "{}", it -> it.at(1, "a:b", 31).until(100), "begun 61");
        check("metric_silent", "{}", "{}", it -> it.at(1, "temperature", 1).until(1_000), "begun 901");
        check("unusual_value", "{}", "{}", it -> {
            for (var n = 0; n < 40; n++) it.at(n, "temperature", n % 2);
            it.at(40, "temperature", 9);
        }, "begun 40");
        assertThat(told).isEqualTo(RuleTemplate.ALL.keySet());
    }

    @Test
    void theUsualValuesMakeARuleOfEachWithAMessage() {
        for (var template : RuleTemplate.ALL.values()) {
            assertThat(template.json().toString()).doesNotContain("null");
            var document = template.filled(json("{}"));
            assertThat(document.toString()).doesNotContain("{{");
            var story = Story.rule(document, "{'calibrated_at':'2025-01-01'}", 10_000_000);
            story.at(1, "temperature", 31.5);
            assertThat(LaneRules.message(story.state())).as(template.id()).isNotEqualTo(template.name())
                    .doesNotContain("undefined", "NaN");
        }
    }

    @Test
    void whatIsNoValueOfItsKindIsRefused() {
        refused("firmware_too_old", "{'minimum':'1.0\\' || true || \\''}", "parameters.minimum must be a version");
        refused("calibration_overdue", "{'field':'a b'}", "parameters.field must be a word");
        refused("heartbeat_missing", "{'after':'soon'}", "parameters.after must be a duration");
        refused("threshold", "{'metric':'a b'}", "parameters.metric must be the name of a metric");
        refused("threshold", "{'threshold':'30'}", "parameters.threshold must be a number");
        refused("message_flood", "{'at_least':1.5}", "parameters.at_least must be a whole number");
        refused("message_flood", "{'many':1}", "parameters.many is not a parameter here; there are at_least, within");
        assertThatThrownBy(() -> RuleTemplate.require("nothing")).hasMessageContaining("no such template");
    }

    @Test
    void thePageTellsTheTruth() throws Exception {
        var page = Files.readString(Path.of("../docs/reference/rule-actions-and-templates.md"));
        for (var template : RuleTemplate.ALL.values()) {
            var usual = template.parameters().stream().map(it -> "`" + it.name() + "` " + it.usual().asText())
                    .collect(Collectors.joining(", "));
            assertThat(page).contains("| `" + template.id() + "` | " + template.category() + " | " + usual + " |");
        }
        var example = page.substring(page.indexOf("```json rule") + 12);
        var rule = example.substring(0, example.indexOf("```"));
        assertThat(Story.program(rule)).isNotNull();
        assertThat(Action.of(json(rule))).hasSize(5);
    }

    private static void refused(String template, String parameters, String why) {
        assertThatThrownBy(() -> RuleTemplate.require(template).filled(json(parameters.replace("\\'", "\\u0027"))))
                .hasMessageContaining(why);
    }
}
