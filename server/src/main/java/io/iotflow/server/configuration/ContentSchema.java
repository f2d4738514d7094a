package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// A JSON Schema (2020-12) for configurations. It is bounded before it is used, see [SchemaBounds], and nothing is ever
/// fetched for it. May be used on any thread.
final class ContentSchema {
    /// What is wrong with one part of a configuration, whatever else it will be merged with.
    private static final Set<String> CERTAIN = Set.of("type", "enum", "const", "minimum", "maximum",
            "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems",
            "maxItems", "uniqueItems", "maxProperties", "additionalProperties", "propertyNames");
    private static final Pattern CHOICE = Pattern.compile("/(anyOf|oneOf|not|if|then|else|contains|dependentSchemas)"
            + "(/|$)");
    private static final int REPORTED = 20;
    private static final SchemaRegistryConfig CONFIG = SchemaRegistryConfig.builder().locale(Locale.ENGLISH)
            .regularExpressionFactory(BoundedPattern::compile).build();
    private static final Schema META = registry().getSchema(
            SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));

    private final Schema schema;

    private ContentSchema(Schema schema) {
        this.schema = schema;
    }

    /// Only the meta-schemas can be referred to, which are in the library.
    private static SchemaRegistry registry() {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12, builder -> builder
                .schemaRegistryConfig(CONFIG).schemaLoader(loader -> loader.fetchRemoteResources(false)
                        .allow(iri -> iri.toString().startsWith("https://json-schema.org/draft/2020-12/"))));
    }

    /// @throws PlatformException `INVALID`, by the path in the schema
    static ContentSchema of(JsonNode document) {
        SchemaBounds.check(document);
        var faults = found(META, document, "schema").stream().map(it -> it.error).toList();
        if (!faults.isEmpty()) throw refusal(faults);
        var own = ((ObjectNode) document).deepCopy();
        own.remove("$id"); // so that it cannot take the place of another schema
        try {
            var compiled = registry().getSchema(own);
            compiled.initializeValidators();
            return new ContentSchema(compiled);
        } catch (SchemaException e) {
            throw PlatformException.invalid("schema", "cannot be used: " + e.getMessage());
        }
    }

    /// What is wrong with a whole configuration.
    List<FieldError> violations(JsonNode values) {
        return found(schema, values, "configuration").stream().map(Found::error).limit(REPORTED).toList();
    }

    /// What is wrong with one level, and cannot become right by what others have.
    List<FieldError> certainViolations(JsonNode values) {
        return found(schema, values, "configuration").stream().filter(Found::isCertain).map(Found::error)
                .limit(REPORTED).toList();
    }

    static PlatformException refusal(List<FieldError> faults) {
        var first = faults.getFirst();
        return new PlatformException(ErrorCode.INVALID, first.field() + " " + first.detail(), faults);
    }

    private record Found(FieldError error, boolean isCertain) {}

    private static List<Found> found(Schema schema, JsonNode document, String field) {
        try {
            return schema.validate(document).stream().map(it -> new Found(new FieldError(
                    field + place(it), it.getMessage()), isCertain(it))).toList();
        } catch (BoundedPattern.TooSlow | StackOverflowError _) {
            return List.of(new Found(new FieldError(field, "takes too long to be held against a pattern of the schema; "
                    + "write the pattern without nested repetitions"), true));
        }
    }

    /// A field that is missing, or must not be there, is named itself.
    private static String place(Error error) {
        var at = error.getInstanceLocation().toString();
        var field = error.getProperty();
        return field == null ? at : Pointer.below(at, field);
    }

    private static boolean isCertain(Error error) {
        return CERTAIN.contains(error.getKeyword()) && !CHOICE.matcher(error.getEvaluationPath().toString()).find();
    }
}
