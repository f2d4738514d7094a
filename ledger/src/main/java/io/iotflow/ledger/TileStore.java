package io.iotflow.ledger;

import java.util.Map;
import java.util.Optional;

/// Keeps the tiles of one log. What it was given for a tile it gives back, and the same for every narrower tile at the
/// same place, for the log of an earlier size. Nothing else: the log's size is for the caller to keep, at best in the
/// same transaction. What was written beyond that size, by a batch that a crash interrupted, is written again and MUST
/// then be replaced.
///
/// Failures of the disk or database come as unchecked exceptions.
public interface TileStore {

    /// The tile's hashes, 32 bytes each, exactly [Tile#bytes] of them; a new array. Empty if the store does not have
    /// that many hashes there.
    Optional<byte[]> find(Tile tile);

    /// Keeps the tiles, all or none as far as the store can; safe when it returns.
    void write(Map<Tile, byte[]> tiles);
}
