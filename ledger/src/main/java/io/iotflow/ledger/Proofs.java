package io.iotflow.ledger;

import java.util.List;

/// Checks proofs with nothing but the proof and the roots (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Whatever is sent
/// here, the answer is yes or no, in at most as many steps as the proof has hashes.
public final class Proofs {

    private Proofs() {}

    /// Whether the leaf stands at that index in the log of that size and root.
    public static boolean verifyInclusion(Hash leaf, long index, long size, List<Hash> proof, Hash root) {
        if (index < 0 || index >= size) return false;
        var node = index;
        var last = size - 1;
        var hash = leaf;
        for (var sibling : proof) {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last) {
                hash = Hash.node(sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = Hash.node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash.equals(root);
    }

    /// Whether the newer log begins with the whole older one: nothing was changed, only appended.
    public static boolean verifyConsistency(long oldSize, Hash oldRoot, long newSize, Hash newRoot, List<Hash> proof) {
        if (oldSize < 0 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.isEmpty() && oldRoot.equals(newRoot);
        if (oldSize == 0) return proof.isEmpty() && oldRoot.equals(Hash.EMPTY);
        if (proof.isEmpty()) return false;
        // A whole subtree on the left needs no first hash: it is the old root, which is known.
        var whole = Long.bitCount(oldSize) == 1;
        return leads(oldSize, oldRoot, newSize, newRoot, whole ? oldRoot : proof.getFirst(),
                whole ? proof : proof.subList(1, proof.size()));
    }

    private static boolean leads(long oldSize, Hash oldRoot, long newSize, Hash newRoot, Hash start, List<Hash> proof) {
        var shift = Long.numberOfTrailingZeros(oldSize);
        var node = oldSize - 1 >> shift;
        var last = newSize - 1 >> shift;
        var oldHash = start;
        var newHash = start;
        for (var sibling : proof) {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last) {
                oldHash = Hash.node(sibling, oldHash);
                newHash = Hash.node(sibling, newHash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                newHash = Hash.node(newHash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && oldHash.equals(oldRoot) && newHash.equals(newRoot);
    }
}
