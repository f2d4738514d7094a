package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/// So many signals within a time, by the platform's clock. Remembers the times of the last ones, as many as it counts
/// to, in a ring. History does not tell of signals: a replay never finds it true, and after a start it counts anew.
///
/// @param slot of one for the ring's next place, and as many as it counts to
record Burst(Signal signal, long micros, int atLeast, int slot) implements Condition {

    @Override
    public boolean holds(RuleState it) {
        var next = (int) Math.max(0, it.slots[slot]); // NEVER at first
        if (it.watch.signal() == signal) {
            it.slots[slot + 1 + next] = it.watch.receivedAt();
            next = (next + 1) % atLeast;
            it.slots[slot] = next;
        }
        var oldest = it.slots[slot + 1 + next];
        return oldest != MetricState.NEVER && now(it) - oldest < micros;
    }

    /// The measurements' clock says nothing about when they were received.
    private static long now(RuleState it) {
        return it.isTick ? it.now : it.watch.receivedAt();
    }

    @Override
    public long wakeAt(RuleState it) {
        var oldest = it.slots[slot + 1 + (int) Math.max(0, it.slots[slot])];
        var due = oldest == MetricState.NEVER ? Long.MAX_VALUE : oldest + micros;
        return due > it.now ? due : Long.MAX_VALUE;
    }

    @Override
    public void assume(RuleState it, long since) {
        for (var i = 0; i < atLeast; i++) it.slots[slot + 1 + i] = since;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        var within = 0;
        for (var i = 0; i < atLeast; i++) {
            var time = it.slots[slot + 1 + i];
            if (time != MetricState.NEVER && now(it) - time < micros) within++;
        }
        into.put("type", "burst").put("of", signal.name().toLowerCase(Locale.ROOT)).put("at_least", atLeast)
                .put("within_seconds", micros / 1e6).put("counted", within);
    }
}
