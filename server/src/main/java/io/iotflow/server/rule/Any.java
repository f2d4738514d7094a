package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// At least one of them holds.
record Any(List<Condition> of) implements Condition {
    @Override
    public boolean holds(RuleState it) {
        var any = false;
        for (var condition : of) any |= condition.holds(it);
        return any;
    }

    @Override
    public long wakeAt(RuleState it) {
        return All.earliest(of, it);
    }

    /// Which of them it was is not known.
    @Override
    public void assume(RuleState it, long since) {
        for (var condition : of) condition.assume(it, since);
    }

    @Override
    public long lookback() {
        return All.longest(of);
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        All.explain(of, it, into, "any");
    }
}
