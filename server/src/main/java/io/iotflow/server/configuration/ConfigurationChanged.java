package io.iotflow.server.configuration;

import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// A device is to have another configuration; it is in the database already.
public record ConfigurationChanged(Configuration active, Instant at) {

    /// Told at least once of each device's newest version, in their order; on the thread of whoever made the change,
    /// before that one is answered, or on the worker's. What it throws is tried again.
    @FunctionalInterface
    public interface Listener {
        void changed(ConfigurationChanged event);
    }

    /// As the device is told: `{version, hash, configuration}`.
    public byte[] payload() {
        var message = Json.mapper().createObjectNode().put("version", active.version()).put("hash", active.hash());
        message.set("configuration", active.entries());
        return message.toString().getBytes(StandardCharsets.UTF_8);
    }
}
