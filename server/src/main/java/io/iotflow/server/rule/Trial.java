package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.Limits;
import io.iotflow.server.http.Json;
import java.util.List;

/// A rule that is fed with messages by hand, to see what it would say. Nothing is kept and nobody is told.
final class Trial implements Watch.Findings {
    private final Watch watch;
    private ArrayNode findings;

    Trial(RuleProgram program, WatchedDevice device, long since) {
        watch = new Watch(device.device().id(), device, List.of(program), since, since, false);
    }

    /// What the rule makes of one message: whether it holds then, and what it would have told.
    ObjectNode measured(List<Measurement> measurements) {
        var answer = Json.mapper().createObjectNode();
        findings = answer.putArray("findings");
        watch.measured(measurements, this);
        return finish(answer, measurements.stream().mapToLong(Measurement::timeMicros).max().orElseThrow());
    }

    /// What it would tell by then if nothing more came.
    ObjectNode passed(long upTo) {
        var answer = Json.mapper().createObjectNode();
        findings = answer.putArray("findings");
        watch.tick(upTo, this);
        return finish(answer, upTo);
    }

    private ObjectNode finish(ObjectNode answer, long time) {
        var rule = watch.rules().getFirst();
        answer.put("timestamp", Timestamps.ofMicros(time).toString()).put("holds", rule.holds);
        var pending = Held.pendingSince(rule);
        if (pending != MetricState.NEVER) answer.put("pending_since", Explained.time(pending));
        var why = Explained.why(rule);
        if (why.toString().length() <= Limits.ALERT_WHY_CHARACTERS) answer.set("why", why);
        else answer.putObject("why").put("left_out", "longer than " + Limits.ALERT_WHY_CHARACTERS + " characters");
        return answer;
    }

    @Override
    public void begun(RuleState rule) {
        add("begun", rule).put("message", LaneRules.message(rule));
    }

    @Override
    public void occurred(RuleState rule) {
        add("occurred", rule);
    }

    @Override
    public void ended(RuleState rule) {
        add("ended", rule);
    }

    private ObjectNode add(String event, RuleState rule) {
        if (findings.size() >= Limits.TRIAL_MESSAGES) return Json.mapper().createObjectNode(); // enough is seen
        return findings.addObject().put("event", event).put("timestamp", Explained.time(rule.now))
                .put("key", rule.key);
    }
}
