package io.iotflow.server.encryption;

import io.iotflow.server.core.OrganizationPath;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/// One version of an organization's key, unwrapped. What it seals names it:
/// ```
/// format(1) = 1  key(4)  nonce(24)  sealed text  tag(16)
/// ```
/// Sealed with it, though not written down, are the organization and what the text belongs to.
final class SealingKey {
    private static final byte FORMAT = 1;
    private static final int HEADER = 5;

    private final int id;
    private final byte[] organization;
    private final Xaes cipher;

    SealingKey(int id, OrganizationPath organization, byte[] key) {
        this.id = id;
        this.organization = (organization.text() + '\0').getBytes(StandardCharsets.UTF_8);
        this.cipher = new Xaes(key);
    }

    int id() {
        return id;
    }

    byte[] seal(byte[] text, byte[] context) {
        var sealed = new byte[HEADER + text.length + Xaes.OVERHEAD];
        ByteBuffer.wrap(sealed).put(FORMAT).putInt(id);
        cipher.seal(text, inOrganization(context), sealed, HEADER);
        return sealed;
    }

    /// Empty when it was sealed by another key, for something else, or was changed.
    Optional<byte[]> open(byte[] sealed, byte[] context) {
        if (keyOf(sealed).stream().noneMatch(other -> other == id)) return Optional.empty();
        return cipher.open(sealed, HEADER, inOrganization(context));
    }

    private byte[] inOrganization(byte[] context) {
        var whole = Arrays.copyOf(organization, organization.length + context.length);
        System.arraycopy(context, 0, whole, organization.length, context.length);
        return whole;
    }

    /// The number of the key that it was sealed by; empty when it is nothing sealed.
    static OptionalInt keyOf(byte[] sealed) {
        if (sealed.length < HEADER + Xaes.OVERHEAD || sealed[0] != FORMAT) return OptionalInt.empty();
        return OptionalInt.of(ByteBuffer.wrap(sealed).getInt(1));
    }

    /// What a text belongs to: a word for its kind, and what tells it from others of its kind.
    static byte[] context(String kind, byte[]... parts) {
        var whole = new ByteArrayOutputStream(64);
        whole.writeBytes((kind + '\0').getBytes(StandardCharsets.UTF_8));
        for (var part : parts) whole.writeBytes(part);
        return whole.toByteArray();
    }
}
