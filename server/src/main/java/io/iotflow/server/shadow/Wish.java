package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.http.Fields;
import java.util.OptionalLong;

/// What somebody wants to change in one half.
///
/// @param patch   JSON null to empty the half
/// @param version refuse unless the whole shadow still has it
/// @param own     refuse unless the half still has it
/// @param token   comes back with the answer; empty for none
record Wish(JsonNode patch, OptionalLong version, OptionalLong own, String token) {

    /// Reads `{"reported": {…}, "version": 7, "client_token": "…"}`, or the same of the other half.
    static Wish read(String half, JsonNode body) {
        var fields = Fields.of("", body);
        var token = fields.text("client_token", ShadowLimits.SHADOW_TOKEN_CHARACTERS).orElse("");
        var version = version(fields, "version");
        var own = version(fields, half + "_version");
        fields.find(half);
        if (!body.has(half)) throw fields.refusal(half, "is missing: put what changes in it");
        fields.end();
        return new Wish(body.get(half), version, own, token);
    }

    private static OptionalLong version(Fields fields, String field) {
        var given = fields.find(field);
        if (given.isEmpty()) return OptionalLong.empty();
        if (!given.get().isIntegralNumber() || !given.get().canConvertToLong()) {
            throw fields.refusal(field, "must be a whole number");
        }
        return OptionalLong.of(given.get().longValue());
    }

    Wish unconditional() {
        return new Wish(patch, OptionalLong.empty(), OptionalLong.empty(), token);
    }

    /// What `If-Match` says goes for a version that the body does not say.
    Wish ifMatch(OptionalLong tag) {
        return version.isPresent() ? this : new Wish(patch, tag, own, token);
    }

    /// @param whole the shadow's version now
    /// @param half  the half's version now
    void requireUnchanged(long whole, long half) {
        if (version.isPresent() && version.getAsLong() != whole || own.isPresent() && own.getAsLong() != half) {
            throw new PlatformException(ErrorCode.CONFLICT, "The shadow has changed since it was read: it is at "
                    + "version " + whole + " now.");
        }
    }
}
