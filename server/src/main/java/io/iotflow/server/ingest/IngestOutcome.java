package io.iotflow.server.ingest;

import io.iotflow.protocol.PayloadException.Fault;
import java.time.Duration;
import java.util.List;

/// What became of one incoming message. Every protocol repeats it in its own words.
public sealed interface IngestOutcome {

    /// It is in the log, and on disk once the log has committed the position.
    ///
    /// @param position     what [Ingest#awaitDurable] or a commit listener waits for
    /// @param measurements how many values it carried; 0 for what is not telemetry
    /// @param timeMicros   the latest time among its values, or the time of receipt
    /// @param isSealed     whether some of its values may not stand on disk as they came, wherever it goes
    record Accepted(long position, int measurements, long timeMicros, boolean isSealed) implements IngestOutcome {}

    /// It was refused, nothing of it was kept, and sending it again will not help.
    record Rejected(Reason reason, String detail, List<Fault> faults) implements IngestOutcome {
        public Rejected {
            faults = List.copyOf(faults);
        }

        public Rejected(Reason reason, String detail) {
            this(reason, detail, List.of());
        }
    }

    /// There is no room now; the same message will be welcome later.
    record Overloaded(Duration retryAfter) implements IngestOutcome {}

    enum Reason {
        /// The device may not do this: another device's topic, or its state forbids it.
        NOT_AUTHORIZED,
        /// Not readable at all.
        MALFORMED,
        /// Readable, and a value in it is not acceptable.
        INVALID,
        TOO_LARGE,
        /// A metric came with another type than the one it has.
        TYPE_CHANGED,
        /// More different metrics than a device may have.
        TOO_MANY_METRICS,
        /// No device listens or speaks on this topic.
        UNKNOWN_TOPIC
    }
}
