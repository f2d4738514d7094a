package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// JSON Merge Patch (RFC 7396), and the difference between two documents as such a patch. Pure; what is given is never
/// changed, and the result shares with it what is the same.
final class MergePatch {
    private MergePatch() {}

    /// The target with the patch applied.
    static ObjectNode merged(JsonNode target, ObjectNode patch) {
        var result = copy(target);
        for (var field : patch.properties()) {
            var value = field.getValue();
            if (value.isNull()) result.remove(field.getKey());
            else if (value instanceof ObjectNode inner) {
                result.set(field.getKey(), merged(result.path(field.getKey()), inner));
            } else result.set(field.getKey(), value);
        }
        return result;
    }

    /// Marks what a patch changes: a tree like the document's, in which a mark stands for each value.
    ///
    /// @param mark anything but an object
    static ObjectNode marked(JsonNode marks, ObjectNode patch, JsonNode mark) {
        var result = copy(marks);
        for (var field : patch.properties()) {
            var value = field.getValue();
            if (value.isNull()) result.remove(field.getKey());
            else if (value instanceof ObjectNode inner) {
                result.set(field.getKey(), marked(result.path(field.getKey()), inner, mark));
            } else result.set(field.getKey(), mark);
        }
        return result;
    }

    /// What of the wanted document is not so in the present one. What is present only does not count.
    static ObjectNode difference(ObjectNode wanted, ObjectNode present) {
        var result = JsonNodeFactory.instance.objectNode();
        for (var field : wanted.properties()) {
            var is = present.path(field.getKey());
            if (field.getValue() instanceof ObjectNode inner && is instanceof ObjectNode known) {
                var below = difference(inner, known);
                if (!below.isEmpty()) result.set(field.getKey(), below);
            } else if (!field.getValue().equals(MergePatch::compare, is)) {
                result.set(field.getKey(), field.getValue());
            }
        }
        return result;
    }

    /// Those marks that belong to a part of the document.
    static ObjectNode marksOf(ObjectNode part, JsonNode marks) {
        var result = JsonNodeFactory.instance.objectNode();
        for (var field : part.properties()) {
            var mark = marks.path(field.getKey());
            if (field.getValue() instanceof ObjectNode inner && mark.isObject()) {
                result.set(field.getKey(), marksOf(inner, mark));
            } else if (!mark.isMissingNode()) result.set(field.getKey(), mark);
        }
        return result;
    }

    /// 1 and 1.0 are the same number, which `equals` of the nodes does not know.
    private static int compare(JsonNode one, JsonNode other) {
        if (!one.isNumber() || !other.isNumber()) return one.equals(other) ? 0 : 1;
        if (one.canConvertToLong() && other.canConvertToLong() && one.isIntegralNumber() && other.isIntegralNumber()) {
            return Long.compare(one.longValue(), other.longValue());
        }
        return Double.compare(one.doubleValue(), other.doubleValue());
    }

    private static ObjectNode copy(JsonNode node) {
        var copy = JsonNodeFactory.instance.objectNode();
        return node instanceof ObjectNode object ? copy.setAll(object) : copy;
    }
}
