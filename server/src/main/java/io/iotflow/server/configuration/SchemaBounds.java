package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Keeps out schemas that could take for ever or read what is not in them: each may refer to its own parts only, must
/// not come back to itself, and is bounded with every reference written out.
final class SchemaBounds {
    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
    private static final List<String> ONE = List.of("additionalProperties", "unevaluatedProperties", "items",
            "unevaluatedItems", "contains", "propertyNames", "not", "if", "then", "else");
    private static final List<String> LIST = List.of("allOf", "anyOf", "oneOf", "prefixItems");
    private static final List<String> NAMED = List.of("properties", "patternProperties", "dependentSchemas");
    private static final List<String> DEFINITIONS = List.of("$defs", "definitions");
    private static final List<String> REFUSED = List.of("$dynamicRef", "$dynamicAnchor", "$recursiveRef",
            "$recursiveAnchor", "$anchor", "$vocabulary");
    /// Of a schema that is being counted.
    private static final int OPEN = -1;

    private final JsonNode root;
    private final Map<JsonNode, Integer> sizes = new IdentityHashMap<>();

    private SchemaBounds(JsonNode root) {
        this.root = root;
    }

    /// @throws PlatformException `INVALID` by the path in the schema
    static void check(JsonNode document) {
        if (!document.isObject()) throw PlatformException.invalid("schema", "must be an object: a JSON Schema");
        if (document.toString().getBytes(StandardCharsets.UTF_8).length > Limits.CONFIGURATION_SCHEMA_BYTES) {
            throw new PlatformException(ErrorCode.TOO_LARGE, "A schema may have at most "
                    + Limits.CONFIGURATION_SCHEMA_BYTES + " bytes.");
        }
        if (!StorableText.accepts(document)) {
            throw PlatformException.invalid("schema", StorableText.NO_JSON);
        }
        if (!Content.isFinite(document)) {
            throw PlatformException.invalid("schema", "must have numbers of the size of a double only");
        }
        var dialect = document.path("$schema");
        if (!dialect.isMissingNode() && !dialect.asText().equals(DIALECT)) {
            throw PlatformException.invalid("schema/$schema", "must be " + DIALECT + " or left out");
        }
        new SchemaBounds(document).size(document, "schema");
    }

    /// How many schemas it is with every reference written out.
    private int size(JsonNode schema, String path) {
        if (!schema.isObject()) return 1;
        var known = sizes.get(schema);
        if (known != null) {
            if (known == OPEN) throw PlatformException.invalid(path, "must not refer to what it is a part of");
            return known;
        }
        sizes.put(schema, OPEN);
        checkWords(schema, path);
        var size = 1;
        for (var word : ONE) {
            if (schema.has(word)) size += size(schema.get(word), Pointer.below(path, word));
        }
        for (var word : LIST) size += all(schema.path(word), Pointer.below(path, word));
        for (var word : NAMED) size += all(schema.path(word), Pointer.below(path, word));
        if (schema.has("$ref")) size += size(target(schema.get("$ref"), path), Pointer.below(path, "$ref"));
        // Definitions cost only where they are used, but must be sound.
        for (var word : DEFINITIONS) all(schema.path(word), Pointer.below(path, word));
        if (size > Limits.CONFIGURATION_SCHEMA_PARTS) {
            throw PlatformException.invalid(path, "has more than " + Limits.CONFIGURATION_SCHEMA_PARTS
                    + " parts with every $ref written out; make it simpler");
        }
        sizes.put(schema, size);
        return size;
    }

    private int all(JsonNode schemas, String path) {
        var size = 0;
        if (schemas.isObject()) {
            for (var it : schemas.properties()) size += size(it.getValue(), Pointer.below(path, it.getKey()));
        } else {
            for (var i = 0; i < schemas.size(); i++) size += size(schemas.get(i), path + "/" + i);
        }
        return size;
    }

    private void checkWords(JsonNode schema, String path) {
        for (var word : REFUSED) {
            if (schema.has(word)) throw PlatformException.invalid(Pointer.below(path, word), "is not possible here");
        }
        if (schema != root && schema.has("$id")) {
            throw PlatformException.invalid(Pointer.below(path, "$id"), "is possible at the top only");
        }
        if (schema.path("pattern").isTextual()) checkPattern(schema.get("pattern").textValue(), path + "/pattern");
        schema.path("patternProperties").fieldNames().forEachRemaining(pattern ->
                checkPattern(pattern, Pointer.below(path + "/patternProperties", pattern)));
    }

    private static void checkPattern(String pattern, String path) {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw PlatformException.invalid(path, "is no regular expression: " + e.getDescription());
        } catch (StackOverflowError _) {
            throw PlatformException.invalid(path, "is too deep; write it with fewer parentheses");
        }
    }

    private JsonNode target(JsonNode reference, String path) {
        var text = reference.asText();
        if (!reference.isTextual() || !text.equals("#") && !text.startsWith("#/")) {
            throw PlatformException.invalid(Pointer.below(path, "$ref"),
                    "may refer to a part of this schema only, as #/$defs/name");
        }
        var found = text.contains("%") ? MissingNode.getInstance() : root.at(text.substring(1));
        if (found.isMissingNode()) {
            throw PlatformException.invalid(Pointer.below(path, "$ref"), "leads nowhere");
        }
        return found;
    }
}
