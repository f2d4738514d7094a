package io.iotflow.server.rollout;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// An image that comes to many devices.
///
/// @param stage    the present one, from 0
/// @param reason   why it is as it is; empty if nobody has said
/// @param author   kind and number, to tell one person from another
/// @param revision counts its changes; the `ETag`
record Rollout(long id, OrganizationPath organization, String name, long image, Plan plan, RolloutState state,
               int stage, String reason, String author, String authorName, String approverName, long revision,
               Instant createdAt, Optional<Instant> startedAt, Optional<Instant> endedAt, Instant updatedAt) {

    Rollout {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(state, "state");
    }

    ObjectNode json() {
        var json = plan.document().put("id", id).put("organization_id", organization.id()).put("name", name)
                .put("firmware_id", image).put("state", state.word()).put("stage", stage + 1).put("reason", reason)
                .put("author", authorName).put("approver", approverName.isEmpty() ? null : approverName)
                .put("created_at", createdAt.toString()).put("updated_at", updatedAt.toString());
        return json.put("started_at", startedAt.map(Instant::toString).orElse(null))
                .put("ended_at", endedAt.map(Instant::toString).orElse(null));
    }

    /// What the audit log keeps.
    ObjectNode document() {
        return plan.document().put("firmware_id", image).put("state", state.word()).put("stage", stage + 1)
                .put("reason", reason);
    }

    Audit.Target target() {
        return new Audit.Target("rollout", Long.toString(id), name, organization);
    }

    String tag() {
        return "\"" + revision + "\"";
    }
}
