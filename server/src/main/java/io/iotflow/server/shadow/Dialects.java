package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.ShadowLimits;
import java.util.List;

/// All dialects, by the topics that they use.
final class Dialects {
    private static final List<String> TOKENS = List.of("client_token", "clientToken");

    private final Dialect own = new OwnDialect();
    private final Dialect aws = new AwsDialect();
    private final ThingsBoardDialect thingsBoard = new ThingsBoardDialect();
    private final Dialect gateway = new GatewayDialect(thingsBoard);
    private final List<Dialect> all = List.of(own, aws, thingsBoard, gateway);

    List<Dialect> all() {
        return all;
    }

    /// @param word the topic below the device's `shadow/`
    Dialect of(String word) {
        if (word.startsWith(AwsDialect.PREFIX)) return aws;
        if (word.startsWith(GatewayDialect.PREFIX)) return gateway;
        return word.startsWith(ThingsBoardDialect.PREFIX) ? thingsBoard : own;
    }

    /// Whether the answer may have to name firmware, which is no part of the shadow.
    boolean asksForFirmware(Dialect dialect, Ask ask) {
        if (!ask.isToSee() || dialect != thingsBoard && dialect != gateway) return false;
        return ask.token().contains("fw_") || !ask.token().contains("key") && !ask.token().contains("Keys");
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
