package io.iotflow.server.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Optional;

/// A device's secret: 32 characters that people can tell apart when they copy them, 184 bits of chance.
///
/// Only its SHA-256 is kept. With that much chance in the key, a slow hash or a salt would add nothing.
final class ApiKey {
    static final int LENGTH = 32;

    private static final String ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";
    private static final boolean[] ALLOWED = new boolean[128];
    private static final MessageDigest SHA_256 = sha256();
    private static final SecureRandom RANDOM = new SecureRandom();

    static {
        ALPHABET.chars().forEach(c -> ALLOWED[c] = true);
    }

    private ApiKey() {}

    /// Compares in constant time.
    record Hash(long a, long b, long c, long d) {

        static Hash of(byte[] bytes) {
            var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
            return new Hash(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
        }

        byte[] bytes() {
            return ByteBuffer.allocate(32).putLong(a).putLong(b).putLong(c).putLong(d).array();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Hash(var a2, var b2, var c2, var d2)
                    && ((a ^ a2) | (b ^ b2) | (c ^ c2) | (d ^ d2)) == 0;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(a);
        }
    }

    static String generate() {
        var key = new StringBuilder(LENGTH);
        for (var i = 0; i < LENGTH; i++) key.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        return key.toString();
    }

    /// Empty for a text that cannot be a key, so that nonsense costs neither a hash nor a query.
    static Optional<Hash> hashOf(String key) {
        if (key.length() != LENGTH) return Optional.empty();
        for (var i = 0; i < LENGTH; i++) {
            var c = key.charAt(i);
            if (c >= ALLOWED.length || !ALLOWED[c]) return Optional.empty();
        }
        try {
            // A clone costs half of what looking the algorithm up again would.
            return Optional.of(Hash.of(((MessageDigest) SHA_256.clone())
                    .digest(key.getBytes(StandardCharsets.ISO_8859_1))));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("BUG: SHA-256 cannot be cloned", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every JDK has SHA-256", e);
        }
    }
}
