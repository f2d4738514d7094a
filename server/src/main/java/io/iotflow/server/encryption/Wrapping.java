package io.iotflow.server.encryption;

import java.nio.ByteBuffer;
import java.util.Optional;

/// The wrapping key as it is used: each key is wrapped for its own row.
final class Wrapping {
    private final int id;
    private final Xaes cipher;

    Wrapping(int id, byte[] key) {
        this.id = id;
        this.cipher = new Xaes(key);
    }

    int id() {
        return id;
    }

    byte[] wrap(int row, byte[] key) {
        var wrapped = new byte[key.length + Xaes.OVERHEAD];
        cipher.seal(key, context(row), wrapped, 0);
        return wrapped;
    }

    /// @throws KeyDamaged when the row was tampered with
    byte[] unwrap(KeyStore.Version row) {
        return find(row).orElseThrow(() -> new KeyDamaged(row.id()));
    }

    /// Empty when it is destroyed, or the row was tampered with.
    Optional<byte[]> find(KeyStore.Version row) {
        return row.wrapped().flatMap(wrapped -> cipher.open(wrapped, 0, context(row.id())));
    }

    private static byte[] context(int row) {
        return SealingKey.context("key", ByteBuffer.allocate(4).putInt(row).array());
    }
}
