package io.iotflow.server.processing;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceScope;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/// What happens to measurements of some devices before they are stored.
///
/// @param organization whose devices it concerns, and those of the ones below
/// @param version      counted from 1
record ProcessingRule(long id, OrganizationPath organization, int version, Content content, Instant createdAt,
                      Instant updatedAt) {

    /// What people write.
    ///
    /// @param isOn     whether it is applied at all
    /// @param position rules run in the order of this, then of their ids
    record Content(String name, String description, boolean isOn, int position, DeviceScope scope, List<Step> steps) {
        Content {
            Objects.requireNonNull(scope, "scope");
            steps = List.copyOf(steps);
        }
    }

    boolean concerns(DeviceFacts facts) {
        return organization.contains(facts.device().organization())
                && content.scope().holds(facts.seenBy(organization));
    }

    /// As what something was done to.
    Audit.Target target() {
        return new Audit.Target("processing_rule", Long.toString(id), content.name(), organization);
    }
}
