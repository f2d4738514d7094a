package io.iotflow.ledger;

import java.util.Optional;

/// What a verifier says of an export.
public sealed interface Verdict {

    /// Every entry stands in the log as the export has it, and the log's key has signed that log.
    ///
    /// @param entries    how many there are
    /// @param span       which they are, all of them side by side; empty for a selection, of which nobody can tell
    ///                   whether it is complete
    /// @param checkpoint the log that was signed
    /// @param key        the key that signed it. If it was not expected, it is only what the export says
    record Intact(long entries, Optional<Span> span, Checkpoint checkpoint, VerifierKey key) implements Verdict {}

    /// Something does not fit.
    ///
    /// @param firstIndex the first entry that is not proven: those before it are; [#NOTHING] if nothing is
    /// @param reason     what does not fit, with the number of the line
    record Broken(long firstIndex, String reason) implements Verdict {
        /// Nothing in the export is proven.
        public static final long NOTHING = -1;
    }

    /// The entries are intact, but the export does not say whether the log still begins with the older one.
    record Undecided(String reason) implements Verdict {}
}
