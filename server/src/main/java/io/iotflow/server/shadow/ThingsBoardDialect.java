package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The topics `v1/devices/me/…` of ThingsBoard's device API: client attributes are what the device reports, shared ones
/// what is desired.
final class ThingsBoardDialect implements Dialect {
    static final String PREFIX = "thingsboard/";
    private static final String ATTRIBUTES = PREFIX + "attributes";
    private static final String ASKED = ATTRIBUTES + "/request/";
    private static final String CALLED = PREFIX + "rpc/request/";

    @Override
    public Ask read(String word, JsonNode body) {
        if (word.equals(ATTRIBUTES)) {
            if (!body.isObject()) throw PlatformException.malformed("Attributes are an object.");
            return Ask.toReport(new Wish(body, OptionalLong.empty(), OptionalLong.empty(), ""));
        }
        if (word.startsWith(ASKED)) return Ask.toSee(body.toString()); // the answer is made from the question
        if (word.startsWith(CALLED)) throw Reports.noMethods();
        throw PlatformException.notFound("call that waits for this answer");
    }

    @Override
    public List<Said> accepted(String word, Ask ask, Shadow before, Shadow after, Instant now) {
        if (!word.startsWith(ASKED)) return List.of(); // the acknowledgement of the message is the answer
        return List.of(new Said(ATTRIBUTES + "/response/" + word.substring(ASKED.length()),
                () -> attributes(tree(ask.token()), after)));
    }

    private static JsonNode tree(String text) {
        return text.isEmpty() ? Json.mapper().createObjectNode()
                : Json.read(text.getBytes(StandardCharsets.UTF_8));
    }

    /// @param wanted `{"clientKeys": "a,b", "sharedKeys": "c"}`; all of both when it names neither
    static ObjectNode attributes(JsonNode wanted, Shadow shadow) {
        var client = keys(wanted, "clientKeys");
        var shared = keys(wanted, "sharedKeys");
        var isAll = client.isEmpty() && shared.isEmpty();
        var json = Json.mapper().createObjectNode();
        if (isAll || client.isPresent()) json.set("client", some(client, shadow.reported().state()));
        if (isAll || shared.isPresent()) json.set("shared", some(shared, shadow.desired().state()));
        return json;
    }

    private static Optional<List<String>> keys(JsonNode wanted, String field) {
        var keys = wanted.path(field);
        return keys.isTextual() && !keys.textValue().isBlank()
                ? Optional.of(List.of(keys.textValue().strip().split("\\s*,\\s*"))) : Optional.empty();
    }

    private static ObjectNode some(Optional<List<String>> keys, ObjectNode state) {
        if (keys.isEmpty()) return state;
        var json = Json.mapper().createObjectNode();
        for (var key : keys.get()) if (state.has(key)) json.set(key, state.get(key));
        return json;
    }

    @Override
    public List<Said> rejected(String word, String token, PlatformException why, Shadow now, Instant at) {
        var number = word.substring(word.lastIndexOf('/') + 1);
        var topic = word.startsWith(ASKED) ? ATTRIBUTES + "/response/" + number
                : word.startsWith(CALLED) ? PREFIX + "rpc/response/" + number : "";
        if (topic.isEmpty()) return List.of();
        return List.of(new Said(topic, () -> Json.mapper().createObjectNode().put("error", why.getMessage())));
    }

    /// New values as they are now, and the names of those that are gone.
    @Override
    public List<Said> desired(Shadow before, Shadow after, Instant now) {
        var said = new ArrayList<Said>();
        var changed = Json.mapper().createObjectNode();
        for (var field : after.desired().state().properties()) {
            if (!field.getValue().equals(before.desired().state().get(field.getKey()))) {
                changed.set(field.getKey(), field.getValue());
            }
        }
        var gone = Json.mapper().createArrayNode();
        before.desired().state().fieldNames().forEachRemaining(name -> {
            if (!after.desired().state().has(name)) gone.add(name);
        });
        if (!changed.isEmpty()) said.add(new Said(ATTRIBUTES, () -> changed));
        if (!gone.isEmpty()) {
            said.add(new Said(ATTRIBUTES, () -> Json.mapper().createObjectNode().set("deleted", gone)));
        }
        return said;
    }

    /// Its devices ask by themselves when they come back.
    @Override
    public List<Said> outstanding(Shadow shadow, ObjectNode delta, Instant now) {
        return List.of();
    }
}
