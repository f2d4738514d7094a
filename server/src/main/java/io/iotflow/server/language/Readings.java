package io.iotflow.server.language;

/// What an expression sees of the world outside it.
final class Readings {
    private Readings() {}

    /// A value that is kept unboxed if it is a number.
    abstract static class Reading extends Code {
        Reading() {
            super(Kind.ANY);
        }

        @Override
        abstract double quick(Frame frame);

        @Override
        double number(Frame frame) {
            var number = quick(frame);
            return number == number ? number : Values.number(value(frame));
        }

        @Override
        boolean truth(Frame frame) {
            var number = quick(frame);
            return number == number ? number != 0 : Values.truth(value(frame));
        }
    }

    /// The latest value of a metric, or the one before.
    static final class Metric extends Reading {
        private final int input;

        Metric(int input) {
            this.input = input;
        }

        @Override
        double quick(Frame frame) {
            return frame.around.number(input);
        }

        @Override
        Object value(Frame frame) {
            return Values.of(frame.around.value(input));
        }
    }

    /// The value that triggered.
    static final class Current extends Reading {
        @Override
        double quick(Frame frame) {
            return frame.around.currentNumber();
        }

        @Override
        Object value(Frame frame) {
            return Values.of(frame.around.current());
        }
    }

    enum Statistic {
        COUNT, MEAN, DEVIATION, MIN, MAX, FIRST, LAST, DELTA, RATE
    }

    /// One statistic of a window; nothing if it has too few values.
    static final class OfWindow extends Code {
        private final int input;
        private final Statistic statistic;

        OfWindow(int input, Statistic statistic) {
            super(statistic == Statistic.COUNT ? Kind.NUMBER : Kind.NUMBER_OR_NOTHING);
            this.input = input;
            this.statistic = statistic;
        }

        @Override
        double number(Frame frame) {
            var window = frame.around.window(input);
            var count = window.count();
            if (statistic == Statistic.COUNT) return count;
            if (count == 0) return Double.NaN;
            return switch (statistic) {
                case COUNT -> count;
                case MEAN -> window.mean();
                case DEVIATION -> count < 2 ? Double.NaN : window.standardDeviation();
                case MIN -> window.min();
                case MAX -> window.max();
                case FIRST -> window.first();
                case LAST -> window.last();
                case DELTA -> window.last() - window.first();
                case RATE -> {
                    var micros = window.lastMicros() - window.firstMicros();
                    yield micros <= 0 ? Double.NaN : (window.last() - window.first()) / micros * 1e6;
                }
            };
        }

        @Override
        double quick(Frame frame) {
            return number(frame);
        }

        @Override
        Object value(Frame frame) {
            var number = number(frame);
            return number == number ? (Object) number : Values.UNDEFINED;
        }

        @Override
        boolean truth(Frame frame) {
            var number = number(frame);
            return number == number && number != 0;
        }
    }

    /// Milliseconds since 1970.
    static final class Timestamp extends Code.Numeric {
        @Override
        double number(Frame frame) {
            return Math.floorDiv(frame.around.timeMicros(), 1_000L);
        }
    }

    /// A field of the device.
    static final class Device extends Code {
        private final String field;

        Device(String field) {
            super(Kind.ANY);
            this.field = field;
        }

        @Override
        Object value(Frame frame) {
            return Values.of(frame.around.device(field));
        }
    }

    static final class Metadata extends Code {
        Metadata() {
            super(Kind.ANY);
        }

        @Override
        Object value(Frame frame) {
            return Values.of(frame.around.metadata());
        }
    }

    static final class Shadow extends Code {
        Shadow() {
            super(Kind.ANY);
        }

        @Override
        Object value(Frame frame) {
            return Values.of(frame.around.shadow());
        }
    }

    /// A further name of the vocabulary.
    static final class Local extends Code {
        private final String name;

        Local(String name) {
            super(Kind.ANY);
            this.name = name;
        }

        @Override
        Object value(Frame frame) {
            return Values.of(frame.around.local(name));
        }

        @Override
        double quick(Frame frame) {
            return frame.around.local(name) instanceof Number number ? number.doubleValue() : Double.NaN;
        }
    }

    static final class Inside extends Code.Truth {
        private final String geofence;

        Inside(String geofence) {
            this.geofence = geofence;
        }

        @Override
        boolean truth(Frame frame) {
            return frame.around.inside(geofence);
        }
    }
}
