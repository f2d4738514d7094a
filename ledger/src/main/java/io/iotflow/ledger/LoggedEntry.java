package io.iotflow.ledger;

/// An entry as the log has it.
///
/// @param index its place in the log, from 0
/// @param bytes its canonical JSON, as it was logged
public record LoggedEntry(long index, byte[] bytes) {

    public LoggedEntry {
        if (index < 0) throw new IllegalArgumentException("no such entry: " + index);
    }
}
