package io.iotflow.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Verifies an export offline, with nothing but the file and, at best, the log's key from elsewhere. Reads the file
/// once, in order; memory does not grow with it. The file may come from anybody.
public final class Verifier {
    private final Optional<VerifierKey> expected;
    private final Optional<SignedNote> older;

    /// A verifier that takes the key which the export names. Then an export that somebody has made and signed with a
    /// key of their own is intact too: better name the key.
    public Verifier() {
        this(Optional.empty(), Optional.empty());
    }

    private Verifier(Optional<VerifierKey> expected, Optional<SignedNote> older) {
        this.expected = expected;
        this.older = older;
    }

    /// The same verifier, which takes this key only.
    public Verifier expecting(VerifierKey key) {
        return new Verifier(Optional.of(key), older);
    }

    /// The same verifier, which also wants the log to begin with the one of an older checkpoint.
    public Verifier since(SignedNote checkpoint) {
        return new Verifier(expected, Optional.of(checkpoint));
    }

    /// @throws IOException if the file cannot be read
    public Verdict verify(Path export) throws IOException {
        try (var in = Files.newInputStream(export)) {
            return verify(in);
        }
    }

    /// Reads to the end, or to the first fault; does not close.
    public Verdict verify(InputStream export) throws IOException {
        return new Reading(new LineReader(export)).verdict();
    }

    private final class Reading {
        private final LineReader lines;
        private final Frontier frontier = new Frontier();
        private ExportLine.Header header;
        private Checkpoint checkpoint;
        private Optional<Checkpoint> rebuilt = Optional.empty();
        private Optional<String> undecided = Optional.empty();
        private long next = Verdict.Broken.NOTHING;
        private long count;

        Reading(LineReader lines) {
            this.lines = lines;
        }

        Verdict verdict() throws IOException {
            try {
                readHeader();
                readBody();
                if (lines.next().isPresent()) throw new IllegalArgumentException("stands after the end");
            } catch (IllegalArgumentException e) {
                return new Verdict.Broken(next, "line " + lines.number() + ": " + e.getMessage());
            }
            if (rebuilt.isPresent() && !frontier.root().equals(rebuilt.get().root())) {
                return new Verdict.Broken(Verdict.Broken.NOTHING, "the log was rewritten: its first "
                        + rebuilt.get().size() + " entries are not those of the older checkpoint");
            }
            return undecided.<Verdict>map(Verdict.Undecided::new)
                    .orElseGet(() -> new Verdict.Intact(count, header.span(), checkpoint, header.key()));
        }

        private void readHeader() throws IOException {
            if (!(read("the first line") instanceof ExportLine.Header first)) {
                throw new IllegalArgumentException("is not the first line of an export");
            }
            header = first;
            if (expected.isPresent() && !expected.get().equals(header.key())) {
                throw new IllegalArgumentException("the export's key is " + header.key() + ", which is not expected");
            }
            checkpoint = Checkpoint.open(header.checkpoint(), header.key());
            if (header.span().isPresent() && header.span().get().to() > checkpoint.size()) {
                throw new IllegalArgumentException("the export goes beyond its checkpoint");
            }
            header.since().ifPresent(this::requireConsistent);
            older.ifPresent(note -> compare(Checkpoint.open(note, header.key())));
            next = header.span().map(Span::from).orElse(0L);
        }

        private void requireConsistent(ExportLine.Older since) {
            if (!Proofs.verifyConsistency(since.size(), since.root(), checkpoint.size(), checkpoint.root(),
                    since.proof())) {
                throw new IllegalArgumentException("the proof does not lead from the older log to this one");
            }
        }

        private void compare(Checkpoint kept) {
            if (kept.size() > checkpoint.size()) {
                throw new IllegalArgumentException("the log had " + kept.size()
                        + " entries at the older checkpoint, now it shows " + checkpoint.size());
            }
            var proven = header.since().filter(since -> since.size() == kept.size()).map(ExportLine.Older::root)
                    .or(() -> kept.size() == checkpoint.size() ? Optional.of(checkpoint.root()) : Optional.empty())
                    .or(() -> kept.size() == 0 ? Optional.of(Hash.EMPTY) : Optional.empty());
            if (proven.isPresent()) {
                if (proven.get().equals(kept.root())) return;
                throw new IllegalArgumentException("the log was rewritten: with " + kept.size()
                        + " entries it had the root " + kept.root() + ", now it is " + proven.get());
            }
            if (header.span().filter(span -> span.from() == 0 && span.to() >= kept.size()).isPresent()) {
                rebuilt = Optional.of(kept);
            } else {
                undecided = Optional.of("the export proves nothing about the log of " + kept.size()
                        + " entries: ask for one since that size, or for all entries");
            }
        }

        private void readBody() throws IOException {
            while (true) {
                switch (read("the last line")) {
                    case ExportLine.Header _ -> throw new IllegalArgumentException("is a second first line");
                    case ExportLine.Group group -> readGroup(group);
                    case ExportLine.Single single -> readSingle(single);
                    case ExportLine.End(var entries) -> {
                        requireEnd(entries);
                        return;
                    }
                }
            }
        }

        private void requireEnd(long entries) {
            if (header.span().isPresent() && next < header.span().get().to()) {
                throw new IllegalArgumentException("the entries from " + next + " on are missing");
            }
            if (entries != count) {
                throw new IllegalArgumentException("the export should have " + entries + " entries, not " + count);
            }
        }

        private void readGroup(ExportLine.Group group) throws IOException {
            requirePlace(group);
            var tiles = (checkpoint.size() + Tile.WIDTH - 1) / Tile.WIDTH;
            if (group.tile() >= tiles) throw new IllegalArgumentException("the log has no tile " + group.tile());
            var bytes = new byte[Tile.at(0, group.tile(), checkpoint.size()).bytes()];
            if (group.hashes().size() * Hash.BYTES != bytes.length) {
                throw new IllegalArgumentException("the tile has another number of hashes than in the log");
            }
            for (int i = 0; i < group.hashes().size(); i++) group.hashes().get(i).put(bytes, i * Hash.BYTES);
            var root = Hash.root(bytes, 0, group.hashes().size());
            if (!Proofs.verifyInclusion(root, group.tile(), tiles, group.proof(), checkpoint.root())) {
                throw new IllegalArgumentException("the hashes of tile " + group.tile() + " are not those of the log");
            }
            rebuild(group);
            for (var run : group.runs()) {
                for (var index = run.first(); index <= run.last(); index++) {
                    readEntry(index, group.hashes().get((int) (index % Tile.WIDTH)), group.hashes());
                }
            }
        }

        /// In an export of all entries a tile follows the other, and each has all that are wanted of it.
        private void requirePlace(ExportLine.Group group) {
            var first = group.runs().getFirst().first();
            if (header.span().isEmpty()) {
                requireAfter(first);
                return;
            }
            var to = Math.min(header.span().get().to(), (next / Tile.WIDTH + 1) * Tile.WIDTH);
            if (group.runs().size() != 1 || first != next || group.runs().getFirst().last() != to - 1) {
                throw new IllegalArgumentException("the entries " + next + " to " + (to - 1) + " should follow");
            }
        }

        private void requireAfter(long index) {
            if (index < next) throw new IllegalArgumentException("the entry " + index + " is not in order");
        }

        private void rebuild(ExportLine.Group group) {
            if (rebuilt.isEmpty()) return;
            for (var hash : group.hashes()) {
                if (frontier.size() < rebuilt.get().size()) frontier.add(hash);
            }
        }

        private void readSingle(ExportLine.Single single) throws IOException {
            if (header.span().isPresent()) throw new IllegalArgumentException("a tile should follow");
            requireAfter(single.entry());
            next = single.entry();
            if (!Proofs.verifyInclusion(single.hash(), next, checkpoint.size(), single.proof(), checkpoint.root())) {
                throw new IllegalArgumentException("the proof of entry " + next + " does not lead to the log");
            }
            readEntry(next, single.hash(), List.of());
        }

        /// @param tile the hashes of the whole tile, if they are known, to say which entry stands there instead
        private void readEntry(long index, Hash wanted, List<Hash> tile) throws IOException {
            next = index;
            var line = lines.next()
                    .orElseThrow(() -> new IllegalArgumentException("the file ends before entry " + index));
            var hash = Hash.leaf(line);
            if (!hash.equals(wanted)) {
                var other = tile.indexOf(hash);
                var hint = other < 0 ? "" : " (that of entry " + (index / Tile.WIDTH * Tile.WIDTH + other) + ")";
                throw new IllegalArgumentException("is not entry " + index + " as it was logged: its hash is " + hash
                        + hint + ", in the log it is " + wanted);
            }
            requireCanonical(line);
            next++;
            count++;
        }

        /// Other JSON may mean one thing to one program and another to the next.
        private void requireCanonical(byte[] line) {
            try {
                Json.parseCanonical(line);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("is as it was logged, but " + e.getMessage(), e);
            }
        }

        private ExportLine read(String wanted) throws IOException {
            return ExportLine.parse(lines.next()
                    .orElseThrow(() -> new IllegalArgumentException("the file ends before " + wanted)));
        }
    }
}
