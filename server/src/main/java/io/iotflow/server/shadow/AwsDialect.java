package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The topics `$aws/things/{thing}/shadow/…` and their shapes, as clients of AWS IoT know them: both halves below
/// `state`, times in seconds since 1970.
final class AwsDialect implements Dialect {
    static final String PREFIX = "aws/";
    private static final String UPDATE = PREFIX + "update";
    private static final String GET = PREFIX + "get";
    private static final String DELETE = PREFIX + "delete";

    @Override
    public Ask read(String word, JsonNode body) {
        return switch (word) {
            case UPDATE -> update(body);
            case DELETE -> new Ask(Optional.of(wish(NullNode.getInstance(), version(body), token(body))),
                    Optional.of(wish(NullNode.getInstance(), OptionalLong.empty(), "")), token(body));
            default -> Ask.toSee(token(body));
        };
    }

    private static Ask update(JsonNode body) {
        if (!(body.path("state") instanceof ObjectNode state)) {
            throw PlatformException.invalid("state", "must be an object with reported, desired or both");
        }
        var fields = Fields.of("state", state);
        for (var half : List.of("reported", "desired")) fields.find(half);
        fields.end();
        var isNothing = !state.has("reported") && !state.has("desired");
        if (isNothing) throw PlatformException.invalid("state", "has neither reported nor desired");
        var version = version(body);
        var reported = Optional.ofNullable(state.get("reported")).map(it -> wish(it, version, token(body)));
        // The whole is checked once, with the half that is changed first.
        var rest = reported.isPresent() ? OptionalLong.empty() : version;
        return new Ask(reported, Optional.ofNullable(state.get("desired")).map(it -> wish(it, rest, "")), token(body));
    }

    private static Wish wish(JsonNode patch, OptionalLong version, String token) {
        return new Wish(patch, version, OptionalLong.empty(), token);
    }

    private static OptionalLong version(JsonNode body) {
        var version = body.path("version");
        if (version.isMissingNode() || version.isNull()) return OptionalLong.empty();
        if (!version.isIntegralNumber() || !version.canConvertToLong()) {
            throw PlatformException.invalid("version", "must be a whole number");
        }
        return OptionalLong.of(version.longValue());
    }

    private static String token(JsonNode body) {
        var token = body.path("clientToken");
        return token.isTextual() && token.textValue().length() <= ShadowLimits.SHADOW_TOKEN_CHARACTERS
                ? token.textValue() : "";
    }

    @Override
    public List<Said> accepted(String word, Ask ask, Shadow before, Shadow after, Instant now) {
        var said = new ArrayList<Said>();
        switch (word) {
            case UPDATE -> {
                said.add(new Said(UPDATE + "/accepted", () -> updated(ask, after, now)));
                said.add(new Said(UPDATE + "/documents", () -> documents(ask.token(), before, after, now)));
                var delta = after.delta();
                if (!delta.isEmpty()) said.addAll(outstanding(after, delta, now));
            }
            case GET -> said.add(after.version() == 0 ? rejected(GET, ask.token(), 404, "No shadow exists", now)
                    : new Said(GET + "/accepted", () -> answer(whole(after), after, ask.token(), now)));
            default -> said.add(new Said(DELETE + "/accepted",
                    () -> answer(Json.mapper().createObjectNode(), after, ask.token(), now)));
        }
        return said;
    }

    /// What was asked for, and when it was set: now.
    private static ObjectNode updated(Ask ask, Shadow after, Instant now) {
        var json = Json.mapper().createObjectNode();
        var state = json.putObject("state");
        var metadata = json.putObject("metadata");
        ask.reported().ifPresent(it -> {
            state.set("reported", it.patch());
            metadata.set("reported", times(part(it.patch(), after.reported())));
        });
        ask.desired().ifPresent(it -> {
            state.set("desired", it.patch());
            metadata.set("desired", times(part(it.patch(), after.desired())));
        });
        return answer(json, after, ask.token(), now);
    }

    private static JsonNode part(JsonNode patch, Half half) {
        return patch instanceof ObjectNode object ? MergePatch.marksOf(object, half.marks())
                : Json.mapper().createObjectNode();
    }

    private static ObjectNode whole(Shadow shadow) {
        var json = halves(shadow);
        var delta = shadow.delta();
        if (!delta.isEmpty()) ((ObjectNode) json.get("state")).set("delta", delta);
        return json;
    }

    /// A half in which there is nothing is not there.
    private static ObjectNode halves(Shadow shadow) {
        var json = Json.mapper().createObjectNode();
        var state = json.putObject("state");
        var metadata = json.putObject("metadata");
        if (!shadow.desired().state().isEmpty()) {
            state.set("desired", shadow.desired().state());
            metadata.set("desired", times(shadow.desired().marks()));
        }
        if (!shadow.reported().state().isEmpty()) {
            state.set("reported", shadow.reported().state());
            metadata.set("reported", times(shadow.reported().marks()));
        }
        return json;
    }

    private static ObjectNode documents(String token, Shadow before, Shadow after, Instant now) {
        var json = Json.mapper().createObjectNode();
        json.set("previous", halves(before).put("version", before.version()));
        json.set("current", halves(after).put("version", after.version()));
        if (!token.isEmpty()) json.put("clientToken", token);
        return json.put("timestamp", now.getEpochSecond());
    }

    @Override
    public List<Said> rejected(String word, String token, PlatformException why, Shadow now, Instant at) {
        var code = why.code() == ErrorCode.INVALID ? 400 : why.code().status();
        var message = why.code() == ErrorCode.CONFLICT ? "Version conflict" : why.getMessage();
        return List.of(rejected(word, token, code, message, at));
    }

    private static Said rejected(String word, String token, int code, String message, Instant at) {
        return new Said(word + "/rejected", () -> {
            var json = Json.mapper().createObjectNode().put("code", code).put("message", message)
                    .put("timestamp", at.getEpochSecond());
            if (!token.isEmpty()) json.put("clientToken", token);
            return json;
        });
    }

    @Override
    public List<Said> desired(Shadow before, Shadow after, Instant now) {
        var delta = after.delta();
        return delta.isEmpty() ? List.of() : outstanding(after, delta, now);
    }

    @Override
    public List<Said> outstanding(Shadow shadow, ObjectNode delta, Instant now) {
        return List.of(new Said(UPDATE + "/delta", () -> {
            var json = Json.mapper().createObjectNode();
            json.set("state", delta);
            json.set("metadata", times(MergePatch.marksOf(delta, shadow.desired().marks())));
            return answer(json, shadow, "", now);
        }));
    }

    private static ObjectNode answer(ObjectNode json, Shadow shadow, String token, Instant now) {
        if (!token.isEmpty()) json.put("clientToken", token);
        return json.put("version", shadow.version()).put("timestamp", now.getEpochSecond());
    }

    private static ObjectNode times(JsonNode marks) {
        var json = Json.mapper().createObjectNode();
        for (var field : marks.properties()) {
            var mark = field.getValue();
            json.set(field.getKey(), mark.isObject() ? times(mark) : Json.mapper().createObjectNode()
                    .put("timestamp", mark.path(0).longValue() / 1_000_000));
        }
        return json;
    }
}
