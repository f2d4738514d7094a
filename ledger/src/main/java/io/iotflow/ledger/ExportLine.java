package io.iotflow.ledger;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A line of an export that is not an entry. Each is canonical JSON; hashes are written as `sha256sum` prints them.
sealed interface ExportLine {
    String FORMAT = "iotflow-audit-export/1";
    int LONGEST_PROOF = 64;

    /// The first line: whose log it is, what it has signed, and what the export holds of it.
    ///
    /// @param span  the entries that the export holds, all of them; empty if it holds a selection
    /// @param since the proof that the log begins with an older one
    record Header(VerifierKey key, SignedNote checkpoint, Optional<Span> span, Optional<Older> since)
            implements ExportLine {}

    /// A log that was signed earlier, and the proof that the one of the checkpoint begins with it.
    record Older(long size, Hash root, List<Hash> proof) {
        public Older {
            proof = List.copyOf(proof);
        }
    }

    /// Stands before entries of one tile.
    ///
    /// @param tile   its index at level 0; its first entry is 256 times that
    /// @param runs   the entries that follow, a line each, in order
    /// @param hashes the hash of every entry of the tile, whether it follows or not
    /// @param proof  leads from the tile to the checkpoint's root
    record Group(long tile, List<Run> runs, List<Hash> hashes, List<Hash> proof) implements ExportLine {
        public Group {
            runs = List.copyOf(runs);
            hashes = List.copyOf(hashes);
            proof = List.copyOf(proof);
            if (tile < 0 || tile > MerkleTree.MAX_SIZE / Tile.WIDTH) throw new IllegalArgumentException("no such tile");
            if (hashes.isEmpty() || hashes.size() > Tile.WIDTH) {
                throw new IllegalArgumentException("a tile has 1 to 256 hashes, not " + hashes.size());
            }
            if (runs.isEmpty()) throw new IllegalArgumentException("a tile without entries");
            var next = tile * Tile.WIDTH;
            for (var run : runs) {
                if (run.first < next) throw new IllegalArgumentException("the entries of a tile are not in order");
                next = run.last + 1;
            }
            if (next > tile * Tile.WIDTH + hashes.size()) {
                throw new IllegalArgumentException("the tile " + tile + " has no entry " + (next - 1));
            }
        }
    }

    /// Entries side by side, both ends included.
    record Run(long first, long last) {
        public Run {
            if (first < 0 || last < first) throw new IllegalArgumentException("no such entries");
        }
    }

    /// Stands before one entry that comes with its own proof, where few of a tile are wanted.
    record Single(long entry, Hash hash, List<Hash> proof) implements ExportLine {
        public Single {
            proof = List.copyOf(proof);
            if (entry < 0) throw new IllegalArgumentException("no such entry: " + entry);
        }
    }

    /// The last line: how many entries the export has.
    record End(long count) implements ExportLine {}

    /// @throws IllegalArgumentException if it is none of these lines, or not in canonical form
    static ExportLine parse(byte[] utf8) {
        var line = line(new FieldReader(Json.parse(utf8)));
        if (!Arrays.equals(line.bytes(), utf8)) throw new IllegalArgumentException("is not a line of an export");
        return line;
    }

    private static ExportLine line(FieldReader fields) {
        if (fields.has("format")) return header(fields);
        if (fields.has("tile")) {
            return new Group(fields.whole("tile"), runs(fields), hashes(fields, "hashes", Tile.WIDTH),
                    hashes(fields, "proof", LONGEST_PROOF));
        }
        if (fields.has("entry")) {
            return new Single(fields.whole("entry"), Hash.parse(fields.text("hash")),
                    hashes(fields, "proof", LONGEST_PROOF));
        }
        if (fields.has("count")) return new End(fields.whole("count"));
        throw new IllegalArgumentException("is not a line of an export");
    }

    private static Header header(FieldReader fields) {
        if (!fields.text("format").equals(FORMAT)) throw new IllegalArgumentException("is an export of another format");
        var span = fields.has("from") ? Optional.of(new Span(fields.whole("from"), fields.whole("to")))
                : Optional.<Span>empty();
        var since = fields.has("since") ? Optional.of(older(fields.object("since"))) : Optional.<Older>empty();
        return new Header(VerifierKey.parse(fields.text("key")),
                SignedNote.parse(fields.text("checkpoint").getBytes(StandardCharsets.UTF_8)), span, since);
    }

    private static Older older(FieldReader fields) {
        return new Older(fields.whole("size"), Hash.parse(fields.text("root")), hashes(fields, "proof", LONGEST_PROOF));
    }

    private static List<Run> runs(FieldReader fields) {
        var runs = new ArrayList<Run>();
        for (var item : fields.array("entries").items()) {
            if (!(item instanceof Json.Array(var ends)) || ends.size() != 2) {
                throw new IllegalArgumentException("'entries' is not a list of first and last");
            }
            runs.add(new Run(FieldReader.whole("entries", ends.getFirst()),
                    FieldReader.whole("entries", ends.getLast())));
        }
        return runs;
    }

    private static List<Hash> hashes(FieldReader fields, String name, int most) {
        var items = fields.array(name).items();
        if (items.size() > most) throw new IllegalArgumentException("'" + name + "' has too many hashes");
        var hashes = new ArrayList<Hash>(items.size());
        for (var item : items) {
            if (!(item instanceof Json.Text(var hex))) throw new IllegalArgumentException("'" + name + "' has no hash");
            hashes.add(Hash.parse(hex));
        }
        return hashes;
    }

    /// The line, without its line break.
    default byte[] bytes() {
        return json().canonical();
    }

    private Json json() {
        return switch (this) {
            case Header header -> json(header);
            case Group(var tile, var runs, var hashes, var proof) -> new Json.Fields(Map.of(
                    "tile", new Json.Numeral(tile), "hashes", json(hashes), "proof", json(proof),
                    "entries", new Json.Array(runs.stream().<Json>map(run -> new Json.Array(
                            List.of(new Json.Numeral(run.first), new Json.Numeral(run.last)))).toList())));
            case Single(var entry, var hash, var proof) -> new Json.Fields(Map.of(
                    "entry", new Json.Numeral(entry), "hash", new Json.Text(hash.toString()), "proof", json(proof)));
            case End(var count) -> new Json.Fields(Map.of("count", new Json.Numeral(count)));
        };
    }

    private static Json json(Header header) {
        var fields = new TreeMap<String, Json>();
        fields.put("format", new Json.Text(FORMAT));
        fields.put("key", new Json.Text(header.key.toString()));
        fields.put("checkpoint", new Json.Text(header.checkpoint.toString()));
        header.span.ifPresent(span -> {
            fields.put("from", new Json.Numeral(span.from()));
            fields.put("to", new Json.Numeral(span.to()));
        });
        header.since.ifPresent(older -> fields.put("since", new Json.Fields(Map.of(
                "size", new Json.Numeral(older.size), "root", new Json.Text(older.root.toString()),
                "proof", json(older.proof)))));
        return new Json.Fields(fields);
    }

    private static Json json(List<Hash> hashes) {
        return new Json.Array(hashes.stream().<Json>map(hash -> new Json.Text(hash.toString())).toList());
    }
}
