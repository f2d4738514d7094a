package io.iotflow.ledger;

import java.util.Optional;

/// Takes the fields of an object by name and type. Whether there were others, a caller learns by writing what it has
/// understood and comparing.
final class FieldReader {
    private final Json.Fields fields;

    /// @throws IllegalArgumentException if it is not an object; all methods, if a field is missing or of another type
    FieldReader(Json json) {
        if (!(json instanceof Json.Fields object)) throw new IllegalArgumentException("is not a JSON object");
        fields = object;
    }

    boolean has(String name) {
        return fields.values().containsKey(name);
    }

    String text(String name) {
        return take(name) instanceof Json.Text(var text) ? text : refuse(name, "a text");
    }

    long whole(String name) {
        return whole(name, take(name));
    }

    static long whole(String name, Json json) {
        return json instanceof Json.Numeral(var number) && number == Math.rint(number) && Math.abs(number) < 0x1p53
                ? (long) number : refuse(name, "a whole number");
    }

    Json.Array array(String name) {
        return take(name) instanceof Json.Array array ? array : refuse(name, "an array");
    }

    FieldReader object(String name) {
        return new FieldReader(take(name));
    }

    /// An object, or the empty one if the field is absent.
    Json.Fields fields(String name) {
        var json = Optional.ofNullable(fields.values().get(name)).orElse(Json.Fields.NONE);
        return json instanceof Json.Fields object ? object : refuse(name, "an object");
    }

    private Json take(String name) {
        return Optional.ofNullable(fields.values().get(name))
                .orElseThrow(() -> new IllegalArgumentException("has no field '" + name + "'"));
    }

    private static <T> T refuse(String name, String wanted) {
        throw new IllegalArgumentException("its field '" + name + "' is not " + wanted);
    }
}
