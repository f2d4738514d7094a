package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProofsTest {
    private static final List<Hash> LEAVES = NaiveTree.leaves(300);
    private final MerkleTree tree = new MerkleTree(new MemoryTileStore());

    ProofsTest() {
        tree.append(0, LEAVES);
    }

    @Test
    void noChangedInclusionProofHolds() {
        for (var size : new int[] {2, 3, 7, 8, 64, 100, 255, 256, 257, 300}) {
            for (var index : new int[] {0, 1, size / 2, size - 2, size - 1}) {
                var root = tree.root(size);
                var leaf = LEAVES.get(index);
                var proof = tree.inclusionProof(index, size);
                assertThat(Proofs.verifyInclusion(leaf, index, size, proof, root)).isTrue();
                for (var changed : changes(proof)) {
                    assertThat(Proofs.verifyInclusion(leaf, index, size, changed, root)).isFalse();
                }
                for (var other = 0; other < size; other++) {
                    if (other == index) continue;
                    assertThat(Proofs.verifyInclusion(leaf, other, size, proof, root)).isFalse();
                    assertThat(Proofs.verifyInclusion(LEAVES.get(other), index, size, proof, root)).isFalse();
                }
                for (var hash : flips(leaf)) {
                    assertThat(Proofs.verifyInclusion(hash, index, size, proof, root)).isFalse();
                }
                for (var hash : flips(root)) {
                    assertThat(Proofs.verifyInclusion(leaf, index, size, proof, hash)).isFalse();
                }
            }
        }
    }

    @Test
    void noChangedConsistencyProofHolds() {
        for (var size : new int[] {2, 3, 7, 8, 64, 100, 255, 256, 257, 300}) {
            for (var old : new int[] {0, 1, 2, size / 2, size - 1, size}) {
                var root = tree.root(size);
                var oldRoot = tree.root(old);
                var proof = tree.consistencyProof(old, size);
                assertThat(Proofs.verifyConsistency(old, oldRoot, size, root, proof)).isTrue();
                for (var changed : changes(proof)) {
                    assertThat(Proofs.verifyConsistency(old, oldRoot, size, root, changed)).isFalse();
                }
                for (var hash : flips(oldRoot)) {
                    assertThat(Proofs.verifyConsistency(old, hash, size, root, proof)).isFalse();
                }
                if (old == 0) continue;
                for (var hash : flips(root)) {
                    assertThat(Proofs.verifyConsistency(old, oldRoot, size, hash, proof)).isFalse();
                }
                for (int other = 1; other <= 300; other++) {
                    if (other != old) {
                        assertThat(Proofs.verifyConsistency(other, oldRoot, size, root, proof)).isFalse();
                    }
                }
            }
        }
    }

    @Test
    void numbersThatCannotBeAreAnsweredWithNo() {
        var proof = tree.inclusionProof(5, 300);
        var root = tree.root(300);
        var odd = new long[] {Long.MIN_VALUE, -300, -1, 0, 1, 6, 301, Long.MAX_VALUE - 1, Long.MAX_VALUE};
        for (var a : odd) {
            for (var b : odd) {
                assertThat(Proofs.verifyInclusion(LEAVES.get(5), a, b, proof, root)).isFalse();
                assertThat(Proofs.verifyConsistency(a, LEAVES.get(5), b, root, proof)).isFalse();
                assertThat(Proofs.verifyInclusion(LEAVES.get(5), a, b, Collections.nCopies(10_000, root), root))
                        .isFalse();
                assertThat(Proofs.verifyConsistency(a, LEAVES.get(5), b, root, Collections.nCopies(10_000, root)))
                        .isFalse();
            }
        }
    }

    @Test
    void aRewrittenLogHasNoConsistencyProof() {
        var random = new Random(1);
        for (int n = 0; n < 50; n++) {
            var size = 100 + random.nextInt(200);
            var old = 1 + random.nextInt(99);
            var forked = new ArrayList<>(LEAVES.subList(0, size));
            forked.set(random.nextInt(old), Hash.leaf("another".getBytes()));
            var fork = new MerkleTree(new MemoryTileStore());
            fork.append(0, forked);
            for (var proof : List.of(fork.consistencyProof(old, size), tree.consistencyProof(old, size))) {
                assertThat(Proofs.verifyConsistency(old, tree.root(old), size, fork.root(size), proof)).isFalse();
            }
        }
    }

    /// Every proof that differs by one hash: a bit of each byte flipped, dropped, added, doubled, or two exchanged.
    private static List<List<Hash>> changes(List<Hash> proof) {
        var changes = new ArrayList<List<Hash>>();
        for (int i = 0; i < proof.size(); i++) {
            for (var flipped : flips(proof.get(i))) changes.add(with(proof, i, flipped));
            var dropped = new ArrayList<>(proof);
            changes.add(dropped);
            changes.add(added(proof, i, dropped.remove(i)));
            for (int j = 0; j < i; j++) {
                var exchanged = new ArrayList<>(proof);
                Collections.swap(exchanged, i, j);
                changes.add(exchanged);
            }
        }
        for (int i = 0; i <= proof.size(); i++) changes.add(added(proof, i, Hash.EMPTY));
        return changes;
    }

    private static List<Hash> with(List<Hash> proof, int index, Hash hash) {
        var changed = new ArrayList<>(proof);
        changed.set(index, hash);
        return changed;
    }

    private static List<Hash> added(List<Hash> proof, int index, Hash hash) {
        var changed = new ArrayList<>(proof);
        changed.add(index, hash);
        return changed;
    }

    private static List<Hash> flips(Hash hash) {
        var flips = new ArrayList<Hash>();
        for (int i = 0; i < Hash.BYTES; i++) {
            var bytes = hash.bytes();
            bytes[i] ^= (byte) (1 << i % 8);
            flips.add(Hash.of(bytes, 0));
        }
        return flips;
    }
}
