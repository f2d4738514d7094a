package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.ShadowLimits;
import java.util.List;

/// All dialects, by the topics that they use.
final class Dialects {
    private static final List<String> TOKENS = List.of("client_token", "clientToken");

    private final Dialect own = new OwnDialect();
    private final Dialect aws = new AwsDialect();
    private final Dialect thingsBoard = new ThingsBoardDialect();
    private final List<Dialect> all = List.of(own, aws, thingsBoard);

    List<Dialect> all() {
        return all;
    }

    /// @param word the topic below the device's `shadow/`
    Dialect of(String word) {
        if (word.startsWith(AwsDialect.PREFIX)) return aws;
        return word.startsWith(ThingsBoardDialect.PREFIX) ? thingsBoard : own;
    }

    /// By which the device will know the answer, also of what cannot be understood otherwise.
    String token(JsonNode body) {
        for (var name : TOKENS) {
            var token = body.path(name);
            if (token.isTextual() && token.textValue().length() <= ShadowLimits.SHADOW_TOKEN_CHARACTERS) {
                return token.textValue();
            }
        }
        return "";
    }
}
