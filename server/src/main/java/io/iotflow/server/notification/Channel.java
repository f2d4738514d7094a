package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.Optional;

/// A way to people or programs, as it is kept.
///
/// @param content its settings without the secrets
/// @param sealed  the secrets
record Channel(long id, OrganizationPath organization, String name, String kind, ObjectNode content,
               Optional<byte[]> sealed, long revision, Instant createdAt, Instant updatedAt) {

    /// As the API shows it: secrets are null.
    ObjectNode json() {
        var json = Json.mapper().createObjectNode().put("id", id).put("name", name).put("kind", kind)
                .put("organization_id", organization.id());
        var settings = json.putObject("settings");
        settings.setAll(content);
        ChannelSettings.secrets(kind).stream().sorted().forEach(settings::putNull);
        return json.put("has_secret", sealed.isPresent()).put("created_at", createdAt.toString())
                .put("updated_at", updatedAt.toString());
    }

    /// What the audit log keeps.
    ObjectNode document() {
        var document = Json.mapper().createObjectNode().put("name", name).put("kind", kind);
        document.set("settings", content);
        return document.put("has_secret", sealed.isPresent());
    }

    Audit.Target target() {
        return new Audit.Target("channel", Long.toString(id), name, organization);
    }

    String tag() {
        return "\"" + revision + "\"";
    }
}
