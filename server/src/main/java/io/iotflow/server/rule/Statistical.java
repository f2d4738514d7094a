package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// So many standard deviations away from the mean of what came before in a window.
///
/// @param minimum values that there must have been before
record Statistical(int input, int window, double sigma, boolean high, boolean low, int minimum, int slot)
        implements Condition {
    @Override
    public boolean holds(RuleState it) {
        if (!it.isTouched(input)) return it.slots[slot] == 1;
        var sketch = it.sketch(window);
        var holds = false;
        if (sketch.count() > minimum) {
            var away = it.metric(input).number - sketch.meanBefore();
            // Of a value that never changes the mean differs from it by rounding.
            var bound = sigma * sketch.standardDeviationBefore() + 1e-9 * Math.max(1, Math.abs(sketch.meanBefore()));
            holds = high && away > bound || low && -away > bound;
        }
        it.slots[slot] = holds ? 1 : 0;
        return holds;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        var sketch = it.sketch(window);
        into.put("type", "statistical");
        Explained.value(into, it.metric(input));
        into.put("sigma", sigma).put("count_before", sketch.count() - 1);
        Explained.number(into, "mean_before", sketch.meanBefore());
        Explained.number(into, "std_before", sketch.standardDeviationBefore());
    }
}
