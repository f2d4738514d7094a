package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What a device inherits, from the outermost level in: each level is applied to what came of those outside it, as JSON
/// Merge Patch (RFC 7396) says. Objects are merged key by key, everything else replaces what was there, and `null`
/// takes away what was inherited. So the outer levels may always be put together first; the inner ones may not, because
/// whether something inside is merged or replaces depends on what is outside.
///
/// @param entries `{key: {value, data_type, updated_at}}`, without any key whose value was taken away
/// @param sources for each value that is no object, by its JSON Pointer, the level that it is from; likewise for empty
///                objects
record Merged(ObjectNode entries, NavigableMap<String, Level> sources) {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /// @param levels the outermost first
    static Merged of(List<Level> levels) {
        var values = JSON.objectNode();
        var sources = new TreeMap<String, Level>();
        for (var level : levels) merge(values, Content.values(level.entries()), "", level, sources);
        var entries = JSON.objectNode();
        values.properties().forEach(value -> entries.set(value.getKey(), entry(value.getKey(), value.getValue(),
                levels)));
        return new Merged(entries, sources);
    }

    private static void merge(ObjectNode into, JsonNode patch, String path, Level level,
            NavigableMap<String, Level> sources) {
        for (var field : patch.properties()) {
            var value = field.getValue();
            var at = Pointer.below(path, field.getKey());
            if (value.isObject()) {
                if (!into.path(field.getKey()).isObject()) {
                    forget(at, sources);
                    into.putObject(field.getKey());
                }
                sources.remove(at);
                var inner = (ObjectNode) into.get(field.getKey());
                merge(inner, value, at, level, sources);
                if (inner.isEmpty()) sources.put(at, level);
            } else {
                forget(at, sources);
                if (value.isNull()) {
                    into.remove(field.getKey());
                } else {
                    into.set(field.getKey(), value);
                    sources.put(at, level);
                }
            }
        }
    }

    /// The path itself and all below it: those follow `/` and come before `0`.
    private static void forget(String path, NavigableMap<String, Level> sources) {
        sources.remove(path);
        sources.subMap(path + "/", true, path + "0", false).clear();
    }

    /// Of the type that the innermost level says, and as new as the newest level that says something of it.
    private static ObjectNode entry(String key, JsonNode value, List<Level> levels) {
        var type = "";
        var updated = "";
        for (var level : levels) {
            var entry = level.entries().path(key);
            if (entry.isMissingNode()) continue;
            if (!entry.path("value").isNull()) type = entry.path("data_type").asText();
            var at = entry.path("updated_at").asText();
            if (updated.isEmpty() || Content.time(at).isAfter(Content.time(updated))) updated = at;
        }
        return JSON.objectNode().put("data_type", type).put("updated_at", updated).set("value", value);
    }
}
