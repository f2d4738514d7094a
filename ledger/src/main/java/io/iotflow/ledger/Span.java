package io.iotflow.ledger;

/// Entries of a log that stand side by side.
///
/// @param from the first one's index
/// @param to   one more than the last one's index; equal to `from` if there are none
public record Span(long from, long to) {

    public Span {
        if (from < 0 || to < from || to > MerkleTree.MAX_SIZE) {
            throw new IllegalArgumentException("no such entries: " + from + " to " + to);
        }
    }
}
