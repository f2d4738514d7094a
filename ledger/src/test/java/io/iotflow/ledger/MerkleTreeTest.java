package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MerkleTreeTest {
    /// The reference tree of Certificate Transparency: its leaves, and its root at each size from 0.
    private static final List<String> LEAVES = List.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
            "606162636465666768696a6b6c6d6e6f");
    private static final List<String> ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private static final List<Hash> MANY = NaiveTree.leaves(70_000);

    @TempDir
    static Path folder;

    static Stream<TileStore> stores() throws Exception {
        return Stream.of(new MemoryTileStore(), new FolderTileStore(Files.createTempDirectory(folder, "tiles")));
    }

    @Test
    void theReferenceTreeHasTheKnownRoots() {
        var leaves = LEAVES.stream().map(hex -> Hash.leaf(HexFormat.of().parseHex(hex))).toList();
        var tree = new MerkleTree(new MemoryTileStore());
        assertThat(tree.append(0, leaves)).isEqualTo(8);
        for (int size = 0; size <= 8; size++) {
            assertThat(tree.root(size)).hasToString(ROOTS.get(size));
            assertThat(NaiveTree.root(leaves.subList(0, size))).hasToString(ROOTS.get(size));
        }
    }

    @ParameterizedTest
    @MethodSource("stores")
    void everySizeHasTheRootAndProofsOfTheDefinition(TileStore store) {
        var tree = new MerkleTree(store);
        var random = new Random(6962);
        for (int size = 0; size <= 600; size++) {
            var leaves = MANY.subList(0, size);
            assertThat(tree.root(size)).isEqualTo(NaiveTree.root(leaves));
            for (int n = 0; n < 8 && size > 0; n++) {
                var index = random.nextInt(size);
                assertThat(tree.inclusionProof(index, size)).isEqualTo(NaiveTree.path(index, leaves));
                assertThat(tree.consistencyProof(index, size)).isEqualTo(NaiveTree.consistency(index, leaves));
            }
            tree.append(size, MANY.subList(size, size + 1));
        }
    }

    @Test
    void smallTreesAgreeForAllPairs() {
        var tree = new MerkleTree(new MemoryTileStore());
        tree.append(0, MANY.subList(0, 70));
        for (int size = 1; size <= 70; size++) {
            var leaves = MANY.subList(0, size);
            var root = NaiveTree.root(leaves);
            for (int other = 0; other < size; other++) {
                var path = tree.inclusionProof(other, size);
                assertThat(path).isEqualTo(NaiveTree.path(other, leaves));
                assertThat(Proofs.verifyInclusion(leaves.get(other), other, size, path, root)).isTrue();
                var proof = tree.consistencyProof(other, size);
                assertThat(proof).isEqualTo(NaiveTree.consistency(other, leaves));
                assertThat(Proofs.verifyConsistency(other, tree.root(other), size, root, proof)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("stores")
    void batchesOfAnyLengthMakeTheSameTree(TileStore store) {
        var tree = new MerkleTree(store);
        var random = new Random(9162);
        var sizes = new TreeSet<>(List.of(0L));
        for (long size = 0; size < 70_000; sizes.add(size)) {
            var to = (int) Math.min(70_000, size + random.nextInt(3_000));
            size = tree.append(size, MANY.subList((int) size, to));
        }
        for (var size : List.of(255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, 69_999, 70_000)) {
            var leaves = MANY.subList(0, size);
            assertThat(tree.root(size)).isEqualTo(NaiveTree.root(leaves));
            var index = random.nextInt(size);
            assertThat(tree.inclusionProof(index, size)).isEqualTo(NaiveTree.path(index, leaves));
            var old = random.nextInt(size);
            assertThat(tree.consistencyProof(old, size)).isEqualTo(NaiveTree.consistency(old, leaves));
        }
    }

    @Test
    void aTileIsProvenLikeALeafOfTheTreeOfTiles() {
        var tree = new MerkleTree(new MemoryTileStore());
        tree.append(0, MANY.subList(0, 3_000));
        for (var size : List.of(1, 255, 256, 257, 512, 600, 1_024, 2_999, 3_000)) {
            var tiles = (size + 255) / 256;
            for (int tile = 0; tile < tiles; tile++) {
                var bytes = tree.leaves(tile, size);
                var root = Hash.root(bytes, 0, bytes.length / 32);
                var proof = tree.tileProof(tile, size);
                assertThat(Proofs.verifyInclusion(root, tile, tiles, proof, tree.root(size))).isTrue();
            }
        }
    }

    @Test
    void theTilesAreThoseOfTheSpecification() {
        var written = new ArrayList<Tile>();
        var store = new Recording(new MemoryTileStore(), written, new ArrayList<>());
        new MerkleTree(store).append(0, MANY);
        // The example of C2SP tlog-tiles: a tree of size 70,000.
        assertThat(written).hasSize(273 + 1 + 1 + 1 + 1).contains(new Tile(0, 272, 256), new Tile(0, 273, 112),
                new Tile(1, 0, 256), new Tile(1, 1, 17), new Tile(2, 0, 1));
        assertThat(new Tile(0, 1_234_067, 256).path()).isEqualTo("tile/0/x001/x234/067");
        assertThat(new Tile(0, 273, 112).path()).isEqualTo("tile/0/273.p/112");
        assertThat(new Tile(2, 1_000, 1).path()).isEqualTo("tile/2/x001/000.p/1");
    }

    @Test
    void appendingReadsTheRightEdgeAndWritesOnlyWhatItTouches() {
        var written = new ArrayList<Tile>();
        var read = new ArrayList<Tile>();
        var tree = new MerkleTree(new Recording(new MemoryTileStore(), written, read));
        tree.append(0, MANY.subList(0, 69_999));
        written.clear();
        read.clear();
        tree.append(69_999, MANY.subList(69_999, 70_000));
        assertThat(read).containsExactly(new Tile(0, 273, 111));
        assertThat(written).containsExactly(new Tile(0, 273, 112));
        read.clear();
        tree.inclusionProof(12_345, 70_000);
        assertThat(read).hasSizeLessThanOrEqualTo(6).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("stores")
    void aBatchThatACrashInterruptedIsReplaced(TileStore store) {
        var tree = new MerkleTree(store);
        tree.append(0, MANY.subList(0, 300));
        tree.append(300, MANY.subList(10_000, 20_000)); // the caller never learnt of it
        for (int size = 300; size < 700; size += 7) {
            tree.append(size, MANY.subList(size, size + 7));
            for (int any = size; any <= size + 7; any++) {
                assertThat(tree.root(any)).isEqualTo(NaiveTree.root(MANY.subList(0, any)));
            }
        }
    }

    @Test
    void tilesOnDiskOutliveTheirStore(@TempDir Path home) {
        new MerkleTree(new FolderTileStore(home)).append(0, MANY.subList(0, 1_000));
        var tree = new MerkleTree(new FolderTileStore(home));
        assertThat(tree.append(1_000, MANY.subList(1_000, 2_000))).isEqualTo(2_000);
        assertThat(tree.root(2_000)).isEqualTo(NaiveTree.root(MANY.subList(0, 2_000)));
        assertThat(home.resolve("tile/0/006")).hasSize(8_192);
        assertThat(home.resolve("tile/0/007")).hasSize((2_000 - 1_792) * 32);
    }

    @Test
    void aMissingTileIsNamed() {
        var tree = new MerkleTree(new MemoryTileStore());
        tree.append(0, MANY.subList(0, 300));
        assertThatIllegalStateException().isThrownBy(() -> tree.root(301))
                .withMessage("the tile tile/0/001.p/45 is missing");
    }

    @Test
    void sizesAndIndexesThatCannotBeAreRefused() {
        var tree = new MerkleTree(new MemoryTileStore());
        tree.append(0, MANY.subList(0, 3));
        assertThat(tree.append(3, List.of())).isEqualTo(3);
        for (var size : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, MerkleTree.MAX_SIZE + 1}) {
            assertThatIllegalArgumentException().isThrownBy(() -> tree.root(size));
            assertThatIllegalArgumentException().isThrownBy(() -> tree.append(size, MANY.subList(0, 1)));
            assertThatIllegalArgumentException().isThrownBy(() -> tree.inclusionProof(size, 3));
            assertThatIllegalArgumentException().isThrownBy(() -> tree.consistencyProof(size, 3));
            assertThatIllegalArgumentException().isThrownBy(() -> Tile.at(0, size, 3));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> tree.inclusionProof(3, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.consistencyProof(4, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tile(0, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tile(0, 0, 257));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tile(8, 0, 1));
    }

    @Test
    void hashesAreReadOnlyInTheFormTheyAreWritten() {
        var hash = MANY.getFirst();
        assertThat(Hash.parse(hash.toString())).isEqualTo(hash);
        assertThat(Hash.parseBase64(hash.base64())).isEqualTo(hash);
        assertThat(Hash.of(hash.bytes(), 0)).isEqualTo(hash);
        for (var text : List.of("", "00", hash.toString().toUpperCase(java.util.Locale.ROOT), hash + "00",
                "g".repeat(64), "\u0661".repeat(64))) {
            assertThatIllegalArgumentException().isThrownBy(() -> Hash.parse(text));
        }
        // The last character before the padding has bits that no byte needs.
        for (var text : List.of("", hash.base64().replace("=", ""), hash.base64().replaceAll(".=$", "B="), "AA==")) {
            assertThatIllegalArgumentException().isThrownBy(() -> Hash.parseBase64(text));
        }
    }

    private record Recording(TileStore store, List<Tile> written, List<Tile> read) implements TileStore {
        @Override
        public Optional<byte[]> find(Tile tile) {
            read.add(tile);
            return store.find(tile);
        }

        @Override
        public void write(Map<Tile, byte[]> tiles) {
            written.addAll(tiles.keySet());
            store.write(tiles);
        }
    }
}
