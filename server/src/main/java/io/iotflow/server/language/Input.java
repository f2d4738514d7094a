package io.iotflow.server.language;

import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.util.Objects;

/// One thing that an expression reads of a device's measurements. Whoever evaluates keeps just these.
public sealed interface Input {
    /// The latest value.
    record Metric(String name) implements Input {
        public Metric {
            Objects.requireNonNull(name, "name");
        }
    }

    /// The value before the latest.
    record Previous(String name) implements Input {
        public Previous {
            Objects.requireNonNull(name, "name");
        }
    }

    /// Statistics over the last `length`, the latest value included.
    record Window(String metric, Duration length) implements Input {
        public Window {
            Objects.requireNonNull(metric, "metric");
            if (!length.isPositive() || length.compareTo(Limits.RULE_WINDOW) > 0) {
                throw new IllegalArgumentException("a window is positive and at most " + Limits.RULE_WINDOW);
            }
        }
    }
}
