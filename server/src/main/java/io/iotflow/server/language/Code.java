package io.iotflow.server.language;

/// A compiled part of an expression. It holds no state: what changes is in the [Frame]. It can be asked in three ways,
/// so that numbers and truths need no boxes; an asker uses one of them, once, because a part may assign a variable.
///
/// Values are `Double`, `Boolean`, `String`, `null`, [Values#UNDEFINED], `List`, `Map` and Jackson's containers.
abstract class Code {
    final Kind kind;

    Code(Kind kind) {
        this.kind = kind;
    }

    abstract Object value(Frame frame);

    double number(Frame frame) {
        return Values.number(value(frame));
    }

    boolean truth(Frame frame) {
        return Values.truth(value(frame));
    }

    /// The number, if it is one and can be had without a box; NaN means only that [#value] is to be asked, unless the
    /// kind is [Kind#NUMBER]. Only parts that may be asked twice answer before [#value] is asked.
    double quick(Frame frame) {
        return kind == Kind.NUMBER ? number(frame) : Double.NaN;
    }

    /// Always a number.
    abstract static class Numeric extends Code {
        Numeric() {
            super(Kind.NUMBER);
        }

        @Override
        abstract double number(Frame frame);

        @Override
        Object value(Frame frame) {
            return number(frame);
        }

        @Override
        boolean truth(Frame frame) {
            var number = number(frame);
            return number == number && number != 0;
        }
    }

    /// Always true or false.
    abstract static class Truth extends Code {
        Truth() {
            super(Kind.BOOLEAN);
        }

        @Override
        abstract boolean truth(Frame frame);

        @Override
        Object value(Frame frame) {
            return truth(frame);
        }

        @Override
        double number(Frame frame) {
            return truth(frame) ? 1 : 0;
        }
    }

    /// A literal.
    static final class Constant extends Code {
        private final Object value;
        private final double number;
        private final boolean truth;

        Constant(Object value) {
            super(switch (value) {
                case Double _ -> Kind.NUMBER;
                case Boolean _ -> Kind.BOOLEAN;
                case String _ -> Kind.TEXT;
                case null, default -> Kind.ANY;
            });
            this.value = value;
            this.number = Values.number(value);
            this.truth = Values.truth(value);
        }

        @Override
        Object value(Frame frame) {
            return value;
        }

        @Override
        double number(Frame frame) {
            return number;
        }

        @Override
        boolean truth(Frame frame) {
            return truth;
        }
    }
}
