package io.iotflow.server.language;

import org.mozilla.javascript.Token;

/// Arithmetic, comparison and logic. Operators are named by the parser's tokens.
final class Operators {
    private Operators() {}

    /// Everything between numbers that gives a number, other than `+`.
    static final class Arithmetic extends Code.Numeric {
        private final int operator;
        private final Code left;
        private final Code right;

        Arithmetic(int operator, Code left, Code right) {
            this.operator = operator;
            this.left = left;
            this.right = right;
        }

        @Override
        double number(Frame frame) {
            var a = left.number(frame);
            var b = right.number(frame);
            return switch (operator) {
                case Token.ADD -> a + b;
                case Token.SUB -> a - b;
                case Token.MUL -> a * b;
                case Token.DIV -> a / b;
                case Token.MOD -> a % b;
                case Token.EXP -> Math.pow(a, b);
                case Token.BITAND -> int32(a) & int32(b);
                case Token.BITOR -> int32(a) | int32(b);
                case Token.BITXOR -> int32(a) ^ int32(b);
                case Token.LSH -> int32(a) << int32(b);
                case Token.RSH -> int32(a) >> int32(b);
                case Token.URSH -> (int32(a) & 0xffff_ffffL) >>> (int32(b) & 31);
                default -> throw new IllegalStateException("BUG: operator " + operator);
            };
        }
    }

    /// The 32 lowest bits, as JavaScript's bit operators take them.
    static int int32(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) return 0;
        if (Math.abs(number) < 0x1p62) return (int) (long) number;
        return (int) (long) Math.IEEEremainder(number < 0 ? Math.ceil(number) : Math.floor(number), 0x1p32);
    }

    /// `+`: adds numbers, joins if there is a text.
    static final class Add extends Code {
        private final Code left;
        private final Code right;

        Add(Code left, Code right) {
            super(left.kind == Kind.TEXT || right.kind == Kind.TEXT ? Kind.TEXT : Kind.ANY);
            this.left = left;
            this.right = right;
        }

        @Override
        double number(Frame frame) {
            var a = left.quick(frame);
            if (Double.isNaN(a) && left.kind != Kind.NUMBER) {
                return Values.number(add(left.value(frame), right.value(frame), frame));
            }
            var b = right.quick(frame);
            if (!Double.isNaN(b) || right.kind == Kind.NUMBER) return a + b;
            return Values.number(add(a, right.value(frame), frame));
        }

        @Override
        Object value(Frame frame) {
            return add(left.value(frame), right.value(frame), frame);
        }

        static Object add(Object left, Object right, Frame frame) {
            if (left instanceof Double a && right instanceof Double b) return a + b;
            if (isAdded(left) && isAdded(right)) return Values.number(left) + Values.number(right);
            var a = Values.text(left, frame);
            var b = Values.text(right, frame);
            frame.makeText((long) a.length() + b.length());
            return a + b;
        }

        private static boolean isAdded(Object value) {
            return value == null || value == Values.UNDEFINED || value instanceof Double || value instanceof Boolean;
        }
    }

    /// `<`, `<=`, `>`, `>=`.
    static final class Order extends Code.Truth {
        private final int operator;
        private final Code left;
        private final Code right;
        private final boolean numeric;

        Order(int operator, Code left, Code right) {
            this.operator = operator;
            this.left = left;
            this.right = right;
            this.numeric = left.kind.isNumeric() || right.kind.isNumeric();
        }

        @Override
        boolean truth(Frame frame) {
            if (numeric) return holds(left.number(frame), right.number(frame));
            var a = left.quick(frame);
            if (Double.isNaN(a)) {
                var first = left.value(frame);
                return holds(first, right.value(frame), frame);
            }
            return holds(a, right.number(frame));
        }

        private boolean holds(Object a, Object b, Frame frame) {
            if (a instanceof String first && b instanceof String second) {
                frame.spend(Math.min(first.length(), second.length()) / 64);
                return holds(first.compareTo(second), 0.0);
            }
            return holds(Values.number(a), Values.number(b));
        }

        private boolean holds(double a, double b) {
            return switch (operator) {
                case Token.LT -> a < b;
                case Token.LE -> a <= b;
                case Token.GT -> a > b;
                case Token.GE -> a >= b;
                default -> throw new IllegalStateException("BUG: operator " + operator);
            };
        }
    }

    /// `===`, `==` and their negations.
    static final class Equality extends Code.Truth {
        private final boolean strict;
        private final boolean negated;
        private final Code left;
        private final Code right;

        Equality(int operator, Code left, Code right) {
            this.strict = operator == Token.SHEQ || operator == Token.SHNE;
            this.negated = operator == Token.NE || operator == Token.SHNE;
            this.left = left;
            this.right = right;
        }

        @Override
        boolean truth(Frame frame) {
            return negated != equal(frame);
        }

        private boolean equal(Frame frame) {
            var a = left.quick(frame);
            if (Double.isNaN(a) && left.kind != Kind.NUMBER) {
                var first = left.value(frame);
                var second = right.value(frame);
                return strict ? Values.same(first, second) : Values.alike(first, second);
            }
            var b = right.quick(frame);
            if (!Double.isNaN(b) || right.kind == Kind.NUMBER) return a == b;
            var second = right.value(frame);
            return strict ? Values.same(a, second) : Values.alike(a, second);
        }
    }

    /// `!`
    static final class Not extends Code.Truth {
        private final Code operand;

        Not(Code operand) {
            this.operand = operand;
        }

        @Override
        boolean truth(Frame frame) {
            return !operand.truth(frame);
        }
    }

    /// Unary `-`, `+`, `~`.
    static final class Unary extends Code.Numeric {
        private final int operator;
        private final Code operand;

        Unary(int operator, Code operand) {
            this.operator = operator;
            this.operand = operand;
        }

        @Override
        double number(Frame frame) {
            var number = operand.number(frame);
            return operator == Token.NEG ? -number : operator == Token.BITNOT ? ~int32(number) : number;
        }
    }

    /// `typeof`
    static final class TypeOf extends Code {
        private final Code operand;

        TypeOf(Code operand) {
            super(Kind.TEXT);
            this.operand = operand;
        }

        @Override
        Object value(Frame frame) {
            return Values.type(operand.value(frame));
        }
    }

    /// `&&`, `||`, `??`: the right side is looked at only if the left does not decide.
    static final class Logic extends Code {
        private final int operator;
        private final Code left;
        private final Code right;

        Logic(int operator, Code left, Code right) {
            super(left.kind.or(right.kind));
            this.operator = operator;
            this.left = left;
            this.right = right;
        }

        @Override
        Object value(Frame frame) {
            var value = left.value(frame);
            return isDecided(value) ? value : right.value(frame);
        }

        private boolean isDecided(Object value) {
            return switch (operator) {
                case Token.AND -> !Values.truth(value);
                case Token.OR -> Values.truth(value);
                default -> !Values.isNothing(value);
            };
        }

        @Override
        boolean truth(Frame frame) {
            return switch (operator) {
                case Token.AND -> left.truth(frame) && right.truth(frame);
                case Token.OR -> left.truth(frame) || right.truth(frame);
                default -> Values.truth(value(frame));
            };
        }
    }

    /// `?:`, and `if` whose branches go on to what follows.
    static final class Choice extends Code {
        private final Code condition;
        private final Code then;
        private final Code otherwise;

        Choice(Code condition, Code then, Code otherwise) {
            super(then.kind.or(otherwise.kind));
            this.condition = condition;
            this.then = then;
            this.otherwise = otherwise;
        }

        @Override
        Object value(Frame frame) {
            return condition.truth(frame) ? then.value(frame) : otherwise.value(frame);
        }

        @Override
        double number(Frame frame) {
            return condition.truth(frame) ? then.number(frame) : otherwise.number(frame);
        }

        @Override
        boolean truth(Frame frame) {
            return condition.truth(frame) ? then.truth(frame) : otherwise.truth(frame);
        }
    }
}
