package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the rules of a device make of one event, for whoever follows the device. Made before the rules are asked.
final class Followed {
    private final Watch watch;
    private final int stamp;
    private final Map<RuleState, Boolean> held = new HashMap<>();
    private final Map<RuleState, ArrayNode> findings = new HashMap<>();

    Followed(Watch watch) {
        this.watch = watch;
        stamp = watch.stamp();
        for (var rule : watch.rules()) held.put(rule, rule.holds);
    }

    void found(String event, RuleState rule) {
        findings.computeIfAbsent(rule, _ -> Json.mapper().createArrayNode()).addObject().put("event", event)
                .put("timestamp", Explained.time(rule.now)).put("key", rule.key);
    }

    /// All rules: first those that had something to do with it, and why they answered as they did.
    List<ObjectNode> said() {
        var first = new ArrayList<ObjectNode>();
        var others = new ArrayList<ObjectNode>();
        for (var rule : watch.rules()) {
            var isAsked = rule.stamp - stamp > 0;
            if (isAsked || findings.containsKey(rule)) first.add(json(rule, isAsked));
            else others.add(heading(rule).put("asked", false).put("held", held.get(rule)).put("holds", rule.holds));
        }
        first.addAll(others);
        return first;
    }

    /// Only those that found something.
    List<ObjectNode> found() {
        return findings.keySet().stream().map(rule -> json(rule, false)).toList();
    }

    private ObjectNode json(RuleState rule, boolean isAsked) {
        var json = heading(rule).put("asked", isAsked).put("held", held.getOrDefault(rule, false))
                .put("holds", rule.holds);
        var pending = Held.pendingSince(rule);
        if (pending != MetricState.NEVER) json.put("pending_since", Explained.time(pending));
        json.set("findings", findings.getOrDefault(rule, Json.mapper().createArrayNode()));
        json.set("why", Explained.why(rule));
        return json;
    }

    private static ObjectNode heading(RuleState rule) {
        var it = rule.program.rule();
        return Json.mapper().createObjectNode().put("rule_id", it.id()).put("name", it.name())
                .put("mode", it.mode().word());
    }
}
