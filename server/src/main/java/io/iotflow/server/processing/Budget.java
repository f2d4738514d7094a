package io.iotflow.server.processing;

import io.iotflow.protocol.Value;
import io.iotflow.server.core.Limits;
import io.iotflow.server.language.Expression;

/// What all steps together may spend on one message, however many records it has: it is not acknowledged before they
/// are done, and what they make is kept in memory. Belongs to one thread.
final class Budget {
    /// As many things are looked at for one step of an expression.
    private static final int LOOKS = 16;

    private int steps = Limits.PROCESSING_MESSAGE_STEPS;
    private int measurements = Limits.PROCESSING_ADDED_MEASUREMENTS;
    private int characters = Limits.PROCESSING_ADDED_CHARACTERS;
    private boolean isSaid;

    /// Of a look at so many things.
    void look(int things) {
        steps -= 1 + things / LOOKS;
    }

    /// Of an evaluation, in whatever way it ended. Its length stands for what is done once.
    void evaluated(Expression expression, RecordSurroundings seen) {
        look(expression.source().length());
        steps -= seen.spent();
    }

    /// False when it cannot be afforded.
    ///
    /// @param isNew whether it is a measurement more, not another value of one that is there
    boolean affords(Value made, boolean isNew) {
        if (isNew) measurements--;
        if (made instanceof Value.Text(var text)) characters -= text.length();
        return !isSpent();
    }

    private boolean isSpent() {
        return steps < 0 || measurements < 0 || characters < 0;
    }

    /// Whether nothing more may be done. The first step that is told so has the fault.
    boolean isSpent(Planned planned) {
        if (!isSpent()) return false;
        if (!isSaid) {
            isSaid = true;
            planned.fault("and all after it are left out: for one message, rules may take "
                    + Limits.PROCESSING_MESSAGE_STEPS + " steps, and add " + Limits.PROCESSING_ADDED_MEASUREMENTS
                    + " measurements and " + Limits.PROCESSING_ADDED_CHARACTERS
                    + " characters; send fewer records in one message, or do less with each");
        }
        return true;
    }
}
