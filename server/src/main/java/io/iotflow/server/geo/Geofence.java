package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.Objects;

/// A named area, for the rules of its organization and of those below.
///
/// @param revision counts its changes; the `ETag`
public record Geofence(long id, OrganizationPath organization, String name, Area area, long revision,
                       Instant createdAt, Instant updatedAt) {

    public Geofence {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(area, "area");
    }

    /// Whether this and the other are the same geofence with the same shape.
    public boolean isAs(Geofence other) {
        return id == other.id && revision == other.revision;
    }

    ObjectNode json() {
        var json = Json.mapper().createObjectNode().put("id", id).put("organization_id", organization.id())
                .put("name", name);
        area.write(json);
        return json.put("created_at", createdAt.toString()).put("updated_at", updatedAt.toString());
    }

    /// What the audit log keeps.
    ObjectNode document() {
        var document = Json.mapper().createObjectNode().put("name", name);
        area.write(document);
        return document;
    }

    Audit.Target target() {
        return new Audit.Target("geofence", Long.toString(id), name, organization);
    }

    String tag() {
        return "\"" + revision + "\"";
    }
}
