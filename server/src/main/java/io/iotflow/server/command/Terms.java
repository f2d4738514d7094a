package io.iotflow.server.command;

import io.iotflow.server.core.CommandLimits;
import java.time.Duration;
import java.time.Instant;

/// What whoever sends a command wants of its delivery.
///
/// @param notBefore when it may go out at the earliest
/// @param expires   after this the device does not get it any more
/// @param delivery  how long the device's client may take to acknowledge one attempt
/// @param timeout   how long the device may take from there to its next word, and at last to the result
/// @param attempts  how often it goes out at the most
/// @param backoff   the pause after the first attempt that failed; twice as long after each further one
record Terms(Instant notBefore, Instant expires, Duration delivery, Duration timeout, int attempts,
             Duration backoff) {

    /// Nothing special: at once, for a week.
    static Terms standard(Instant now) {
        return new Terms(now, now.plus(CommandLimits.COMMAND_LIFE), CommandLimits.COMMAND_DELIVERY,
                CommandLimits.COMMAND_TIMEOUT, CommandLimits.COMMAND_ATTEMPTS, CommandLimits.COMMAND_BACKOFF);
    }

    Terms expiring(Instant at) {
        return new Terms(notBefore, at, delivery, timeout, attempts, backoff);
    }

    /// The pause after so many attempts.
    Duration pauseAfter(int count) {
        var doublings = Math.clamp(count - 1L, 0, 30);
        var pause = backoff.multipliedBy(1L << doublings);
        return pause.compareTo(CommandLimits.COMMAND_LONGEST_PAUSE) < 0 ? pause : CommandLimits.COMMAND_LONGEST_PAUSE;
    }
}
