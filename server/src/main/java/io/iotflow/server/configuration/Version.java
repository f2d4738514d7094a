package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/// One version of what a target has. Its content never changes.
///
/// @param entries     `{key: {value, data_type, updated_at}}`
/// @param activation  the last time that it became active; empty for a draft
record Version(Owner owner, long version, JsonNode entries, boolean isActive, String author, String note,
               Instant createdAt, Optional<Activation> activation) {

    record Activation(Instant at, String by) {}

    /// Without what is in it.
    ObjectNode summary() {
        var json = JsonNodeFactory.instance.objectNode().put("version", version)
                .put("target", owner.target().text()).put("organization_id", owner.organization().id())
                .put("state", isActive ? "active" : activation.isPresent() ? "former" : "draft")
                .put("keys", entries.size()).put("note", note).put("author", author)
                .put("created_at", createdAt.toString());
        json.put("activated_at", activation.map(it -> it.at().toString()).orElse(null));
        return json.put("activated_by", activation.map(Activation::by).orElse(null));
    }

    ObjectNode json() {
        return summary().set("configuration", entries);
    }
}
