package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;

/// One organization of the tree.
public record Organization(OrganizationPath path, String name, Instant createdAt) {

    public long id() {
        return path.id();
    }

    /// Whoever sees the organization sees what was done to it.
    Audit.Target target() {
        return new Audit.Target("organization", Long.toString(id()), name, path);
    }

    JsonNode document() {
        return JsonNodeFactory.instance.objectNode().put("name", name);
    }
}
