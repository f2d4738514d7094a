package io.iotflow.server.rollout;

import java.util.Locale;

/// Where a rollout stands.
enum RolloutState {
    /// A second person has to agree.
    AWAITING_APPROVAL,
    /// Begins at its time.
    SCHEDULED,
    RUNNING,
    /// Offers nothing until somebody resumes it.
    PAUSED,
    /// Too much went wrong.
    HALTED,
    /// The same, and devices get back what they ran before.
    ROLLING_BACK, ROLLED_BACK,
    FINISHED,
    /// Somebody has ended it.
    ABORTED;

    /// As it stands in JSON and in the database.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static RolloutState of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
