package io.iotflow.server.alert;

import java.time.Instant;

/// What can be done to an alert: by its rule, or by somebody.
sealed interface Act {

    /// The rule has found the same again after it had ended, or once more for certain.
    record Recur(Instant at, String message) implements Act {}

    /// The rule finds it still true.
    record Continue(Instant at, long times, String message) implements Act {}

    /// What the alert is about has ended.
    ///
    /// @param resolves whether that resolves the alert
    record Cease(Instant at, boolean resolves) implements Act {}

    record Acknowledge(String by, Instant at) implements Act {}

    record Resolve(String by, Instant at, String reason) implements Act {}

    /// @param user empty to take it from whoever has it
    record Assign(String by, Instant at, String user) implements Act {}

    record Comment(String by, Instant at, String text) implements Act {}

    record Judge(String by, Instant at, boolean isFalsePositive, String reason) implements Act {}
}
