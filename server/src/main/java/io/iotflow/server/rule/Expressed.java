package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.language.EvaluationException;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.Input;

/// An expression of the rules' language.
///
/// @param first           where its inputs begin
/// @param changesByItself whether the answer may change by the minute although nothing is measured
record Expressed(Expression expression, int first, boolean changesByItself) implements Condition {
    Expressed(Expression expression, int first) {
        this(expression, first, expression.readsTime()
                || expression.inputs().stream().anyMatch(Input.Window.class::isInstance));
    }

    @Override
    public boolean holds(RuleState it) {
        try {
            return expression.truth(it.from(first));
        } catch (EvaluationException _) {
            it.fault();
            return false;
        }
    }

    @Override
    public long wakeAt(RuleState it) {
        return changesByItself ? RuleProgram.nextMinute(it.now) : Long.MAX_VALUE;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "expression").put("expression", expression.source());
    }
}
