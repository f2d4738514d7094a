package io.iotflow.server.language;

/// Members of values: `a.b`, `a[b]`, and `?.`, which ends a whole chain where there is nothing.
final class Members {
    /// Runs through a chain after its `?.` has found nothing.
    private static final Object ENDED = new Object();

    private Members() {}

    static final class Property extends Code {
        private final Code target;
        private final String name;
        private final boolean isOptional;

        Property(Code target, String name, boolean isOptional) {
            super(Kind.ANY);
            this.target = target;
            this.name = name;
            this.isOptional = isOptional;
        }

        @Override
        Object value(Frame frame) {
            var value = target.value(frame);
            if (ends(value, isOptional, name)) return ENDED;
            return Values.member(value, name);
        }
    }

    static final class Element extends Code {
        private final Code target;
        private final Code index;
        private final boolean isOptional;

        Element(Code target, Code index, boolean isOptional) {
            super(Kind.ANY);
            this.target = target;
            this.index = index;
            this.isOptional = isOptional;
        }

        @Override
        Object value(Frame frame) {
            var value = target.value(frame);
            if (ends(value, isOptional, "an element")) return ENDED;
            var at = index.value(frame);
            return at instanceof Double number ? Values.element(value, number)
                    : Values.member(value, Values.text(at, frame));
        }
    }

    static boolean ends(Object value, boolean isOptional, String wanted) {
        if (value == ENDED) return true;
        if (!Values.isNothing(value)) return false;
        if (isOptional) return true;
        throw new EvaluationException("Cannot read " + wanted + " of " + (value == null ? "null" : "undefined")
                + ". Write ?. where something may be missing.");
    }

    static Object ended() {
        return ENDED;
    }

    static final class ChainEnd extends Code {
        private final Code chain;

        ChainEnd(Code chain) {
            super(Kind.ANY);
            this.chain = chain;
        }

        @Override
        Object value(Frame frame) {
            var value = chain.value(frame);
            return value == ENDED ? Values.UNDEFINED : value;
        }
    }
}
