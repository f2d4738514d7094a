package io.iotflow.server.trace;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/// Writes a list until it is too long, and how many elements were left out then.
final class BoundedList {
    private BoundedList() {}

    static <T> void put(ObjectNode into, String field, List<T> elements, Function<T, ObjectNode> json) {
        var array = into.putArray(field);
        var left = Limits.TRACE_LIST_BYTES;
        for (var i = 0; i < elements.size(); i++) {
            var node = json.apply(elements.get(i));
            left -= node.toString().getBytes(StandardCharsets.UTF_8).length;
            if (left < 0) {
                into.put(field + "_left_out", elements.size() - i);
                return;
            }
            array.add(node);
        }
    }
}
