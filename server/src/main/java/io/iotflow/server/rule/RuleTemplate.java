package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.MetricName;
import io.iotflow.server.core.Durations;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A rule with places for what is different each time, written `{{name}}`. A text that is nothing but a place becomes
/// the value itself; within a text stands the value as text. Values are so narrow that none of them can mean something
/// else in an expression than one value.
///
/// @param document the rule, without its name
record RuleTemplate(String id, String name, String description, String category, List<Parameter> parameters,
                    ObjectNode document) {
    private static final String FILE = "templates.json";
    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z_]+)}}");
    private static final Pattern VERSION = Pattern.compile("v?[0-9][0-9A-Za-z.+-]{0,49}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_]{1,64}");
    static final Map<String, RuleTemplate> ALL = read();

    /// What a value may be.
    private enum Type {
        NUMBER("a number") {
            @Override
            boolean accepts(JsonNode value) {
                return value.isNumber() && Double.isFinite(value.doubleValue());
            }
        },
        WHOLE("a whole number") {
            @Override
            boolean accepts(JsonNode value) {
                return value.canConvertToExactIntegral() && value.canConvertToInt();
            }
        },
        DURATION("a duration such as 5m") {
            @Override
            boolean accepts(JsonNode value) {
                try {
                    return value.isTextual() && !Durations.parse(value.textValue()).isZero();
                } catch (IllegalArgumentException _) {
                    return false;
                }
            }
        },
        VERSION("a version such as 1.4.0") {
            @Override
            boolean accepts(JsonNode value) {
                return value.isTextual() && RuleTemplate.VERSION.matcher(value.textValue()).matches();
            }
        },
        METRIC("the name of a metric") {
            @Override
            boolean accepts(JsonNode value) {
                return value.isTextual() && MetricName.isValid(value.textValue());
            }
        },
        WORD("a word of 1 to 64 letters, digits and _") {
            @Override
            boolean accepts(JsonNode value) {
                return value.isTextual() && RuleTemplate.WORD.matcher(value.textValue()).matches();
            }
        };

        private final String form;

        Type(String form) {
            this.form = form;
        }

        abstract boolean accepts(JsonNode value);
    }

    record Parameter(String name, Type type, JsonNode usual, String doc) {}

    private static Map<String, RuleTemplate> read() {
        try (var file = RuleTemplate.class.getResourceAsStream(FILE)) {
            var all = new LinkedHashMap<String, RuleTemplate>();
            for (var it : Json.mapper().readTree(file)) {
                var parameters = it.path("parameters").valueStream().map(RuleTemplate::parameter).toList();
                all.put(it.path("id").textValue(), new RuleTemplate(it.path("id").textValue(),
                        it.path("name").textValue(), it.path("description").textValue(),
                        it.path("category").textValue(), parameters, (ObjectNode) it.path("rule")));
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Parameter parameter(JsonNode it) {
        return new Parameter(it.path("name").textValue(),
                Type.valueOf(it.path("type").textValue().toUpperCase(Locale.ROOT)), it.path("default"),
                it.path("doc").textValue());
    }

    /// @throws PlatformException `NOT_FOUND`
    static RuleTemplate require(String id) {
        var found = ALL.get(id);
        if (found == null) throw PlatformException.notFound("such template");
        return found;
    }

    /// The rule's document, named as the template.
    ///
    /// @param given an object with the values that are not the usual ones
    /// @throws PlatformException `INVALID`, naming the parameter
    ObjectNode filled(ObjectNode given) {
        var values = new HashMap<String, JsonNode>();
        for (var parameter : parameters) {
            var value = given.path(parameter.name);
            if (value.isMissingNode() || value.isNull()) value = parameter.usual;
            if (!parameter.type.accepts(value)) {
                throw PlatformException.invalid("parameters." + parameter.name, "must be " + parameter.type.form);
            }
            values.put(parameter.name, value);
        }
        given.fieldNames().forEachRemaining(name -> {
            if (!values.containsKey(name)) {
                throw PlatformException.invalid("parameters." + name, "is not a parameter here; there are "
                        + String.join(", ", new TreeSet<>(values.keySet())));
            }
        });
        var filled = JsonNodeFactory.instance.objectNode().put("name", name).put("description", description);
        filled.setAll((ObjectNode) filled(document, values));
        return filled;
    }

    private static JsonNode filled(JsonNode node, Map<String, JsonNode> values) {
        if (node instanceof ObjectNode object) {
            var filled = object.objectNode();
            object.properties().forEach(field -> filled.set(field.getKey(), filled(field.getValue(), values)));
            return filled;
        }
        if (!node.isTextual()) return node;
        var places = PLACE.matcher(node.textValue());
        if (places.matches()) return values.get(places.group(1));
        return JsonNodeFactory.instance.textNode(places.replaceAll(place ->
                Matcher.quoteReplacement(values.get(place.group(1)).asText())));
    }

    ObjectNode json() {
        var json = JsonNodeFactory.instance.objectNode().put("id", id).put("name", name)
                .put("description", description).put("category", category);
        var list = new ArrayList<JsonNode>();
        for (var it : parameters) {
            list.add(JsonNodeFactory.instance.objectNode().put("name", it.name)
                    .put("type", it.type.name().toLowerCase(Locale.ROOT)).put("doc", it.doc)
                    .set("default", it.usual));
        }
        json.putArray("parameters").addAll(list);
        return json.set("rule", document);
    }
}
