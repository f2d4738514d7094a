package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.OrganizationPath;

/// The active version of one target, as a device inherits it.
///
/// @param entries `{key: {value, data_type, updated_at}}`
record Level(Target target, OrganizationPath organization, long version, JsonNode entries) {

    ObjectNode json() {
        return JsonNodeFactory.instance.objectNode().put("target", target.text())
                .put("organization_id", organization.id()).put("version", version);
    }
}
