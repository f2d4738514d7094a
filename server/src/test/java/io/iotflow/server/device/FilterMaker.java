package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Random;

/// Makes random metadata and random filters that often have to do with one another.
final class FilterMaker {
    private static final String[] NAMES = {"a", "b", "site", "tags", "length", "0", "$sealed", "secret"};
    private static final String[] TEXTS = {"", "A", "B", "AB", "5", "ı", "\uD83D\uDE00", "it's", "null", "100%"};
    private static final String[] NUMBERS = {"0", "1", "5", "-1", "2.5", "1e20", "9007199254740993", "-0.0",
        "1" + "0".repeat(100), "1e100"};
    private static final String[] FIELDS = {"name", "type", "device_type", "status", "location", "firmware_version",
        "description", "user_id", "hardware_version", "id", "created_at", "is_online", "groups", "last_seen"};
    private static final String[] ORDERS = {" < ", " <= ", " > ", " >= "};
    private static final String[] EQUALITIES = {" === ", " !== ", " == ", " != "};
    private final Random random;

    FilterMaker(Random random) {
        this.random = random;
    }

    ObjectNode metadata() {
        var metadata = object(3);
        if (random.nextBoolean()) metadata.set("tags", random.nextInt(8) == 0 ? json(1) : object(1));
        return metadata;
    }

    private ObjectNode object(int depth) {
        var object = JsonNodeFactory.instance.objectNode();
        for (var i = random.nextInt(5); i > 0; i--) {
            var name = one(NAMES);
            object.set(name, name.equals("$sealed") ? JsonNodeFactory.instance.numberNode(5) : json(depth - 1));
        }
        return object;
    }

    private JsonNode json(int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 6)) {
            case 0, 1, 2 -> JsonNodeFactory.instance.textNode(one(TEXTS));
            case 3 -> number();
            case 4 -> JsonNodeFactory.instance.booleanNode(random.nextBoolean());
            case 5 -> JsonNodeFactory.instance.nullNode();
            case 6 -> {
                var array = JsonNodeFactory.instance.arrayNode();
                for (var i = random.nextInt(4); i > 0; i--) array.add(json(depth - 1));
                yield array;
            }
            default -> object(depth);
        };
    }

    private JsonNode number() {
        var text = one(NUMBERS);
        return text.matches("-?[0-9]+") ? JsonNodeFactory.instance.numberNode(new BigInteger(text))
                : JsonNodeFactory.instance.numberNode(Double.parseDouble(text));
    }

    String text() {
        return one(TEXTS);
    }

    String filter(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 7)) {
            case 0 -> place();
            case 1, 2 -> place() + one(EQUALITIES) + literal();
            case 3 -> literal() + one(EQUALITIES) + place();
            case 4 -> random.nextBoolean() ? place() + one(ORDERS) + literal() : literal() + one(ORDERS) + place();
            case 5 -> place() + one(".includes", ".startsWith", ".endsWith", "?.includes", "?.startsWith") + "("
                    + literal() + ")";
            case 6 -> one("true", "device.groups.includes('x')", "device.name.length > 3",
                    "device.type.toUpperCase() === 'A'");
            case 7, 8 -> filter(depth - 1) + " && " + filter(depth - 1);
            case 9 -> filter(depth - 1) + " || " + filter(depth - 1);
            case 10 -> "(" + filter(depth - 1) + ") === " + one("true", "false");
            default -> "!(" + filter(depth - 1) + ")";
        };
    }

    private String place() {
        if (random.nextInt(3) == 0) return "device." + one(FIELDS);
        var place = new StringBuilder(one("metadata", "metadata", "tags"));
        for (var i = random.nextInt(3); i >= 0; i--) {
            var name = one(NAMES);
            if (name.matches("[a-z]+") && random.nextBoolean()) place.append(one(".", "?.", "?.")).append(name);
            else place.append(one("", "?.")).append("['").append(name).append("']");
        }
        return place.toString();
    }

    private String literal() {
        return switch (random.nextInt(6)) {
            case 0, 1, 2 -> "'" + one(TEXTS).replace("'", "\\'") + "'";
            case 3 -> one(NUMBERS);
            case 4 -> one("true", "false");
            default -> one("null", "undefined", "1 + 1", "-2");
        };
    }

    private String one(String... of) {
        return of[random.nextInt(of.length)];
    }
}
