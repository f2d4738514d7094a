package io.iotflow.server.processing;

import io.iotflow.server.language.Expression;

/// One thing that a rule does to a message. Immutable.
sealed interface Step {

    /// The word in the document.
    String type();

    /// `value * multiplier + offset`
    record Calibrate(String metric, double multiplier, double offset) implements Step {
        @Override
        public String type() {
            return "calibrate";
        }
    }

    /// @param from as written
    /// @param to   as written
    record Convert(String metric, String from, String to, Units.Conversion by) implements Step {
        @Override
        public String type() {
            return "convert";
        }
    }

    /// Beyond `min` and `max` a value is invalid, beyond the others suspect; an infinite bound is none.
    ///
    /// @param drops whether invalid values are not stored
    record Range(String metric, double min, double max, double suspectMin, double suspectMax, boolean drops)
            implements Step {
        @Override
        public String type() {
            return "range";
        }

        Quality judge(double value) {
            if (value < min || value > max) return Quality.INVALID;
            return value < suspectMin || value > suspectMax ? Quality.SUSPECT : Quality.VALID;
        }
    }

    /// Another metric, made of those of the same record.
    record Derive(String metric, Expression expression) implements Step {
        @Override
        public String type() {
            return "derive";
        }
    }

    /// @param metric null for all of the record
    /// @param when   null for always
    record Drop(String metric, Expression when) implements Step {
        @Override
        public String type() {
            return "drop";
        }
    }

    record Rename(String metric, String to) implements Step {
        @Override
        public String type() {
            return "rename";
        }
    }

    /// Measurements made of a payload that is no JSON, or of a text.
    ///
    /// @param from     the metric whose text it is; null for the payload
    /// @param keepsRaw whether the payload is kept beside
    record Decode(Expression expression, String from, boolean keepsRaw) implements Step {
        @Override
        public String type() {
            return "decode";
        }
    }

    /// What it evaluates; null if nothing.
    default Expression expression() {
        return switch (this) {
            case Derive(_, var made) -> made;
            case Drop(_, var when) -> when;
            case Decode(var made, _, _) -> made;
            case Calibrate _, Convert _, Range _, Rename _ -> null;
        };
    }
}
