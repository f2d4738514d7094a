package io.iotflow.server.encryption;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// AES-256-GCM in its extended form XAES-256-GCM (c2sp.org/XAES-256-GCM): half of a random nonce of 24 bytes makes a
/// key of its own for each text, the other half is that key's nonce. So a key may seal any number of texts; plain
/// AES-GCM is good for 2^32 under one key, which a busy organization seals within a day.
///
/// For any number of threads.
final class Xaes {
    static final int KEY_BYTES = 32;
    /// What a sealed text is longer by than the text: nonce and tag.
    static final int OVERHEAD = 24 + 16;

    private static final int NONCE_BYTES = 24;
    private static final int HALF_NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int BLOCK = 16;
    /// Pairs of ciphers kept for the next text; making one costs more than a text.
    private static final int IDLE_CIPHERS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;
    /// CMAC's subkey for whole blocks.
    private final byte[] subkey;
    private final Queue<Ciphers> idle = new ArrayBlockingQueue<>(IDLE_CIPHERS);

    /// @param block   AES itself with this key
    /// @param message AES-GCM, with another key each time
    private record Ciphers(Cipher block, Cipher message) {}

    Xaes(byte[] key) {
        if (key.length != KEY_BYTES) throw new IllegalArgumentException("a key has 32 bytes");
        this.key = new SecretKeySpec(key, "AES");
        try {
            subkey = doubled(ciphers().block().doFinal(new byte[BLOCK]));
        } catch (GeneralSecurityException e) {
            throw bug(e);
        }
    }

    static byte[] random(int bytes) {
        var random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    /// Puts nonce, sealed text and tag behind what stands in `into`, which has room for exactly that. What stands
    /// before it is sealed as well, though not hidden.
    ///
    /// @param context what the text belongs to; it opens in the same one only
    void seal(byte[] text, byte[] context, byte[] into, int offset) {
        seal(random(NONCE_BYTES), text, context, into, offset);
    }

    void seal(byte[] nonce, byte[] text, byte[] context, byte[] into, int offset) {
        var ciphers = take();
        try {
            begin(ciphers, Cipher.ENCRYPT_MODE, nonce, 0, into, offset, context);
            System.arraycopy(nonce, 0, into, offset, NONCE_BYTES);
            ciphers.message().doFinal(text, 0, text.length, into, offset + NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw bug(e);
        }
        idle.offer(ciphers);
    }

    /// Empty when it was not sealed by this key in this context, or is no longer what it was.
    Optional<byte[]> open(byte[] sealed, int offset, byte[] context) {
        if (sealed.length - offset < OVERHEAD) return Optional.empty();
        var ciphers = take();
        try {
            begin(ciphers, Cipher.DECRYPT_MODE, sealed, offset, sealed, offset, context);
            var from = offset + NONCE_BYTES;
            return Optional.of(ciphers.message().doFinal(sealed, from, sealed.length - from));
        } catch (AEADBadTagException _) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw bug(e);
        } finally {
            idle.offer(ciphers);
        }
    }

    private void begin(Ciphers ciphers, int mode, byte[] nonce, int at, byte[] header, int headerLength,
            byte[] context) throws GeneralSecurityException {
        ciphers.message().init(mode, new SecretKeySpec(derived(ciphers.block(), nonce, at), "AES"),
                new GCMParameterSpec(TAG_BITS, nonce, at + HALF_NONCE, HALF_NONCE));
        if (headerLength > 0) ciphers.message().updateAAD(header, 0, headerLength);
        if (context.length > 0) ciphers.message().updateAAD(context);
    }

    /// CMAC of `0 1 X 0 nonce` and of `0 2 X 0 nonce`, where the nonce is its first half.
    private byte[] derived(Cipher block, byte[] nonce, int at) throws GeneralSecurityException {
        var blocks = new byte[2 * BLOCK];
        for (var i = 0; i < 2; i++) {
            var start = i * BLOCK;
            blocks[start + 1] = (byte) (i + 1);
            blocks[start + 2] = 'X';
            System.arraycopy(nonce, at, blocks, start + 4, HALF_NONCE);
            for (var j = 0; j < BLOCK; j++) blocks[start + j] ^= subkey[j];
        }
        return block.doFinal(blocks);
    }

    /// Times x in GF(2^128).
    private static byte[] doubled(byte[] block) {
        var doubled = new byte[BLOCK];
        for (var i = 0; i < BLOCK; i++) {
            doubled[i] = (byte) (block[i] << 1 | (i + 1 < BLOCK ? (block[i + 1] & 0xFF) >>> 7 : 0));
        }
        if (block[0] < 0) doubled[BLOCK - 1] ^= (byte) 0x87;
        return doubled;
    }

    private Ciphers take() {
        var known = idle.poll();
        return known == null ? ciphers() : known;
    }

    private Ciphers ciphers() {
        try {
            var block = Cipher.getInstance("AES/ECB/NoPadding");
            block.init(Cipher.ENCRYPT_MODE, key);
            return new Ciphers(block, Cipher.getInstance("AES/GCM/NoPadding"));
        } catch (GeneralSecurityException e) {
            throw bug(e);
        }
    }

    private static IllegalStateException bug(GeneralSecurityException e) {
        return new IllegalStateException("BUG: every JDK has AES-GCM", e);
    }
}
