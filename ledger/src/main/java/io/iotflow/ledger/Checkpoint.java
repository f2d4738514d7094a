package io.iotflow.ledger;

import java.util.ArrayList;
import java.util.List;

/// What a log says of itself at one moment: so many entries, with this root (C2SP tlog-checkpoint). Signed as a note by
/// the log's key it commits the log to every entry before: no two checkpoints of an honest log contradict each other.
///
/// @param origin     which log, the same for ever; not empty, one line
/// @param size       how many entries, 0 to [MerkleTree#MAX_SIZE]
/// @param root       the root over them
/// @param extensions further lines, which the signature covers but nobody need understand; none of them empty
public record Checkpoint(String origin, long size, Hash root, List<String> extensions) {

    public Checkpoint {
        extensions = List.copyOf(extensions);
        requireLine(origin);
        extensions.forEach(Checkpoint::requireLine);
        if (size < 0 || size > MerkleTree.MAX_SIZE) throw new IllegalArgumentException("no such size: " + size);
    }

    public Checkpoint(String origin, long size, Hash root) {
        this(origin, size, root, List.of());
    }

    /// The text that is signed: origin, size and root (in Base64) on a line each, then the extensions.
    public String text() {
        var lines = new ArrayList<>(List.of(origin, Long.toString(size), root.base64()));
        lines.addAll(extensions);
        return String.join("\n", lines) + "\n";
    }

    /// The checkpoint as a note with the log's signature.
    ///
    /// @throws IllegalArgumentException if the key's name is not the origin
    public SignedNote sign(SigningKey key) {
        requireOwn(origin, key.verifier());
        return SignedNote.sign(text(), key);
    }

    /// The checkpoint in a note that the log's key has signed.
    ///
    /// @throws IllegalArgumentException if the key has not signed it, is another log's, or it is no checkpoint
    public static Checkpoint open(SignedNote note, VerifierKey key) {
        if (!note.isSignedBy(key)) throw new IllegalArgumentException("the checkpoint is not signed by " + key);
        var checkpoint = parse(note.text());
        requireOwn(checkpoint.origin, key);
        return checkpoint;
    }

    /// Reads the text of a checkpoint, signed or not.
    ///
    /// @throws IllegalArgumentException unless it is exactly what [#text] writes
    static Checkpoint parse(String text) {
        var lines = text.split("\n", -1);
        if (lines.length < 4) throw new IllegalArgumentException("a checkpoint has at least three lines");
        if (!lines[1].matches("0|[1-9][0-9]{0,17}")) {
            throw new IllegalArgumentException("a checkpoint's size is not a decimal number");
        }
        var checkpoint = new Checkpoint(lines[0], Long.parseLong(lines[1]), Hash.parseBase64(lines[2]),
                List.of(lines).subList(3, lines.length - 1));
        if (!checkpoint.text().equals(text)) throw new IllegalArgumentException("a checkpoint ends with a line break");
        return checkpoint;
    }

    private static void requireOwn(String origin, VerifierKey key) {
        if (!key.name().equals(origin)) {
            throw new IllegalArgumentException("the key " + key.name() + " is not that of the log " + origin);
        }
    }

    private static void requireLine(String line) {
        if (line.isEmpty() || line.chars().anyMatch(c -> c < ' ')) {
            throw new IllegalArgumentException("a checkpoint's lines are not empty and have no control characters");
        }
    }
}
