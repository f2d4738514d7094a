package io.iotflow.protocol;

import java.util.Objects;

/// What a metric can hold. Whole numbers and floating point numbers are both numbers: a series may mix them.
public sealed interface Value {

    record Real(double number) implements Value {
        public Real {
            if (!Double.isFinite(number)) throw new IllegalArgumentException("a measurement must be finite");
        }
    }

    record Whole(long number) implements Value {}

    record Flag(boolean on) implements Value {}

    record Text(String text) implements Value {
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }

    /// What only the platform can open, because somebody marked it as sensitive. A device never sends one.
    ///
    /// @param type     of what is inside
    /// @param envelope the sealed value, in characters of Base64
    record Sealed(Type type, String envelope) implements Value {
        public Sealed {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(envelope, "envelope");
        }
    }

    /// The type that a series keeps: `number`, `boolean` or `text`.
    enum Type { NUMBER, BOOLEAN, TEXT }

    default Type type() {
        return switch (this) {
            case Real _, Whole _ -> Type.NUMBER;
            case Flag _ -> Type.BOOLEAN;
            case Text _ -> Type.TEXT;
            case Sealed(var inside, _) -> inside;
        };
    }
}
