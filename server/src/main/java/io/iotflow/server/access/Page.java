package io.iotflow.server.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Query;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// One page of things in the order of their numbers.
///
/// @param next the number after which the following page begins; 0 on the last one
record Page<T>(List<T> items, long next) {

    /// What is asked for.
    record Wish(long after, int limit) {
        static Wish of(Query query) {
            return new Wish(query.whole("cursor", 0L, 0L, Long.MAX_VALUE),
                    query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX));
        }
    }

    /// @param rows one more than the page has, if there are more
    static <T> Page<T> of(List<T> rows, Wish wish, ToLongFunction<T> id) {
        if (rows.size() <= wish.limit()) return new Page<>(rows, 0);
        var items = rows.subList(0, wish.limit());
        return new Page<>(items, id.applyAsLong(items.getLast()));
    }

    ObjectNode json(String plural, Function<T, ObjectNode> each) {
        var answer = Json.mapper().createObjectNode();
        var array = answer.putArray(plural);
        items.forEach(item -> array.add(each.apply(item)));
        return answer.put("count", items.size()).put("next_cursor", next == 0 ? null : Long.toString(next));
    }
}
