package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// A person who may sign in.
///
/// @param role  a built-in role's word, or the name of a role of the same organization
/// @param totp  whether signing in takes a one-time password as well
public record User(long id, OrganizationPath organization, String name, String role, Set<Permission> permissions,
                   boolean disabled, boolean totp, Optional<Instant> lockedUntil, Instant createdAt,
                   Instant updatedAt) {

    public User {
        permissions = Set.copyOf(permissions);
    }

    Audit.Target target() {
        return new Audit.Target("user", Long.toString(id), name, organization);
    }

    JsonNode document() {
        return JsonNodeFactory.instance.objectNode().put("name", name).put("role", role).put("disabled", disabled)
                .put("totp", totp);
    }

    Caller.User caller() {
        return new Caller.User(Actor.Kind.USER, Long.toString(id), name, organization, permissions);
    }
}
