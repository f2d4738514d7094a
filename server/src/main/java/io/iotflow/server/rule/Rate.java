package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// A metric changes faster than so much in a time: between two values, or over a window.
///
/// @param window     the input of the window, or -1 for between two values
/// @param perMicros  the time that the bounds speak of
record Rate(int input, int window, double perMicros, double above, double below, int slot) implements Condition {
    @Override
    public boolean holds(RuleState it) {
        if (window < 0 && !it.isTouched(input)) return it.slots[slot] == 1;
        var rate = rate(it);
        var holds = rate > above || rate < below;
        it.slots[slot] = holds ? 1 : 0;
        return holds;
    }

    private double rate(RuleState it) {
        if (window < 0) {
            var metric = it.metric(input);
            if (metric.previousTime == MetricState.NEVER) return Double.NaN;
            return (metric.number - metric.previous) / (metric.time - metric.previousTime) * perMicros;
        }
        var sketch = it.sketch(window);
        var span = sketch.lastMicros() - sketch.firstMicros();
        return span <= 0 ? Double.NaN : (sketch.last() - sketch.first()) / span * perMicros;
    }

    @Override
    public long wakeAt(RuleState it) {
        return window < 0 ? Long.MAX_VALUE : RuleProgram.nextMinute(it.now);
    }

    @Override
    public long lookback() {
        return RuleProgram.PREVIOUS_LOOKBACK;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "rate");
        Explained.value(into, it.metric(input));
        Explained.number(into, "change", rate(it));
        into.put("per_seconds", perMicros / 1e6);
    }
}
