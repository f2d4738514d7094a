package io.iotflow.ledger;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Tiles in memory, for small logs and for whoever rebuilds a tree to compare. For several threads.
public final class MemoryTileStore implements TileStore {
    private record Place(int level, long index) {}

    private final Map<Place, byte[]> tiles = new ConcurrentHashMap<>();

    @Override
    public Optional<byte[]> find(Tile tile) {
        var bytes = tiles.get(new Place(tile.level(), tile.index()));
        return bytes == null || bytes.length < tile.bytes() ? Optional.empty()
                : Optional.of(Arrays.copyOf(bytes, tile.bytes()));
    }

    @Override
    public void write(Map<Tile, byte[]> written) {
        written.forEach((tile, bytes) -> tiles.put(new Place(tile.level(), tile.index()), bytes.clone()));
    }
}
