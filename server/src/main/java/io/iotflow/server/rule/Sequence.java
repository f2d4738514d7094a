package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// First one thing, then another within a time; or first one thing and then not the other in that time. Having come
/// true, it holds while the second does, or until the second does in its absence. What holds when it is asked first,
/// and not by a measurement, has begun some time before.
///
/// @param slot of two: what has come so far, and when the first one last began
record Sequence(Condition first, Condition then, long micros, boolean isAbsent, int slot) implements Condition {
    private static final long FIRST_HELD = 1;
    private static final long THEN_HELD = 2;
    private static final long MATCHED = 4;

    @Override
    public boolean holds(RuleState it) {
        var before = Math.max(0, it.slots[slot]); // NEVER at first
        var armed = it.slots[slot + 1];
        var firstHolds = first.holds(it);
        var thenHolds = then.holds(it);
        var matched = (before & MATCHED) != 0;
        var thenBegins = thenHolds && (before & THEN_HELD) == 0;
        if (isAbsent) {
            if (thenHolds) {
                matched = false;
                armed = MetricState.NEVER;
            } else if (armed != MetricState.NEVER && it.now - armed >= micros) {
                matched = true;
                armed = MetricState.NEVER;
            }
        } else {
            if (thenBegins && armed != MetricState.NEVER && it.now - armed <= micros && it.now > armed) {
                matched = true;
                armed = MetricState.NEVER;
            } else if (!thenHolds) matched = false;
        }
        var isFound = it.slots[slot] == MetricState.NEVER && it.isTick;
        if (firstHolds && (before & FIRST_HELD) == 0 && !isFound && !(isAbsent && thenHolds)) armed = it.now;
        it.slots[slot] = (firstHolds ? FIRST_HELD : 0) | (thenHolds ? THEN_HELD : 0) | (matched ? MATCHED : 0);
        it.slots[slot + 1] = armed;
        return matched;
    }

    @Override
    public long wakeAt(RuleState it) {
        var armed = it.slots[slot + 1];
        var due = isAbsent && armed != MetricState.NEVER ? armed + micros : Long.MAX_VALUE;
        return Math.min(due > it.now ? due : Long.MAX_VALUE, Math.min(first.wakeAt(it), then.wakeAt(it)));
    }

    @Override
    public void assume(RuleState it, long since) {
        it.slots[slot] = Math.max(0, it.slots[slot]) | MATCHED | (isAbsent ? 0 : THEN_HELD);
    }

    @Override
    public long lookback() {
        return micros + Math.max(first.lookback(), then.lookback());
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "sequence").put("within_seconds", micros / 1e6).put("absent", isAbsent);
        first.explain(it, into.putObject("first"));
        then.explain(it, into.putObject("then"));
    }
}
