package io.iotflow.server.language;

import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.core.PlatformException.Place;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// An expression was refused: it is no valid source, or outside the language. Holds all mistakes found, as they stand
/// in the source.
public final class ExpressionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param line    from 1
    /// @param column  from 1
    /// @param message what is wrong
    /// @param instead what to write instead
    public record Mistake(int line, int column, String message, String instead) {
        public Mistake {
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(instead, "instead");
        }

        /// The refusal of the field whose text this is in.
        public FieldError in(String field) {
            return new FieldError(field, toString(), Optional.of(new Place(line, column, message, instead)));
        }

        @Override
        public String toString() {
            return "line " + line + ", column " + column + ": " + message
                    + (instead.isEmpty() ? "" : " " + instead);
        }
    }

    private final transient List<Mistake> mistakes;

    ExpressionException(List<Mistake> mistakes) {
        super(mistakes.getFirst().toString(), null, false, false);
        this.mistakes = List.copyOf(mistakes);
    }

    public List<Mistake> mistakes() {
        return mistakes;
    }
}
