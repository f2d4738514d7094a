package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// What a rule waits for. Pure: no clock, no store, no thread; what it remembers of a device stands in the slots of the
/// [RuleState] that it is asked with, in places that belong to it alone. Times are those of the measurements.
///
/// It MUST be asked at every evaluation of its rule, also when the answer is known from its siblings.
interface Condition {

    /// Whether it holds now.
    boolean holds(RuleState it);

    /// When the answer may change although nothing is measured; `Long.MAX_VALUE` for never.
    default long wakeAt(RuleState it) {
        return Long.MAX_VALUE;
    }

    /// Takes it for granted that it has held since then, for that is what was told.
    default void assume(RuleState it, long since) {}

    /// How far back measurements matter, in microseconds.
    default long lookback() {
        return 0;
    }

    /// Says what made it answer as it did.
    void explain(RuleState it, ObjectNode into);
}
