package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Holds when the other one has held for so long without a break.
record Held(Condition of, long micros, int slot) implements Condition {
    @Override
    public boolean holds(RuleState it) {
        if (!of.holds(it)) {
            it.slots[slot] = MetricState.NEVER;
            return false;
        }
        if (it.slots[slot] == MetricState.NEVER) it.slots[slot] = it.now;
        return it.now - it.slots[slot] >= micros;
    }

    @Override
    public long wakeAt(RuleState it) {
        var due = it.slots[slot] == MetricState.NEVER ? Long.MAX_VALUE : it.slots[slot] + micros;
        return Math.min(due > it.now ? due : Long.MAX_VALUE, of.wakeAt(it));
    }

    @Override
    public void assume(RuleState it, long since) {
        it.slots[slot] = since - micros;
        of.assume(it, since - micros);
    }

    @Override
    public long lookback() {
        return micros + of.lookback();
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        of.explain(it, into);
        into.put("hold_seconds", micros / 1e6);
        if (it.slots[slot] != MetricState.NEVER) into.put("since", Explained.time(it.slots[slot]));
    }

    /// Since when the rule's condition has held, while that is not long enough yet; `NEVER` otherwise, and for one
    /// without a hold time.
    static long pendingSince(RuleState it) {
        if (!(it.program.condition() instanceof Held held)) return MetricState.NEVER;
        var since = it.slots[held.slot];
        return since == MetricState.NEVER || it.now - since >= held.micros ? MetricState.NEVER : since;
    }

    /// When it will have held for long enough.
    static long dueAt(RuleState it, long pendingSince) {
        return it.program.condition() instanceof Held held ? pendingSince + held.micros : pendingSince;
    }
}
