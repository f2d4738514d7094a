package io.iotflow.server.processing;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.ExpressionException;
import io.iotflow.server.language.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// Steps that devices have without any rule, because of what they are or are fitted with. Immutable but for the count
/// of their faults. One is equal to itself only, so that whoever has planned with it sees that another took its place.
public final class OwnSteps {
    public static final OwnSteps NONE = new OwnSteps(List.of());

    private final List<Step> steps;
    private final Faults faults = new Faults(new LongAdder());

    private OwnSteps(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    List<Step> steps() {
        return steps;
    }

    Faults counted() {
        return faults;
    }

    public boolean isEmpty() {
        return steps.isEmpty();
    }

    /// What went wrong on this node since it took these steps up.
    public long faults() {
        return faults.count();
    }

    /// Empty when nothing did.
    public String lastFault() {
        return faults.last();
    }

    /// Puts steps together, in the order of the calls.
    public static final class Maker {
        private final List<Step> steps = new ArrayList<>();

        /// Makes measurements of a payload that is no JSON.
        ///
        /// @param field    named by the refusal of an expression that does not compile
        /// @param keepsRaw whether the payload is kept beside
        public Maker decode(String field, String expression, boolean keepsRaw) {
            try {
                steps.add(new Step.Decode(Expression.compile(expression, Vocabulary.decoder()), null, keepsRaw));
                return this;
            } catch (ExpressionException e) {
                var errors = e.mistakes().stream().map(mistake -> mistake.in(field)).toList();
                throw new PlatformException(ErrorCode.INVALID, summary(errors), errors);
            }
        }

        private static String summary(List<FieldError> errors) {
            return errors.getFirst().field() + " " + errors.getFirst().detail();
        }

        /// `value * multiplier + offset`; nothing if that changes nothing.
        public Maker calibrate(String metric, double multiplier, double offset) {
            if (multiplier != 1 || offset != 0) steps.add(new Step.Calibrate(metric, multiplier, offset));
            return this;
        }

        /// Beyond `min` and `max` a value is invalid, beyond the others suspect; an infinite bound is none.
        public Maker range(String metric, double min, double max, double suspectMin, double suspectMax) {
            var isOpen = Double.isInfinite(min) && Double.isInfinite(max) && Double.isInfinite(suspectMin)
                    && Double.isInfinite(suspectMax);
            if (!isOpen) steps.add(new Step.Range(metric, min, max, suspectMin, suspectMax, false));
            return this;
        }

        public OwnSteps made() {
            return steps.isEmpty() ? NONE : new OwnSteps(steps);
        }
    }
}
