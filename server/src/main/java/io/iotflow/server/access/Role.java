package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Permission;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What users of an organization may be allowed to do, by one name.
record Role(long id, OrganizationPath organization, String name, Set<Permission> permissions) {
    /// Roles that every organization has; they have no number.
    static final Map<String, Set<Permission>> BUILT_IN = Map.of("admin", Permission.ADMIN,
            "operator", Permission.OPERATOR, "viewer", Permission.VIEWER);

    Role {
        permissions = Set.copyOf(permissions);
    }

    Audit.Target target() {
        return new Audit.Target("role", Long.toString(id), name, organization);
    }

    JsonNode document() {
        return UserRoutes.permissions(JsonNodeFactory.instance.objectNode().put("name", name), permissions);
    }

    static Optional<Set<Permission>> builtIn(String name) {
        return Optional.ofNullable(BUILT_IN.get(name));
    }
}
