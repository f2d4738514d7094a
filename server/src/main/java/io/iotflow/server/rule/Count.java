package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// So many records within a time in which the other one held. Remembers the times of the last ones, as many as it
/// counts to, in a ring.
///
/// @param slot of one for the ring's next place, and as many as it counts to
record Count(Condition of, long micros, int atLeast, int slot) implements Condition {

    @Override
    public boolean holds(RuleState it) {
        var next = (int) Math.max(0, it.slots[slot]); // NEVER at first
        if (of.holds(it) && !it.isTick) {
            it.slots[slot + 1 + next] = it.now;
            next = (next + 1) % atLeast;
            it.slots[slot] = next;
        }
        var oldest = it.slots[slot + 1 + next];
        return oldest != MetricState.NEVER && it.now - oldest < micros;
    }

    @Override
    public long wakeAt(RuleState it) {
        var oldest = it.slots[slot + 1 + (int) Math.max(0, it.slots[slot])];
        var due = oldest == MetricState.NEVER ? Long.MAX_VALUE : oldest + micros;
        return Math.min(due > it.now ? due : Long.MAX_VALUE, of.wakeAt(it));
    }

    @Override
    public long lookback() {
        return micros + of.lookback();
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        var within = 0;
        for (var i = 0; i < atLeast; i++) {
            var time = it.slots[slot + 1 + i];
            if (time != MetricState.NEVER && it.now - time < micros) within++;
        }
        into.put("type", "count").put("at_least", atLeast).put("within_seconds", micros / 1e6).put("counted", within);
        of.explain(it, into.putObject("of"));
    }
}
