package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// What there is to tell about an alert.
///
/// @param organization the device's
/// @param why          the values and window states that made the rule speak
/// @param policy       whom to tell, and how: the rule's `actions`, `escalation`, `throttle` and `quiet_hours`
public record Notice(Kind kind, long alert, OrganizationPath organization, long rule, int ruleVersion, String ruleName,
                     DeviceId device, String deviceName, String key, Severity severity, String message,
                     Instant beganAt, Optional<Instant> resolvedAt, long occurrences, JsonNode why, JsonNode policy) {

    /// What has happened to it.
    public enum Kind {
        BEGUN, ACKNOWLEDGED, RESOLVED;

        /// As interfaces write it.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
