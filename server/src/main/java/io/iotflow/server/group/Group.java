package io.iotflow.server.group;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.DeviceFilter;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// Devices that belong together: of its organization, or of one below.
///
/// @param revision        counts its changes; the `ETag`
/// @param membersRevision counts the changes of the members that it lists
record Group(long id, OrganizationPath organization, Content content, long revision, long membersRevision,
             Instant createdAt, Instant updatedAt) {

    /// What people write.
    ///
    /// @param parent the group right above
    /// @param filter what a dynamic group holds; empty for a static one, which lists its members
    record Content(String name, String description, OptionalLong parent, Optional<DeviceFilter> filter) {
        Content {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(description, "description");
        }
    }

    Group {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(content, "content");
    }

    String name() {
        return content.name();
    }

    OptionalLong parent() {
        return content.parent();
    }

    Optional<DeviceFilter> filter() {
        return content.filter();
    }

    boolean isDynamic() {
        return content.filter().isPresent();
    }

    /// Whether its filter looks at what comes and goes without a change of the device.
    boolean readsPresence() {
        return content.filter().map(filter -> filter.text().contains("is_online")).orElse(false);
    }

    Group withMembers(long newRevision) {
        return new Group(id, organization, content, revision, newRevision, createdAt, updatedAt);
    }

    DeviceGroup asSeen() {
        return new DeviceGroup(id, name(), organization);
    }

    ObjectNode json() {
        var json = Json.mapper().createObjectNode().put("id", id).put("organization_id", organization.id());
        write(json);
        return json.put("created_at", createdAt.toString()).put("updated_at", updatedAt.toString());
    }

    /// What the audit log keeps.
    ObjectNode document() {
        var document = Json.mapper().createObjectNode();
        write(document);
        return document;
    }

    private void write(ObjectNode json) {
        json.put("name", name()).put("description", content.description())
                .put("parent_id", parent().isPresent() ? (Long) parent().getAsLong() : null)
                .put("kind", isDynamic() ? "dynamic" : "static")
                .put("filter", filter().map(DeviceFilter::text).orElse(null));
    }

    Audit.Target target() {
        return new Audit.Target("group", Long.toString(id), name(), organization);
    }

    String tag() {
        return "\"" + revision + "\"";
    }
}
