package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import java.time.Instant;
import java.util.Objects;

/// What a rule has found at one device. Findings about the same (rule, device, key) come in the order of their times,
/// from one thread; after a crash the last ones may come again. A beginning and an occurrence MUST be later than all
/// beginnings and occurrences before it: one that is not is taken for one of those, come again. An end MUST NOT be
/// earlier than the last of them, or it is taken for that of one before.
public sealed interface Finding {

    /// The rule that speaks, as far as its alerts are concerned.
    ///
    /// @param policy whom to tell, and how: what the rule's document has in `actions`, `escalation`, `throttle` and
    ///               `quiet_hours`
    record Source(long rule, int version, String name, OrganizationPath organization, Severity severity,
                  boolean isLatched, boolean isShadow, JsonNode policy) {
        public Source {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(organization, "organization");
            Objects.requireNonNull(severity, "severity");
            Objects.requireNonNull(policy, "policy");
        }
    }

    Source source();

    DeviceId device();

    /// Tells alerts of one rule and device apart; empty unless the rule says otherwise.
    String key();

    /// By the clock of the measurements.
    Instant at();

    /// The condition has become true.
    ///
    /// @param why the values and window states that made it so, an object
    record Begun(Source source, DeviceId device, String key, Instant at, String message, JsonNode why)
            implements Finding {}

    /// It was found true again, a number of times since the finding before.
    ///
    /// @param times at least 1; the last of them at `at`
    /// @param message what the rule's message says now
    record Occurred(Source source, DeviceId device, String key, Instant at, long times, String message)
            implements Finding {}

    /// It is true no longer.
    record Ended(Source source, DeviceId device, String key, Instant at) implements Finding {}
}
