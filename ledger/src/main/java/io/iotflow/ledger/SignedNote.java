package io.iotflow.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A text and its signatures (C2SP signed-note). Reading one proves nothing; [#isSignedBy] does.
///
/// @param text       ends with a line break; no other control characters
/// @param signatures at least one, of any keys
public record SignedNote(String text, List<Signed> signatures) {
    private static final String SEPARATOR = "\n\n";
    private static final String DASH = "\u2014 ";

    /// One line of signature: the key's name, and Base64 of the key's id (4 bytes) with the signature.
    public record Signed(String name, String base64) {
        public Signed {
            VerifierKey.requireName(name);
            if (StrictBase64.decode(base64).length < 5) throw new IllegalArgumentException("a signature is too short");
        }

        boolean isOf(VerifierKey key) {
            return name.equals(key.name()) && Arrays.equals(Arrays.copyOf(StrictBase64.decode(base64), 4), key.id());
        }

        boolean verifies(VerifierKey key, byte[] message) {
            var bytes = StrictBase64.decode(base64);
            return key.verifies(message, Arrays.copyOfRange(bytes, 4, bytes.length));
        }

        @Override
        public String toString() {
            return DASH + name + " " + base64 + "\n";
        }
    }

    public SignedNote {
        signatures = List.copyOf(signatures);
        if (!text.endsWith("\n") || text.chars().anyMatch(c -> c < ' ' && c != '\n')
                || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("a note's text ends with a line break and has no control characters");
        }
        if (signatures.isEmpty() || signatures.size() > LedgerLimits.NOTE_SIGNATURES) {
            throw new IllegalArgumentException("a note has 1 to " + LedgerLimits.NOTE_SIGNATURES + " signatures");
        }
    }

    /// Reads a note.
    ///
    /// @throws IllegalArgumentException if it is not one, or beyond the limits
    public static SignedNote parse(byte[] utf8) {
        if (utf8.length > LedgerLimits.NOTE_BYTES) throw new IllegalArgumentException("is too long for a note");
        var note = new String(utf8, StandardCharsets.UTF_8);
        if (!Arrays.equals(note.getBytes(StandardCharsets.UTF_8), utf8)) {
            throw new IllegalArgumentException("is not UTF-8");
        }
        var end = note.lastIndexOf(SEPARATOR);
        if (end < 0 || !note.endsWith("\n")) throw new IllegalArgumentException("is not a signed note");
        var signatures = new ArrayList<Signed>();
        for (var line : note.substring(end + 2).split("(?<=\n)")) {
            var space = line.lastIndexOf(' ');
            if (!line.startsWith(DASH) || space < DASH.length()) {
                throw new IllegalArgumentException("is not a signed note: a line is no signature");
            }
            signatures.add(new Signed(line.substring(DASH.length(), space), line.substring(space + 1).strip()));
        }
        var read = new SignedNote(note.substring(0, end + 1), signatures);
        if (!read.toString().equals(note)) throw new IllegalArgumentException("is not a signed note");
        return read;
    }

    /// A new note with one signature.
    public static SignedNote sign(String text, SigningKey key) {
        return new SignedNote(text, List.of(signed(text, key)));
    }

    /// The same note with one more signature: a witness's, or a new key's beside the old one.
    public SignedNote signedAlsoBy(SigningKey key) {
        var more = new ArrayList<>(signatures);
        more.add(signed(text, key));
        return new SignedNote(text, more);
    }

    private static Signed signed(String text, SigningKey key) {
        var signature = key.sign(text.getBytes(StandardCharsets.UTF_8));
        return new Signed(key.verifier().name(), StrictBase64.encode(
                ByteBuffer.allocate(4 + signature.length).put(key.verifier().id()).put(signature).array()));
    }

    /// Whether the key signed this text. Signatures of other keys do not matter; if several are said to be of this one,
    /// each must be right.
    public boolean isSignedBy(VerifierKey key) {
        var message = text.getBytes(StandardCharsets.UTF_8);
        var of = signatures.stream().filter(signed -> signed.isOf(key)).toList();
        return !of.isEmpty() && of.stream().allMatch(signed -> signed.verifies(key, message));
    }

    public byte[] bytes() {
        return toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The whole note, as it is sent and kept.
    @Override
    public String toString() {
        var note = new StringBuilder(text).append('\n');
        signatures.forEach(note::append);
        return note.toString();
    }
}
