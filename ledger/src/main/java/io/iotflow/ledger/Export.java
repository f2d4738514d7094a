package io.iotflow.ledger;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// Writes entries of a log to one file of text, with what is needed to verify them offline: the checkpoint that the log
/// has signed, and the hashes and proofs that lead from each entry to it. Each line is JSON, entries are as they were
/// logged. `docs/concepts/audit.md` describes the format.
///
/// It writes what it is given and checks nothing, so that an export of a tampered log shows the tampering. Memory is
/// that of 256 entries.
public final class Export {
    /// With fewer entries of a tile than this, a proof for each takes less room than all the tile's hashes.
    private static final int SPARSE = 8;

    private final MerkleTree tree;
    private final SignedNote note;
    private final VerifierKey key;
    private final Checkpoint checkpoint;
    private final Optional<ExportLine.Older> since;

    /// An export of the log as it was at a checkpoint.
    ///
    /// @throws IllegalArgumentException if the key has not signed the checkpoint
    public Export(MerkleTree tree, SignedNote checkpoint, VerifierKey key) {
        this(tree, checkpoint, key, Optional.empty());
    }

    private Export(MerkleTree tree, SignedNote note, VerifierKey key, Optional<ExportLine.Older> since) {
        this.tree = tree;
        this.note = note;
        this.key = key;
        this.checkpoint = Checkpoint.open(note, key);
        this.since = since;
    }

    /// The same export with the proof that the log begins with the one of an older size, for whoever has kept a
    /// checkpoint of that size.
    ///
    /// @throws IllegalArgumentException if the older size is negative or beyond the checkpoint's
    public Export since(long size) {
        var proof = tree.consistencyProof(size, checkpoint.size());
        return new Export(tree, note, key, Optional.of(new ExportLine.Older(size, tree.root(size), proof)));
    }

    /// Writes all entries of a span. An entry that is missing or out of place makes an export that is broken there.
    ///
    /// @param entries in the order of their index
    /// @throws IllegalArgumentException if the span goes beyond the checkpoint, or an entry is not in it
    public void all(Span span, Iterator<LoggedEntry> entries, OutputStream out) throws IOException {
        if (span.to() > checkpoint.size()) throw new IllegalArgumentException("the checkpoint does not go so far");
        write(out, new ExportLine.Header(key, note, Optional.of(span), since));
        var count = 0L;
        var next = entries.hasNext() ? Optional.of(entries.next()) : Optional.<LoggedEntry>empty();
        for (var from = span.from(); from < span.to(); ) {
            var tile = from / Tile.WIDTH;
            var to = Math.min(span.to(), (tile + 1) * Tile.WIDTH);
            write(out, group(tile, List.of(new ExportLine.Run(from, to - 1))));
            for (; next.isPresent() && next.get().index() < to; count++) {
                write(out, next.get().bytes());
                next = entries.hasNext() ? Optional.of(entries.next()) : Optional.empty();
            }
            from = to;
        }
        if (next.isPresent()) throw new IllegalArgumentException("the entry " + next.get().index() + " is not wanted");
        write(out, new ExportLine.End(count));
    }

    /// Writes some entries, such as those of one organization. It proves that each is in the log, and cannot prove that
    /// no other belongs to them.
    ///
    /// @param entries in the order of their index
    /// @throws IllegalArgumentException if they are not in order, or one is beyond the checkpoint
    public void selection(Iterator<LoggedEntry> entries, OutputStream out) throws IOException {
        write(out, new ExportLine.Header(key, note, Optional.empty(), since));
        var count = 0L;
        var last = -1L;
        var together = new ArrayList<LoggedEntry>();
        while (entries.hasNext()) {
            var entry = entries.next();
            if (entry.index() <= last) throw new IllegalArgumentException("the entries are not in order");
            if (!together.isEmpty() && together.getFirst().index() / Tile.WIDTH != entry.index() / Tile.WIDTH) {
                writeTogether(together, out);
                together.clear();
            }
            together.add(entry);
            last = entry.index();
            count++;
        }
        if (!together.isEmpty()) writeTogether(together, out);
        write(out, new ExportLine.End(count));
    }

    /// Entries of one tile.
    private void writeTogether(List<LoggedEntry> entries, OutputStream out) throws IOException {
        if (entries.size() >= SPARSE) {
            write(out, group(entries.getFirst().index() / Tile.WIDTH, runs(entries)));
            for (var entry : entries) write(out, entry.bytes());
            return;
        }
        for (var entry : entries) {
            var index = entry.index();
            var hashes = tree.leaves(index / Tile.WIDTH, checkpoint.size());
            write(out, new ExportLine.Single(index, Hash.of(hashes, (int) (index % Tile.WIDTH) * Hash.BYTES),
                    tree.inclusionProof(index, checkpoint.size())));
            write(out, entry.bytes());
        }
    }

    private static List<ExportLine.Run> runs(List<LoggedEntry> entries) {
        var runs = new ArrayList<ExportLine.Run>();
        for (var entry : entries) {
            var index = entry.index();
            var follows = !runs.isEmpty() && runs.getLast().last() == index - 1;
            runs.add(new ExportLine.Run(follows ? runs.removeLast().first() : index, index));
        }
        return runs;
    }

    private ExportLine.Group group(long tile, List<ExportLine.Run> runs) {
        var bytes = tree.leaves(tile, checkpoint.size());
        var hashes = new ArrayList<Hash>();
        for (int at = 0; at < bytes.length; at += Hash.BYTES) hashes.add(Hash.of(bytes, at));
        return new ExportLine.Group(tile, runs, hashes, tree.tileProof(tile, checkpoint.size()));
    }

    private static void write(OutputStream out, ExportLine line) throws IOException {
        write(out, line.bytes());
    }

    private static void write(OutputStream out, byte[] line) throws IOException {
        out.write(line);
        out.write('\n');
    }
}
