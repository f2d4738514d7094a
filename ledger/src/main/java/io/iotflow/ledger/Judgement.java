package io.iotflow.ledger;

import java.nio.file.Path;

/// What a witness says of a checkpoint.
public sealed interface Judgement {

    /// The log has grown, or is seen for the first time; the witness remembers it from now on.
    record Advanced(Checkpoint checkpoint) implements Judgement {}

    /// It is what the witness remembers.
    record Unchanged(Checkpoint checkpoint) implements Judgement {}

    /// The log's key has signed it, and nothing shows that it continues what the witness remembers. The witness goes on
    /// remembering that.
    ///
    /// @param evidence a folder with both signed checkpoints, `kept` and `offered`; the folder above it when there are
    ///                 [LedgerLimits#WITNESS_EVIDENCE] already
    record Rewritten(String reason, Path evidence) implements Judgement {}

    /// It says nothing about the log: not a checkpoint, or not signed by a log that the witness knows.
    record Invalid(String reason) implements Judgement {}
}
