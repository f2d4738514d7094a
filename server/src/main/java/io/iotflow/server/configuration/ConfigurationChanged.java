package io.iotflow.server.configuration;

import java.time.Instant;

/// A device has a new active configuration; it is in the database already.
public record ConfigurationChanged(Configuration active, Instant at) {

    /// Told on the thread of whoever made the change, before that one is answered.
    @FunctionalInterface
    public interface Listener {
        void changed(ConfigurationChanged event);
    }
}
