package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.List;

/// `update` and `get`, answered by `accepted` or `rejected`; `delta` says what is to be done.
final class OwnDialect implements Dialect {
    private static final String GET = "get";

    @Override
    public Ask read(String word, JsonNode body) {
        if (!word.equals(GET)) return Ask.toReport(Wish.read("reported", body));
        if (body.isMissingNode()) return Ask.toSee("");
        var fields = Fields.of("", body);
        var token = fields.text("client_token", ShadowLimits.SHADOW_TOKEN_CHARACTERS).orElse("");
        fields.end();
        return Ask.toSee(token);
    }

    @Override
    public List<Said> accepted(String word, Ask ask, Shadow before, Shadow after, Instant now) {
        return List.of(new Said("accepted", () -> answer(ask.isToSee() ? after.json()
                : Json.mapper().createObjectNode().put("version", after.version()), ask.token(), now)));
    }

    @Override
    public List<Said> rejected(String word, String token, PlatformException why, Shadow now, Instant at) {
        return List.of(new Said("rejected", () -> answer(Json.mapper().createObjectNode()
                .put("status", why.code().status()).put("code", why.code().code()).put("message", why.getMessage())
                .put("hint", why.code().hint()).put("version", now.version()), token, at)));
    }

    @Override
    public List<Said> desired(Shadow before, Shadow after, Instant now) {
        return outstanding(after, after.delta(), now);
    }

    @Override
    public List<Said> outstanding(Shadow shadow, ObjectNode delta, Instant now) {
        return List.of(new Said("delta", () -> answer(shadow.difference(delta), "", now)));
    }

    private static ObjectNode answer(ObjectNode said, String token, Instant now) {
        if (!token.isEmpty()) said.put("client_token", token);
        return said.put("timestamp", now.toString());
    }
}
