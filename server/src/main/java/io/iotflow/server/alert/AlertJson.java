package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.alert.Life.Signature;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Alerts in the API's words.
final class AlertJson {

    private AlertJson() {}

    /// What a live event says beside the device.
    static ObjectNode live(Alert alert, String event) {
        var subject = alert.subject();
        var life = alert.life();
        return JsonNodeFactory.instance.objectNode().put("event", event).put("alert_id", alert.id())
                .put("rule_id", subject.rule()).put("rule_name", subject.ruleName()).put("key", subject.key())
                .put("severity", subject.severity().word()).put("state", life.state().word())
                .put("message", life.message()).put("occurrences", life.occurrences())
                .put("assignee", life.assignee().isEmpty() ? null : life.assignee())
                .put("began_at", subject.beganAt().toString());
    }

    /// One in a list.
    static ObjectNode json(Alert alert) {
        var subject = alert.subject();
        var life = alert.life();
        return JsonNodeFactory.instance.objectNode().put("id", alert.id())
                .put("organization_id", subject.organization().id()).put("device_id", subject.device().value())
                .put("device_name", subject.deviceName()).put("rule_id", subject.rule())
                .put("rule_version", subject.ruleVersion()).put("rule_name", subject.ruleName())
                .put("key", subject.key()).put("severity", subject.severity().word())
                .put("message", life.message()).put("state", life.state().word())
                .put("shadow", subject.isShadow()).put("latched", subject.isLatched())
                .put("assignee", life.assignee().isEmpty() ? null : life.assignee())
                .put("false_positive", life.isFalsePositive()).put("occurrences", life.occurrences())
                .put("began_at", subject.beganAt().toString())
                .put("last_occurred_at", life.lastOccurredAt().toString())
                .put("cleared_at", text(life.clearedAt()))
                .put("acknowledged_at", text(life.acknowledged().map(Signature::at)))
                .put("acknowledged_by", life.acknowledged().map(Signature::by).orElse(null))
                .put("resolved_at", text(life.resolved().map(Signature::at)))
                .put("resolved_by", life.resolved().map(Signature::by).orElse(null))
                .put("created_at", subject.createdAt().toString());
    }

    /// One with why it began, and everything that happened to it.
    static ObjectNode detail(Alert alert, List<Happening> history) {
        var json = json(alert);
        json.set("why", alert.subject().why());
        var lines = json.putArray("history");
        for (var happening : history) {
            lines.addObject().put("at", happening.at().toString()).put("event", happening.kind().word())
                    .put("actor", happening.actor()).put("detail", happening.detail());
        }
        return json;
    }

    private static String text(Optional<Instant> time) {
        return time.map(Instant::toString).orElse(null);
    }
}
