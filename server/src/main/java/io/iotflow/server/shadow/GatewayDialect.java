package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/// What ThingsBoard's gateways ask and hear for the devices behind them, on the topics `v1/gateway/attributes…`. What
/// such a device reports comes in the words of [ThingsBoardDialect]. Whose it is, the transport says.
final class GatewayDialect implements Dialect {
    static final String PREFIX = "gateway/";
    private static final String RESPONSE = PREFIX + "attributes/response";

    private final ThingsBoardDialect thingsBoard;

    GatewayDialect(ThingsBoardDialect thingsBoard) {
        this.thingsBoard = thingsBoard;
    }

    /// `{"id": 1, "device": "…", "client": true, "key": "a"}`, or `"keys": ["a", "b"]`.
    @Override
    public Ask read(String word, JsonNode body) {
        if (!body.path("id").isIntegralNumber()) throw PlatformException.malformed("The question has an id.");
        if (!body.path("key").isTextual() && !body.path("keys").isArray()) {
            throw PlatformException.malformed("The question has one attribute as key, or several as keys.");
        }
        return Ask.toSee(body.toString());
    }

    @Override
    public List<Said> accepted(String word, Ask ask, Shadow before, Shadow after, Instant now) {
        return List.of(new Said(RESPONSE, () -> answer(Json.read(ask.token().getBytes(StandardCharsets.UTF_8)),
                after)));
    }

    private static ObjectNode answer(JsonNode question, Shadow shadow) {
        var half = question.path("client").asBoolean() ? shadow.reported().state() : shadow.desired().state();
        var answer = Json.mapper().createObjectNode();
        answer.set("id", question.path("id"));
        if (question.path("keys") instanceof ArrayNode keys) {
            var values = answer.putObject("values");
            for (var key : keys) if (half.has(key.asText())) values.set(key.asText(), half.get(key.asText()));
        } else if (half.has(question.path("key").asText())) {
            answer.set("value", half.get(question.path("key").asText()));
        }
        return answer;
    }

    /// Which question it was is not known any more.
    @Override
    public List<Said> rejected(String word, String token, PlatformException why, Shadow now, Instant at) {
        return List.of(new Said(RESPONSE, () -> Json.mapper().createObjectNode().put("error", why.getMessage())));
    }

    @Override
    public List<Said> desired(Shadow before, Shadow after, Instant now) {
        return thingsBoard.desired(before, after, now).stream()
                .map(said -> new Said(PREFIX + "attributes", said.payload())).toList();
    }

    /// Gateways ask by themselves when they come back.
    @Override
    public List<Said> outstanding(Shadow shadow, ObjectNode delta, Instant now) {
        return List.of();
    }
}
