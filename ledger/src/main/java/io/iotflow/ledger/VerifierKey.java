package io.iotflow.ledger;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// The public half of a key that signs notes (C2SP signed-note, Ed25519), by which anybody verifies them. Its text is
/// `name+hash+key`: the hash of name and key in 8 hexadecimal digits, then Base64 of the type's byte, 1, and 32 bytes.
///
/// @param name the key's name; a log's key has the log's origin for a name
/// @param key  an Ed25519 key
public record VerifierKey(String name, PublicKey key) {
    static final byte ED25519 = 1;
    static final int KEY_BYTES = 32;
    static final int SIGNATURE_BYTES = 64;

    /// What stands before the 32 bytes of every Ed25519 key in X.509's form.
    private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

    public VerifierKey {
        requireName(name);
        var bytes = key.getEncoded();
        if (bytes.length != X509.length + KEY_BYTES || !Arrays.equals(X509, Arrays.copyOf(bytes, X509.length))) {
            throw new IllegalArgumentException("is not an Ed25519 key");
        }
    }

    /// Reads what [#toString] writes.
    ///
    /// @throws IllegalArgumentException if it is not that, or its hash does not fit
    public static VerifierKey parse(String text) {
        var parts = text.split("\\+", 3);
        if (parts.length != 3) throw new IllegalArgumentException("is not a verifier key: name+hash+key");
        var key = new VerifierKey(parts[0], publicKey(typed(parts[2])));
        if (!key.toString().equals(text)) throw new IllegalArgumentException("is not a verifier key: the hash differs");
        return key;
    }

    private static PublicKey publicKey(byte[] raw) {
        var encoded = Arrays.copyOf(X509, X509.length + KEY_BYTES);
        System.arraycopy(raw, 0, encoded, X509.length, KEY_BYTES);
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("is not an Ed25519 key", e);
        }
    }

    /// The 32 bytes after the byte of the type.
    static byte[] typed(String base64) {
        var bytes = StrictBase64.decode(base64);
        if (bytes.length != 1 + KEY_BYTES || bytes[0] != ED25519) {
            throw new IllegalArgumentException("is not a key of 32 bytes for Ed25519");
        }
        return Arrays.copyOfRange(bytes, 1, bytes.length);
    }

    static String typed(byte[] key) {
        var bytes = new byte[1 + KEY_BYTES];
        bytes[0] = ED25519;
        System.arraycopy(key, 0, bytes, 1, KEY_BYTES);
        return StrictBase64.encode(bytes);
    }

    byte[] raw() {
        var encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, X509.length, encoded.length);
    }

    /// The first 4 bytes of the hash of name and key: which key it was, not a proof of it.
    byte[] id() {
        var digest = Hash.sha256();
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        digest.update(ED25519);
        digest.update(raw());
        return Arrays.copyOf(digest.digest(), 4);
    }

    boolean verifies(byte[] message, byte[] signature) {
        try {
            var verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(message);
            return signature.length == SIGNATURE_BYTES && verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // the JDK refuses some malformed signatures and keys so
        }
    }

    static void requireName(String name) {
        if (name.isEmpty() || name.length() > LedgerLimits.KEY_NAME_CHARACTERS || name.codePoints().anyMatch(c ->
                c == '+' || Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c)
                        || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new IllegalArgumentException("a key's name has 1 to " + LedgerLimits.KEY_NAME_CHARACTERS
                    + " characters, no space and no +");
        }
    }

    @Override
    public String toString() {
        return name + "+" + HexFormat.of().formatHex(id()) + "+" + typed(raw());
    }
}
