package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// Every one of them holds.
record All(List<Condition> of) implements Condition {
    @Override
    public boolean holds(RuleState it) {
        var all = true;
        for (var condition : of) all &= condition.holds(it);
        return all;
    }

    @Override
    public long wakeAt(RuleState it) {
        return earliest(of, it);
    }

    static long earliest(List<Condition> conditions, RuleState it) {
        var earliest = Long.MAX_VALUE;
        for (var condition : conditions) earliest = Math.min(earliest, condition.wakeAt(it));
        return earliest;
    }

    static long longest(List<Condition> conditions) {
        var longest = 0L;
        for (var condition : conditions) longest = Math.max(longest, condition.lookback());
        return longest;
    }

    static void explain(List<Condition> conditions, RuleState it, ObjectNode into, String type) {
        into.put("type", type);
        var list = into.putArray("of");
        for (var condition : conditions) condition.explain(it, list.addObject());
    }

    @Override
    public void assume(RuleState it, long since) {
        for (var condition : of) condition.assume(it, since);
    }

    @Override
    public long lookback() {
        return longest(of);
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        explain(of, it, into, "all");
    }
}
