package io.iotflow.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Durations;
import io.iotflow.server.core.PlatformException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;

/// An object of a body, read field by field. Every refusal names the field by its path: `condition.of[1].metric`.
/// Whoever has read all it knows calls [#end], which refuses what is left.
public final class Fields {
    private final String path;
    private final ObjectNode object;
    private final TreeSet<String> asked = new TreeSet<>();

    private Fields(String path, ObjectNode object) {
        this.path = path;
        this.object = object;
    }

    /// @param path of the object itself; empty for the body
    public static Fields of(String path, JsonNode node) {
        if (node instanceof ObjectNode object) return new Fields(path, object);
        if (path.isEmpty()) throw PlatformException.malformed("The body must be one JSON object and nothing else.");
        throw PlatformException.invalid(path, "must be an object");
    }

    /// The path of one of its fields.
    public String path(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    public PlatformException refusal(String field, String why) {
        return PlatformException.invalid(path(field), why);
    }

    /// The field, unless it is absent or null.
    public Optional<JsonNode> find(String field) {
        asked.add(field);
        return Optional.ofNullable(object.get(field)).filter(it -> !it.isNull());
    }

    public JsonNode required(String field) {
        return find(field).orElseThrow(() -> refusal(field, "is missing"));
    }

    public Optional<String> text(String field, int characters) {
        return find(field).map(it -> {
            if (!it.isTextual()) throw refusal(field, "must be text");
            if (it.textValue().length() > characters) {
                throw refusal(field, "must have " + characters + " characters at most");
            }
            return it.textValue();
        });
    }

    public String requiredText(String field, int characters) {
        required(field);
        return text(field, characters).filter(it -> !it.isBlank())
                .orElseThrow(() -> refusal(field, "must not be empty"));
    }

    public Optional<Double> number(String field) {
        return find(field).map(it -> {
            if (!it.isNumber() || !Double.isFinite(it.doubleValue())) throw refusal(field, "must be a number");
            return it.doubleValue();
        });
    }

    public double requiredNumber(String field) {
        required(field);
        return number(field).orElseThrow();
    }

    public int whole(String field, int otherwise, int min, int max) {
        return find(field).map(it -> {
            if (!it.isIntegralNumber() || it.longValue() < min || it.longValue() > max) {
                throw refusal(field, "must be a whole number from " + min + " to " + max);
            }
            return it.intValue();
        }).orElse(otherwise);
    }

    public boolean flag(String field, boolean otherwise) {
        return find(field).map(it -> {
            if (!it.isBoolean()) throw refusal(field, "must be true or false");
            return it.booleanValue();
        }).orElse(otherwise);
    }

    /// A duration such as `5m`, from one millisecond on.
    public Optional<Duration> duration(String field, Duration longest) {
        return text(field, 20).map(text -> {
            Duration read;
            try {
                read = Durations.parse(text);
            } catch (IllegalArgumentException e) {
                throw refusal(field, e.getMessage());
            }
            if (read.isZero() || read.compareTo(longest) > 0) {
                throw refusal(field, "must be longer than nothing and at most " + Durations.text(longest));
            }
            return read;
        });
    }

    public Duration requiredDuration(String field, Duration longest) {
        required(field);
        return duration(field, longest).orElseThrow();
    }

    /// One of the words, which stand for something.
    public <T> Optional<T> word(String field, Map<String, T> words) {
        return text(field, 50).map(text -> {
            var meant = words.get(text);
            if (meant == null) {
                throw refusal(field, "must be one of " + String.join(", ", new TreeSet<>(words.keySet())));
            }
            return meant;
        });
    }

    public Optional<Fields> object(String field) {
        return find(field).map(it -> of(path(field), it));
    }

    /// The elements of a list, with the path of each; none when it is absent.
    public <T> List<T> list(String field, int atMost, BiFunction<String, JsonNode, T> each) {
        var node = find(field);
        if (node.isEmpty()) return List.of();
        if (!node.get().isArray()) throw refusal(field, "must be a list");
        if (node.get().size() > atMost) throw refusal(field, "must have " + atMost + " elements at most");
        var read = new ArrayList<T>(node.get().size());
        for (var element : node.get()) read.add(each.apply(path(field) + "[" + read.size() + "]", element));
        return read;
    }

    public List<String> texts(String field, int atMost, int characters) {
        return list(field, atMost, (at, element) -> {
            if (!element.isTextual() || element.textValue().isBlank() || element.textValue().length() > characters) {
                throw PlatformException.invalid(at, "must be text of 1 to " + characters + " characters");
            }
            return element.textValue();
        });
    }

    /// Refuses fields that nobody has asked for.
    public void end() {
        object.fieldNames().forEachRemaining(field -> {
            if (!asked.contains(field)) {
                throw refusal(field, "is not a field here; there are " + String.join(", ", asked));
            }
        });
    }
}
