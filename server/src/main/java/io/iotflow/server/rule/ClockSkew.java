package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// The newest measurement of the last message was measured, as the device says, so long before or after the message was
/// received. History does not tell when that was: a replay never finds it true.
record ClockSkew(long micros, boolean ahead, boolean behind) implements Condition {
    @Override
    public boolean holds(RuleState it) {
        var skew = it.watch.skew();
        return ahead && skew >= micros || behind && skew <= -micros;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "clock_skew").put("beyond_seconds", micros / 1e6).put("ahead_seconds", it.watch.skew() / 1e6);
    }
}
