package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Nothing was measured for so long: of one metric, or nothing at all.
///
/// @param input -1 for anything that the device sends
record Absence(int input, long micros) implements Condition {
    private long last(RuleState it) {
        var heard = input < 0 ? it.watch.heardAt() : it.metric(input).time;
        return Math.max(heard, it.watch.since(it.program));
    }

    @Override
    public boolean holds(RuleState it) {
        return it.now - last(it) >= micros;
    }

    @Override
    public long wakeAt(RuleState it) {
        var due = last(it) + micros;
        return due > it.now ? due : Long.MAX_VALUE;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "absence");
        if (input >= 0) into.put("metric", it.metric(input).name);
        into.put("for_seconds", micros / 1e6).put("last_heard", Explained.time(last(it)));
    }
}
