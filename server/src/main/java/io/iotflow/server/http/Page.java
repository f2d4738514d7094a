package io.iotflow.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// One page of things in the order of their numbers.
///
/// @param next the number after which the following page begins; 0 on the last one
public record Page<T>(List<T> items, long next) {

    /// What is asked for.
    public record Wish(long after, int limit) {
        public static Wish of(Query query) {
            return new Wish(query.whole("cursor", 0L, 0L, Long.MAX_VALUE),
                    query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX));
        }
    }

    /// @param rows one more than the page has, if there are more
    public static <T> Page<T> of(List<T> rows, Wish wish, ToLongFunction<T> id) {
        if (rows.size() <= wish.limit()) return new Page<>(rows, 0);
        var items = rows.subList(0, wish.limit());
        return new Page<>(items, id.applyAsLong(items.getLast()));
    }

    public ObjectNode json(String plural, Function<T, ObjectNode> each) {
        var answer = Json.mapper().createObjectNode();
        var array = answer.putArray(plural);
        items.forEach(item -> array.add(each.apply(item)));
        return answer.put("count", items.size()).put("next_cursor", next == 0 ? null : Long.toString(next));
    }
}
