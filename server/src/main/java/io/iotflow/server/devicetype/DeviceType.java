package io.iotflow.server.devicetype;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.processing.OwnSteps;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// A type of the catalogue, for the devices of its organization and of those below that name it. Shared between
/// threads: nobody may change its JSON.
///
/// @param version counted from 1; the `ETag`
public record DeviceType(long id, OrganizationPath organization, String name, int version, TypeContent content,
                         Instant createdAt, Instant updatedAt) {
    public DeviceType {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(content, "content");
    }

    /// What a device of this type is set to unless somebody has said otherwise; an object, which may be empty.
    public ObjectNode defaultConfiguration() {
        return content.defaultConfiguration();
    }

    /// Reads payloads that are no JSON.
    public OwnSteps decoder() {
        return content.decoder();
    }

    /// Judges what was measured.
    public OwnSteps ranges() {
        return content.ranges();
    }

    /// By metric; those without one are absent.
    public Map<String, String> units() {
        var units = new HashMap<String, String>();
        for (var metric : content.metrics()) if (!metric.unit().isEmpty()) units.put(metric.name(), metric.unit());
        return units;
    }

    Audit.Target target() {
        return new Audit.Target("device_type", Long.toString(id), name, organization);
    }

    String tag() {
        return "\"" + version + "\"";
    }

    /// @param scope of whoever looks
    ObjectNode json(OrganizationPath scope) {
        var json = Json.mapper().createObjectNode().put("id", id).put("organization_id", organization.id())
                .put("inherited", !scope.contains(organization)).put("version", version);
        json.setAll(content.document().deepCopy());
        var faults = content.decoder().faults() + content.ranges().faults();
        var last = content.decoder().faults() > 0 ? content.decoder().lastFault() : content.ranges().lastFault();
        return json.put("faults", faults).put("last_fault", faults == 0 ? null : last)
                .put("created_at", createdAt.toString()).put("updated_at", updatedAt.toString());
    }
}
