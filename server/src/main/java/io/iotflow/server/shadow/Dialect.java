package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.PlatformException;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/// The topics and shapes in which a kind of devices speaks of shadows. Pure.
interface Dialect {

    /// Something for the device.
    ///
    /// @param topic   below the device's `shadow/`
    /// @param payload only asked for when somebody listens
    record Said(String topic, Supplier<JsonNode> payload) {}

    /// @param word the topic it came by, below the device's `shadow/`
    /// @throws PlatformException for what cannot be understood
    Ask read(String word, JsonNode body);

    List<Said> accepted(String word, Ask ask, Shadow before, Shadow after, Instant now);

    /// @param token comes back with the answer; empty for none
    /// @param now   what the shadow is
    List<Said> rejected(String word, String token, PlatformException why, Shadow now, Instant at);

    /// The desired half has changed.
    List<Said> desired(Shadow before, Shadow after, Instant now);

    /// The device listens again and something desired is not reported.
    List<Said> outstanding(Shadow shadow, ObjectNode delta, Instant now);
}
