package io.iotflow.server.language;

import io.iotflow.server.core.Limits;

/// One evaluation: what it sees, its variables, and what it may still spend. Belongs to one thread.
final class Frame {
    /// Stands in for a variable whose number is kept unboxed.
    private static final Object UNBOXED = new Object();

    final Surroundings around;
    private final double[] numbers;
    private final Object[] objects;
    private int steps;

    Frame(Surroundings around, int variables) {
        this(around, variables, 0);
    }

    /// @param spent steps that are spent already
    Frame(Surroundings around, int variables, int spent) {
        this.around = around;
        this.steps = spent;
        this.numbers = variables == 0 ? null : new double[variables];
        this.objects = variables == 0 ? null : new Object[variables];
    }

    void set(int slot, double number) {
        numbers[slot] = number;
        objects[slot] = UNBOXED;
    }

    void set(int slot, Object value) {
        objects[slot] = value;
    }

    Object get(int slot) {
        var value = objects[slot];
        return value == UNBOXED ? (Object) numbers[slot] : value;
    }

    /// NaN if it is no number, or NaN.
    double quick(int slot) {
        var value = objects[slot];
        if (value == UNBOXED) return numbers[slot];
        return value instanceof Double number ? number : Double.NaN;
    }

    double number(int slot) {
        var value = objects[slot];
        return value == UNBOXED ? numbers[slot] : Values.number(value);
    }

    int spent() {
        return steps;
    }

    void spend(int count) {
        steps += count;
        if (steps > Limits.EXPRESSION_STEPS || steps < 0) {
            throw new EvaluationException("This takes more than " + Limits.EXPRESSION_STEPS
                    + " steps. Look at fewer elements, or make shorter texts.");
        }
    }

    /// Called before a text of this length is made.
    void makeText(long characters) {
        if (characters > Limits.EXPRESSION_TEXT_CHARACTERS) {
            throw new EvaluationException("A text would be longer than " + Limits.EXPRESSION_TEXT_CHARACTERS
                    + " characters. Shorten it with slice.");
        }
        spend(1 + (int) characters / 16);
    }

    /// Called before an array of this length is made.
    void makeArray(long elements) {
        if (elements > Limits.EXPRESSION_ARRAY_ELEMENTS) {
            throw new EvaluationException("An array would be longer than " + Limits.EXPRESSION_ARRAY_ELEMENTS
                    + " elements. Shorten it with slice.");
        }
        spend(1 + (int) elements);
    }
}
