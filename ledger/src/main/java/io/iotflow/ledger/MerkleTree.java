package io.iotflow.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tree over the entries of a log (RFC 6962, section 2.1), kept in tiles. It has no state of its own: who calls it
/// keeps the log's size, and can ask about every earlier size too. Appending needs one writer at a time; all else is
/// for several threads.
///
/// Appending reads the partial tiles of the right edge and writes the tiles that it touches, so it costs the same at
/// the billionth entry as at the thousandth. A proof reads one tile for each 8 levels, and some of the right edge.
///
/// A tile that the store does not have is a damaged store: every method then throws [IllegalStateException].
public final class MerkleTree {

    /// Entries of a log, at the most. Far beyond any log; keeps the arithmetic from overflowing.
    public static final long MAX_SIZE = 1L << 48;

    private final TileStore store;

    public MerkleTree(TileStore store) {
        this.store = store;
    }

    /// Appends the hashes of new leaves to a log that has `size` entries. Doing it again after a crash is harmless.
    ///
    /// @return the log's new size
    /// @throws IllegalArgumentException if the size is negative or would grow beyond [#MAX_SIZE]
    public long append(long size, List<Hash> leaves) {
        if (size < 0 || size > MAX_SIZE - leaves.size()) throw new IllegalArgumentException("no such size: " + size);
        var rising = new byte[leaves.size() * Hash.BYTES];
        for (int i = 0; i < leaves.size(); i++) leaves.get(i).put(rising, i * Hash.BYTES);
        var touched = new LinkedHashMap<Tile, byte[]>();
        var first = size;
        for (int level = 0; rising.length > 0; level++) {
            rising = appendAt(level, first, rising, touched);
            first /= Tile.WIDTH;
        }
        store.write(touched);
        return size + leaves.size();
    }

    /// Puts hashes into the tiles of one level, which has `first` already, and answers the roots of the tiles that
    /// became full.
    private byte[] appendAt(int level, long first, byte[] hashes, Map<Tile, byte[]> touched) {
        var index = first / Tile.WIDTH;
        var before = (int) (first % Tile.WIDTH);
        var bytes = before == 0 ? hashes : joined(read(new Tile(level, index, before)), hashes);
        var count = bytes.length / Hash.BYTES;
        var roots = new byte[count / Tile.WIDTH * Hash.BYTES];
        for (int from = 0; from < count; from += Tile.WIDTH, index++) {
            var tile = new Tile(level, index, Math.min(Tile.WIDTH, count - from));
            var part = Arrays.copyOfRange(bytes, from * Hash.BYTES, from * Hash.BYTES + tile.bytes());
            touched.put(tile, part);
            if (tile.isFull()) Hash.root(part, 0, Tile.WIDTH).put(roots, from / Tile.WIDTH * Hash.BYTES);
        }
        return roots;
    }

    /// The root over the first `size` entries.
    public Hash root(long size) {
        requireSize(size);
        return size == 0 ? Hash.EMPTY : new Reading(size).range(0, size);
    }

    /// The proof that the entry with that index is in the log of that size: the hashes beside its path to the root,
    /// from below (RFC 9162, section 2.1.3).
    ///
    /// @throws IllegalArgumentException unless 0 ≤ index < size
    public List<Hash> inclusionProof(long index, long size) {
        return path(index, size, 1);
    }

    /// The proof that the log of the newer size begins with the log of the older one (RFC 9162, section 2.1.4). Empty
    /// if the sizes are equal or the older log is empty: there is nothing to prove.
    ///
    /// @throws IllegalArgumentException unless 0 ≤ old size ≤ new size
    public List<Hash> consistencyProof(long oldSize, long newSize) {
        requireSize(newSize);
        if (oldSize < 0 || oldSize > newSize) throw new IllegalArgumentException("no such older size: " + oldSize);
        var proof = new ArrayList<Hash>();
        if (oldSize > 0) new Reading(newSize).consistency(oldSize, 0, newSize, true, proof);
        return List.copyOf(proof);
    }

    /// The hashes of the entries in the level 0 tile with that index, as far as the log of that size goes.
    byte[] leaves(long tile, long size) {
        return read(Tile.at(0, tile, size));
    }

    /// The proof that a level 0 tile is in the log: above the tiles the tree is a tree over their roots, so
    /// [Proofs#verifyInclusion] checks it with the tile's root as leaf, its index, and the number of tiles as size.
    List<Hash> tileProof(long tile, long size) {
        return path(tile * Tile.WIDTH, size, Tile.WIDTH);
    }

    private List<Hash> path(long index, long size, int stop) {
        requireSize(size);
        if (index < 0 || index >= size) throw new IllegalArgumentException("no such entry: " + index + " of " + size);
        var proof = new ArrayList<Hash>();
        new Reading(size).path(index, 0, size, stop, proof);
        return List.copyOf(proof);
    }

    private static void requireSize(long size) {
        if (size < 0 || size > MAX_SIZE) throw new IllegalArgumentException("no such size: " + size);
    }

    private byte[] read(Tile tile) {
        return store.find(tile).orElseThrow(() -> new IllegalStateException("the tile " + tile.path() + " is missing"));
    }

    private static byte[] joined(byte[] first, byte[] second) {
        var both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /// The largest power of two below n: where RFC 6962 parts a tree of n leaves.
    private static long split(long n) {
        return Long.highestOneBit(n - 1);
    }

    /// One question about the log of one size. Reads each tile once.
    private final class Reading {
        private final long size;
        private final Map<Tile, byte[]> tiles = new HashMap<>();

        Reading(long size) {
            this.size = size;
        }

        void path(long index, long from, long to, int stop, List<Hash> proof) {
            if (to - from <= stop) return;
            var middle = from + split(to - from);
            if (index < middle) {
                path(index, from, middle, stop, proof);
                proof.add(range(middle, to));
            } else {
                path(index, middle, to, stop, proof);
                proof.add(range(from, middle));
            }
        }

        void consistency(long oldSize, long from, long to, boolean oldIsKnown, List<Hash> proof) {
            if (oldSize == to) {
                if (!oldIsKnown) proof.add(range(from, to));
                return;
            }
            var middle = from + split(to - from);
            if (oldSize <= middle) {
                consistency(oldSize, from, middle, oldIsKnown, proof);
                proof.add(range(middle, to));
            } else {
                consistency(oldSize, middle, to, false, proof);
                proof.add(range(from, middle));
            }
        }

        /// The root over the leaves from `from` to before `to`, which the tree has as a whole subtree.
        Hash range(long from, long to) {
            var width = to - from;
            if (Long.bitCount(width) == 1) return node(Long.numberOfTrailingZeros(width), from);
            var middle = from + split(width);
            return Hash.node(range(from, middle), range(middle, to));
        }

        /// The node over the 2^height leaves from `from` on: a hash of a tile, or made of several.
        private Hash node(int height, long from) {
            var level = height / Tile.HEIGHT;
            var place = from >> Tile.HEIGHT * level;
            var bytes = tiles.computeIfAbsent(Tile.at(level, place / Tile.WIDTH, size), MerkleTree.this::read);
            return Hash.root(bytes, (int) (place % Tile.WIDTH), 1 << height % Tile.HEIGHT);
        }
    }
}
