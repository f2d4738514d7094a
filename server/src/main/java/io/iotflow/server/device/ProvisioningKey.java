package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.Optional;

/// With its secret, devices register themselves into an organization.
///
/// @param type       of every device that registers with it; empty if each says its own
/// @param maxDevices how many may register with it
/// @param used       how many have
record ProvisioningKey(long id, OrganizationPath organization, String name, String type, long maxDevices, long used,
                       Instant createdAt, Optional<Instant> expiresAt, Optional<Instant> revokedAt) {

    Audit.Target target() {
        return new Audit.Target("provisioning_key", Long.toString(id), name, organization);
    }

    /// What it may be used for, as the audit log keeps it.
    ObjectNode document() {
        return JsonNodeFactory.instance.objectNode().put("name", name).put("device_type", type)
                .put("max_devices", maxDevices).put("expires_at", expiresAt.map(Object::toString).orElse(null));
    }

    enum State { ACTIVE, REVOKED, EXPIRED, USED_UP }

    /// Only an active one opens anything.
    State state(Instant now) {
        if (revokedAt.isPresent()) return State.REVOKED;
        if (expiresAt.filter(end -> !now.isBefore(end)).isPresent()) return State.EXPIRED;
        return used < maxDevices ? State.ACTIVE : State.USED_UP;
    }
}
