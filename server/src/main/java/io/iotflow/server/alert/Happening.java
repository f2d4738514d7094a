package io.iotflow.server.alert;

import java.time.Instant;
import java.util.Locale;

/// Something that happened to an alert, as its history shows it.
///
/// @param at    by the clock of the measurements when the rule did it, else by the platform's
/// @param actor `rule`, or who did it
record Happening(Kind kind, Instant at, String actor, String detail) {

    enum Kind {
        BEGUN, OCCURRED_AGAIN, CLEARED, ACKNOWLEDGED, ASSIGNED, COMMENTED, RESOLVED, MARKED_FALSE_POSITIVE, UNMARKED,
        ACTION_DONE, ACTION_FAILED, ACTION_SUPPRESSED;

        /// As interfaces and the database write it.
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
