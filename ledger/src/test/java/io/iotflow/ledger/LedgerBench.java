package io.iotflow.ledger;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;

/// How fast the ledger is: `java -cp target/classes:target/test-classes io.iotflow.ledger.LedgerBench [entries]`. Not a
/// test; prints figures. Tiles and export are files below the folder for temporary files.
final class LedgerBench {
    private static final int BATCH = 1_000;
    private static final int ROUNDS = 20_000;

    private LedgerBench() {}

    public static void main(String[] arguments) throws IOException {
        var size = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        var folder = Files.createTempDirectory("ledger-bench");
        try {
            measure(size, folder);
        } finally {
            try (var files = Files.walk(folder)) {
                for (var file : files.toList().reversed()) Files.delete(file);
            }
        }
    }

    private static void measure(int size, Path folder) throws IOException {
        append("append to memory", new MerkleTree(new MemoryTileStore()), size);
        var tree = new MerkleTree(new FolderTileStore(folder.resolve("log")));
        append("append to synced files", tree, size);
        prove(tree, size);

        var key = SigningKey.generate(TestLog.ORIGIN);
        var checkpoint = new Checkpoint(TestLog.ORIGIN, size, tree.root(size)).sign(key);
        var file = folder.resolve("export");
        var began = System.nanoTime();
        try (var out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            new Export(tree, checkpoint, key.verifier()).all(new Span(0, size),
                    LongStream.range(0, size).mapToObj(i -> new LoggedEntry(i, entry(i))).iterator(), out);
        }
        print("export (making the entries included)", size, began);
        System.out.printf(Locale.ROOT, "%-40s %,12d bytes%n", "size of the export", Files.size(file));
        var half = new Checkpoint(TestLog.ORIGIN, size / 2, tree.root(size / 2)).sign(key);
        for (var verifier : List.of(new Verifier(), new Verifier().since(half))) {
            for (int round = 0; round < 2; round++) {
                began = System.nanoTime();
                var verdict = verifier.verify(file);
                print("verify the export", size, began);
                if (!(verdict instanceof Verdict.Intact)) throw new IllegalStateException(verdict.toString());
            }
        }
        System.gc();
        var memory = Runtime.getRuntime();
        System.out.printf(Locale.ROOT, "%-40s %,12d MiB%n", "memory in use at the end",
                memory.totalMemory() - memory.freeMemory() >> 20);
    }

    private static void append(String what, MerkleTree tree, int size) {
        var began = System.nanoTime();
        for (int from = 0; from < size; from += BATCH) {
            tree.append(from, LongStream.range(from, Math.min(size, from + BATCH))
                    .mapToObj(i -> Hash.leaf(entry(i))).toList());
        }
        print(what + " (making the entries included)", size, began);
    }

    private static void prove(MerkleTree tree, int size) {
        var random = new Random(1);
        var root = tree.root(size);
        for (int warm = 0; warm < 2; warm++) {
            var proving = 0L;
            var verifying = 0L;
            for (int n = 0; n < ROUNDS; n++) {
                var index = random.nextInt(size);
                var leaf = Hash.leaf(entry(index));
                var began = System.nanoTime();
                var proof = tree.inclusionProof(index, size);
                var proven = System.nanoTime();
                if (!Proofs.verifyInclusion(leaf, index, size, proof, root)) throw new IllegalStateException("wrong");
                verifying += System.nanoTime() - proven;
                proving += proven - began;
            }
            if (warm == 0) continue;
            System.out.printf(Locale.ROOT, "%-40s %12.1f µs%n", "inclusion proof from files", proving / 1e3 / ROUNDS);
            System.out.printf(Locale.ROOT, "%-40s %12.1f µs%n", "verifying it", verifying / 1e3 / ROUNDS);
        }
    }

    private static byte[] entry(long index) {
        return TestLog.entry(index, "boiler-" + index);
    }

    private static void print(String what, int size, long began) {
        var seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(Locale.ROOT, "%-40s %,12.0f entries/s (%.2f s)%n", what, size / seconds, seconds);
    }
}
