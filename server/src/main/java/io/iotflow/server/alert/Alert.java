package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import io.iotflow.server.notification.Notice;
import java.time.Instant;

/// What a rule has found at one device, until it is resolved and after that.
record Alert(long id, Subject subject, Life life) {

    /// What does not change about it.
    ///
    /// @param organization the device's
    /// @param createdAt    by the platform's clock, while `beganAt` is by that of the measurements
    /// @param policy       whom to tell, and how
    record Subject(OrganizationPath organization, DeviceId device, String deviceName, long rule, int ruleVersion,
                   String ruleName, String key, Severity severity, boolean isShadow, boolean isLatched,
                   Instant beganAt, Instant createdAt, JsonNode why, JsonNode policy) {}

    Alert with(Life next) {
        return new Alert(id, subject, next);
    }

    Audit.Target target() {
        return new Audit.Target("alert", Long.toString(id), subject.ruleName() + " at " + subject.deviceName(),
                subject.organization());
    }

    Notice notice(Notice.Kind kind) {
        return new Notice(kind, id, subject.organization(), subject.rule(), subject.ruleVersion(), subject.ruleName(),
                subject.device(), subject.deviceName(), subject.key(), subject.severity(), life.message(),
                subject.beganAt(), life.resolved().map(Life.Signature::at), life.occurrences(), subject.why(),
                subject.policy());
    }
}
