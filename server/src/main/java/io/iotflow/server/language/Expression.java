package io.iotflow.server.language;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/// A compiled expression: immutable, shared among threads.
///
/// [#truth], [#number] and [#value] throw an [EvaluationException] if the expression reads a member of nothing or goes
/// beyond its limits.
public final class Expression {
    private final String source;
    private final List<Input> inputs;
    private final Set<String> geofences;
    private final Compiler.Program program;

    private Expression(String source, Inputs inputs, Compiler.Program program) {
        this.source = source;
        this.inputs = inputs.all();
        this.geofences = inputs.geofences();
        this.program = program;
    }

    /// @throws ExpressionException with all mistakes found
    public static Expression compile(String source, Vocabulary vocabulary) {
        Objects.requireNonNull(source, "source");
        var mistakes = new Mistakes(source);
        var inputs = new Inputs();
        var program = Compiler.compile(source, 0, source.length(), vocabulary, inputs, mistakes);
        mistakes.throwIfAny();
        return new Expression(source, inputs, program);
    }

    public String source() {
        return source;
    }

    /// What it reads of the device's measurements. An input's index is how [Surroundings] is asked.
    public List<Input> inputs() {
        return inputs;
    }

    /// The names of the geofences that it asks about. Whoever evaluates knows where they are and what the device's
    /// position is: that is no part of [#inputs].
    public Set<String> geofences() {
        return geofences;
    }

    /// Whether its answer may change as time goes by, with no new message: it calls `hoursSince`, or reads how many
    /// values are in a window. `timestamp` alone does not count, and neither do the other statistics, which are taken
    /// as they are when something else asks.
    public boolean readsTime() {
        return program.readsTime();
    }

    /// What can be told of it without evaluating it. Reads the source again.
    public Outline outline() {
        return Outliner.of(source);
    }

    /// Whether the result is true in JavaScript's sense.
    public boolean truth(Surroundings surroundings) {
        var frame = new Frame(surroundings, program.variables());
        try {
            return program.code().truth(frame);
        } finally {
            surroundings.spent(frame.spent());
        }
    }

    /// NaN if the result is no number.
    public double number(Surroundings surroundings) {
        var frame = new Frame(surroundings, program.variables());
        var code = program.code();
        try {
            if (code.kind == Kind.NUMBER || code.kind == Kind.NUMBER_OR_NOTHING) return code.number(frame);
            return code.value(frame) instanceof Double number ? number : Double.NaN;
        } finally {
            surroundings.spent(frame.spent());
        }
    }

    /// `Double`, `Boolean`, `String`, null, and of these `List` and `Map<String, Object>`.
    public Object value(Surroundings surroundings) {
        var frame = new Frame(surroundings, program.variables());
        try {
            return Values.outward(program.code().value(frame), frame, 0);
        } finally {
            surroundings.spent(frame.spent());
        }
    }
}
