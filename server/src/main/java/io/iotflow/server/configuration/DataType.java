package io.iotflow.server.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// Of what type a configuration value is. A text is read as the type says, because not every client can send others.
enum DataType {
    STRING, INTEGER, FLOAT, BOOLEAN, JSON;

    static DataType of(String word) {
        return Arrays.stream(values()).filter(type -> type.word().equals(word.toLowerCase(Locale.ROOT))).findFirst()
                .orElseThrow(() -> PlatformException.invalid("data_type", "must be one of "
                        + Arrays.stream(values()).map(DataType::word).collect(Collectors.joining(", "))));
    }

    /// The type of a value as it was sent.
    static DataType of(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> STRING;
            case BOOLEAN -> BOOLEAN;
            case NUMBER -> value.isIntegralNumber() ? INTEGER : FLOAT;
            case ARRAY, OBJECT, NULL, BINARY, MISSING, POJO -> JSON;
        };
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws PlatformException `INVALID` when the value cannot be of this type
    JsonNode read(JsonNode value) {
        try {
            return switch (this) {
                case STRING -> value.isTextual() ? value : TextNode.valueOf(value.isContainerNode() || value.isNull()
                        ? refuse() : value.asText());
                case INTEGER -> value.isTextual() ? LongNode.valueOf(Long.parseLong(value.textValue().strip()))
                        : value.isIntegralNumber() && value.canConvertToLong() ? value : refuse();
                case FLOAT -> finite(value.isTextual() ? Double.parseDouble(value.textValue().strip())
                        : value.isNumber() ? value.doubleValue() : Double.NaN);
                case BOOLEAN -> value.isTextual() ? truth(value.textValue().strip().toLowerCase(Locale.ROOT))
                        : value.isBoolean() ? value : refuse();
                case JSON -> value.isTextual() ? tree(value.textValue()) : value;
            };
        } catch (NumberFormatException | JsonProcessingException e) {
            return refuse();
        }
    }

    private JsonNode tree(String text) throws JsonProcessingException {
        var tree = Json.mapper().readTree(text);
        return tree.isMissingNode() ? refuse() : tree;
    }

    private JsonNode finite(double number) {
        return Double.isFinite(number) ? DoubleNode.valueOf(number) : refuse();
    }

    private JsonNode truth(String word) {
        return switch (word) {
            case "true", "1", "yes", "on" -> BooleanNode.TRUE;
            case "false", "0", "no", "off" -> BooleanNode.FALSE;
            default -> refuse();
        };
    }

    private <T> T refuse() {
        throw PlatformException.invalid("config_value", "is not of the type " + word());
    }
}
