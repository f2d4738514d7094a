package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// The device's metadata has at least this in it.
record MetadataCheck(JsonNode contains) implements Condition {
    @Override
    public boolean holds(RuleState it) {
        return contains(it.metadata(), contains);
    }

    /// As PostgreSQL's `@>`.
    static boolean contains(JsonNode whole, JsonNode part) {
        if (part.isObject()) {
            if (!whole.isObject()) return false;
            for (var field : part.properties()) {
                var found = whole.get(field.getKey());
                if (found == null || !contains(found, field.getValue())) return false;
            }
            return true;
        }
        if (part.isArray()) {
            if (!whole.isArray()) return false;
            for (var element : part) {
                var found = false;
                for (var candidate : whole) found |= contains(candidate, element);
                if (!found) return false;
            }
            return true;
        }
        if (part.isNumber() && whole.isNumber()) return part.doubleValue() == whole.doubleValue();
        return whole.equals(part);
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "metadata_check").set("contains", contains);
    }
}
