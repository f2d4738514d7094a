package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Above a limit, or below it, until it is back behind another.
record Threshold(int input, boolean isHigh, double limit, double clear, int slot) implements Condition {
    private static final long ON = 1;

    @Override
    public boolean holds(RuleState it) {
        var value = it.metric(input).number;
        var bound = it.slots[slot] == ON ? clear : limit;
        var holds = isHigh ? value > bound : value < bound;
        it.slots[slot] = holds ? ON : 0;
        return holds;
    }

    @Override
    public void assume(RuleState it, long since) {
        it.slots[slot] = ON;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", isHigh ? "threshold_high" : "threshold_low");
        Explained.value(into, it.metric(input));
        into.put("threshold", limit);
        if (clear != limit) into.put("clear", clear);
    }
}
