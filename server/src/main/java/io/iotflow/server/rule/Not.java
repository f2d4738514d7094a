package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// The other one does not hold.
record Not(Condition of) implements Condition {
    @Override
    public boolean holds(RuleState it) {
        return !of.holds(it);
    }

    @Override
    public long wakeAt(RuleState it) {
        return of.wakeAt(it);
    }

    @Override
    public long lookback() {
        return of.lookback();
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "not");
        of.explain(it, into.putObject("of"));
    }
}
