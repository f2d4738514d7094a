package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/// An alert rule as it is kept: a document in the API's words, of which `RuleReader` has found no fault.
///
/// @param version counts its changes; the `ETag`
record Rule(long id, OrganizationPath organization, String name, Mode mode, int version, ObjectNode document,
            Instant createdAt, Instant updatedAt) {

    /// What a rule does when it finds something.
    enum Mode {
        /// It raises alerts.
        ACTIVE,
        /// Its alerts are kept and counted, and nobody is told.
        SHADOW,
        /// It looks at nothing.
        OFF;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Rule {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(document, "document");
    }

    Audit.Target target() {
        return new Audit.Target("rule", Long.toString(id), name, organization);
    }

    /// As interfaces show it.
    ObjectNode json() {
        var json = document.objectNode();
        json.put("id", id).put("organization_id", organization.id()).put("version", version)
                .put("created_at", createdAt.toString()).put("updated_at", updatedAt.toString());
        return json.setAll(document);
    }
}
