package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// One place in which two documents differ. Objects are looked into; arrays and everything else differ as a whole.
/// Numbers are the same when their values are: `1` and `1.0`.
///
/// @param path   a JSON Pointer
/// @param before empty if there was nothing
/// @param after  empty if there is nothing
record Difference(String path, Optional<JsonNode> before, Optional<JsonNode> after) {

    /// By their paths.
    static List<Difference> between(JsonNode before, JsonNode after) {
        var found = new ArrayList<Difference>();
        collect(before, after, "", found);
        return found;
    }

    private static void collect(JsonNode before, JsonNode after, String path, List<Difference> found) {
        if (before != null && after != null && before.isObject() && after.isObject()) {
            var names = new TreeSet<String>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            for (var name : names) {
                collect(before.get(name), after.get(name), Pointer.below(path, name), found);
            }
        } else if (before == null || after == null || !isSame(before, after)) {
            found.add(new Difference(path, Optional.ofNullable(before), Optional.ofNullable(after)));
        }
    }

    static boolean isSame(JsonNode one, JsonNode other) {
        if (one.isNumber() && other.isNumber()) return one.decimalValue().compareTo(other.decimalValue()) == 0;
        if (one.getNodeType() != other.getNodeType()) return false;
        if (!one.isContainerNode()) return one.equals(other);
        if (one.size() != other.size()) return false;
        if (one.isObject()) {
            return one.propertyStream().allMatch(field -> other.has(field.getKey())
                    && isSame(field.getValue(), other.get(field.getKey())));
        }
        for (var i = 0; i < one.size(); i++) if (!isSame(one.get(i), other.get(i))) return false;
        return true;
    }

    ObjectNode json() {
        var json = JsonNodeFactory.instance.objectNode().put("path", path);
        before.ifPresent(value -> json.set("before", value));
        after.ifPresent(value -> json.set("after", value));
        return json;
    }
}
