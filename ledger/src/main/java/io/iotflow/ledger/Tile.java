package io.iotflow.ledger;

import java.util.Locale;

/// A piece of the tree as C2SP tlog-tiles cuts it: up to 256 hashes that stand side by side, 8 levels of the tree high.
/// The hashes at level 0 are those of the leaves; at level 1 each is the root over 256 leaves, and so on.
///
/// @param level 0 to 7; a hash at level l covers 256^l leaves
/// @param index which tile of the level, from the left, from 0
/// @param width how many hashes it has, 1 to 256; with less than 256 it is partial, and another tile than the later,
///              wider one
public record Tile(int level, long index, int width) {

    /// Levels of the tree that a tile stands for, and the hashes of a full one.
    static final int HEIGHT = 8;
    static final int WIDTH = 1 << HEIGHT;

    public Tile {
        if (level < 0 || level > 7) throw new IllegalArgumentException("a tile's level is 0 to 7, not " + level);
        if (index < 0) throw new IllegalArgumentException("a tile's index is not negative: " + index);
        if (width < 1 || width > WIDTH) throw new IllegalArgumentException("a tile's width is 1 to 256, not " + width);
    }

    /// The tile with that index as a log of that size has it: full, or partial at the right edge.
    ///
    /// @throws IllegalArgumentException if the log has no such tile
    public static Tile at(int level, long index, long size) {
        if (index < 0 || index > MerkleTree.MAX_SIZE) throw new IllegalArgumentException("no such tile: " + index);
        return new Tile(level, index, Math.clamp((size >> HEIGHT * level) - index * WIDTH, 0, WIDTH));
    }

    public boolean isFull() {
        return width == WIDTH;
    }

    /// Bytes of the tile.
    public int bytes() {
        return width * Hash.BYTES;
    }

    /// The full tile that this one is or becomes.
    Tile full() {
        return new Tile(level, index, WIDTH);
    }

    /// Its path below the log's address, such as `tile/0/x001/x234/067` or, partial, `tile/0/067.p/12`.
    public String path() {
        var path = String.format(Locale.ROOT, "%03d", index % 1_000);
        for (var rest = index / 1_000; rest > 0; rest /= 1_000) {
            path = String.format(Locale.ROOT, "x%03d/", rest % 1_000) + path;
        }
        return "tile/" + level + "/" + path + (isFull() ? "" : ".p/" + width);
    }
}
