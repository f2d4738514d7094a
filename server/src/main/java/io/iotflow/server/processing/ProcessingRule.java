package io.iotflow.server.processing;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.language.EvaluationException;
import io.iotflow.server.language.Expression;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;

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
    record Content(String name, String description, boolean isOn, int position, Scope scope, List<Step> steps) {
        Content {
            Objects.requireNonNull(scope, "scope");
            steps = List.copyOf(steps);
        }
    }

    /// Which devices: those that are in every set that is not empty.
    ///
    /// @param devices ids or names
    /// @param filter  an expression over the device; null for none
    record Scope(Set<String> devices, Set<String> deviceTypes, Expression filter) {
        static final Scope ALL = new Scope(Set.of(), Set.of(), null);

        boolean holds(Device device) {
            return isNamed(device) && (filter == null || isFiltered(device));
        }

        private boolean isFiltered(Device device) {
            try {
                return filter.truth(RecordSurroundings.of(device));
            } catch (EvaluationException _) {
                return false; // It asks for what this device does not have.
            }
        }

        private boolean isNamed(Device device) {
            return (deviceTypes.isEmpty() || deviceTypes.contains(device.type()))
                    && (devices.isEmpty() || devices.contains(device.name())
                    || devices.contains(device.id().toString()));
        }
    }

    boolean concerns(Device device) {
        return organization.contains(device.organization()) && content.scope().holds(device);
    }

    /// As what something was done to.
    Audit.Target target() {
        return new Audit.Target("processing_rule", Long.toString(id), content.name(), organization);
    }
}
