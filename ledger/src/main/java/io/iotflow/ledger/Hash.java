package io.iotflow.ledger;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A SHA-256 hash, 32 bytes, as four words in big-endian order: a value without an array that somebody could change.
public record Hash(long first, long second, long third, long fourth) {

    /// Bytes of one hash.
    public static final int BYTES = 32;

    /// The root of a log without entries: the hash of nothing.
    public static final Hash EMPTY = of(sha256().digest(), 0);

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    /// The hash of an entry's bytes as a leaf of the tree. Leaves and nodes are hashed with different first bytes, so
    /// that nobody can pass two hashes off as an entry.
    public static Hash leaf(byte[] entry) {
        var digest = sha256();
        digest.update(LEAF);
        digest.update(entry);
        return of(digest.digest(), 0);
    }

    /// The hash of a node with these children.
    public static Hash node(Hash left, Hash right) {
        var digest = sha256();
        var bytes = new byte[1 + 2 * BYTES];
        bytes[0] = NODE;
        left.put(bytes, 1);
        right.put(bytes, 1 + BYTES);
        return of(digest.digest(bytes), 0);
    }

    /// The root of the tree over `count` hashes that stand one after the other from the hash `from` on. Pairs are
    /// hashed level by level, and one left over rises as it is: the same tree as RFC 6962 draws from above.
    static Hash root(byte[] hashes, int from, int count) {
        if (count == 0) return EMPTY;
        var digest = sha256();
        var level = new byte[count * BYTES];
        System.arraycopy(hashes, from * BYTES, level, 0, level.length);
        for (var width = count; width > 1; width = (width + 1) / 2) {
            for (int i = 0; i + 1 < width; i += 2) {
                digest.update(NODE);
                digest.update(level, i * BYTES, 2 * BYTES);
                System.arraycopy(digest.digest(), 0, level, i / 2 * BYTES, BYTES);
            }
            if (width % 2 == 1) System.arraycopy(level, (width - 1) * BYTES, level, width / 2 * BYTES, BYTES);
        }
        return of(level, 0);
    }

    /// The hash whose 32 bytes begin at the offset.
    ///
    /// @throws IllegalArgumentException if there are fewer
    public static Hash of(byte[] bytes, int offset) {
        if (offset < 0 || offset > bytes.length - BYTES) throw new IllegalArgumentException("a hash has 32 bytes");
        var words = ByteBuffer.wrap(bytes, offset, BYTES);
        return new Hash(words.getLong(), words.getLong(), words.getLong(), words.getLong());
    }

    /// Reads what [#toString] writes.
    ///
    /// @throws IllegalArgumentException unless it is 64 hexadecimal digits in lower case
    public static Hash parse(String hex) {
        if (hex.length() != 2 * BYTES) throw new IllegalArgumentException("a hash has 64 hexadecimal digits");
        var bytes = HexFormat.of().parseHex(hex);
        var hash = of(bytes, 0);
        if (!hash.toString().equals(hex)) throw new IllegalArgumentException("a hash is written in lower case");
        return hash;
    }

    /// As in a checkpoint: standard Base64.
    ///
    /// @throws IllegalArgumentException unless it is that, of 32 bytes
    static Hash parseBase64(String text) {
        var bytes = StrictBase64.decode(text);
        if (bytes.length != BYTES) throw new IllegalArgumentException("a hash has 32 bytes, not " + bytes.length);
        return of(bytes, 0);
    }

    String base64() {
        return StrictBase64.encode(bytes());
    }

    /// Its 32 bytes.
    public byte[] bytes() {
        var bytes = new byte[BYTES];
        put(bytes, 0);
        return bytes;
    }

    void put(byte[] into, int offset) {
        ByteBuffer.wrap(into, offset, BYTES).putLong(first).putLong(second).putLong(third).putLong(fourth);
    }

    /// As `sha256sum` prints it.
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every JDK has SHA-256", e);
        }
    }
}
