package io.iotflow.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/// The one JSON mapper: names in snake_case, times as ISO 8601 UTC, device ids as numbers. Reading is strict: a key
/// that stands twice, a field that the record does not have, too deep nesting and too long names are refused.
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(Limits.JSON_DEPTH)
                            .maxNameLength(Limits.JSON_NAME_CHARACTERS)
                            .maxNumberLength(Limits.JSON_NUMBER_CHARACTERS)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .addModule(new SimpleModule()
                    .addSerializer(new InstantWriter()).addDeserializer(Instant.class, new InstantReader())
                    .addSerializer(new DeviceIdWriter()).addSerializer(new FieldErrorWriter()))
            .build();

    private Json() {}

    /// For building trees and for streaming.
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: an answer that is not JSON: " + value.getClass(), e);
        }
    }

    public static JsonNode read(byte[] body) {
        try {
            var node = MAPPER.readTree(body);
            if (node == null || node.isMissingNode()) throw PlatformException.malformed("The body is empty.");
            return node;
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    /// @param now what relative times in the body are relative to
    static <T> T read(byte[] body, Class<T> type, Instant now) {
        try {
            if (body.length == 0) throw PlatformException.malformed("The body is empty.");
            T value = MAPPER.readerFor(type).withAttribute(Instant.class, now).readValue(body);
            if (value == null) throw PlatformException.malformed("The body must not be null.");
            return value;
        } catch (JsonMappingException e) {
            throw refusal(e);
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    /// A body that is JSON but not what the call takes.
    private static PlatformException refusal(JsonMappingException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof PlatformException refused) return refused;
            if (cause instanceof JsonProcessingException syntax && !(cause instanceof JsonMappingException)) {
                return malformed(syntax);
            }
        }
        var field = e.getPath().stream().map(step -> step.getFieldName() == null
                        ? Integer.toString(step.getIndex()) : step.getFieldName())
                .collect(Collectors.joining("."));
        var why = switch (e) {
            case UnrecognizedPropertyException unknown -> "is not a field of this call; it has "
                    + unknown.getKnownPropertyIds().stream().map(Object::toString).sorted()
                            .collect(Collectors.joining(", "));
            case JsonMappingException other when other.getCause() instanceof IllegalArgumentException own ->
                    own.getMessage();
            default -> "has the wrong type";
        };
        if (field.isEmpty()) return PlatformException.malformed("The body must be one JSON object and nothing else.");
        return new PlatformException(ErrorCode.INVALID, field + " " + why, List.of(new FieldError(field, why)));
    }

    private static PlatformException malformed(IOException e) {
        if (!(e instanceof JsonProcessingException syntax)) {
            return PlatformException.malformed("The body is not UTF-8 JSON.");
        }
        var at = syntax.getLocation();
        var where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
        var why = syntax.getOriginalMessage();
        var firstLine = why == null ? "" : ": " + why.lines().findFirst().orElse("");
        return PlatformException.malformed("The body is not JSON" + where + firstLine);
    }

    private static final class InstantWriter extends StdSerializer<Instant> {
        InstantWriter() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant value, JsonGenerator to, SerializerProvider provider) throws IOException {
            to.writeString(value.toString());
        }
    }

    private static final class InstantReader extends StdDeserializer<Instant> {
        InstantReader() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser from, DeserializationContext context) throws IOException {
            var field = from.currentName() == null ? "time" : from.currentName();
            return Query.time(field, from.getText(), (Instant) context.getAttribute(Instant.class));
        }
    }

    /// Where in the field it is stands in the detail.
    private static final class FieldErrorWriter extends StdSerializer<FieldError> {
        FieldErrorWriter() {
            super(FieldError.class);
        }

        @Override
        public void serialize(FieldError value, JsonGenerator to, SerializerProvider provider) throws IOException {
            to.writeStartObject();
            to.writeStringField("field", value.field());
            to.writeStringField("detail", value.detail());
            to.writeEndObject();
        }
    }

    private static final class DeviceIdWriter extends StdSerializer<DeviceId> {
        DeviceIdWriter() {
            super(DeviceId.class);
        }

        @Override
        public void serialize(DeviceId value, JsonGenerator to, SerializerProvider provider) throws IOException {
            to.writeNumber(value.value());
        }
    }
}
