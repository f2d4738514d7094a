package io.iotflow.server.encryption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.OrganizationPath;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// What is sealed opens with the same key, in the same place, unchanged, and in no other way.
class SealingTest {
    private static final byte[] KEY = key(7);
    private static final OrganizationPath OURS = new OrganizationPath("/1/7/");
    private static final byte[] PULSE = SealingKey.context("metric", "pulse".getBytes(UTF_8));

    /// The first two of https://c2sp.org/XAES-256-GCM.
    @Test
    void theCipherIsThatOfItsSpecification() {
        checkVector(key(1), "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
        checkVector(key(3), "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    }

    private static void checkVector(byte[] key, String context, String sealed) {
        var nonce = "ABCDEFGHIJKLMNOPQRSTUVWX".getBytes(UTF_8);
        var text = "XAES-256-GCM".getBytes(UTF_8);
        var into = new byte[text.length + Xaes.OVERHEAD];
        var cipher = new Xaes(key);
        cipher.seal(nonce, text, context.getBytes(UTF_8), into, 0);
        assertThat(HexFormat.of().formatHex(into, 24, into.length)).isEqualTo(sealed);
        assertThat(cipher.open(into, 0, context.getBytes(UTF_8))).contains(text);
    }

    private static byte[] key(int octet) {
        var key = new byte[Xaes.KEY_BYTES];
        Arrays.fill(key, (byte) octet);
        return key;
    }

    @Test
    void whatIsSealedOpensAgain() {
        var key = new SealingKey(3, OURS, KEY);
        for (var length : new int[] {0, 1, 9, 15, 16, 17, 5_000}) {
            var text = new byte[length];
            Arrays.fill(text, (byte) 'x');
            var sealed = key.seal(text, PULSE);
            assertThat(SealingKey.keyOf(sealed)).hasValue(3);
            assertThat(key.open(sealed, PULSE)).contains(text);
        }
    }

    @Test
    void theSameIsNeverSealedTwiceAlike() {
        var key = new SealingKey(3, OURS, KEY);
        var seen = new HashSet<String>();
        for (var i = 0; i < 1_000; i++) seen.add(HexFormat.of().formatHex(key.seal(new byte[9], PULSE)));
        assertThat(seen).hasSize(1_000);
    }

    @Test
    void anyChangeAnywhereKeepsItShut() {
        var key = new SealingKey(3, OURS, KEY);
        var sealed = key.seal("140".getBytes(UTF_8), PULSE);
        for (var i = 0; i < sealed.length; i++) {
            var changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(key.open(changed, PULSE)).as("byte " + i).isEmpty();
        }
        for (var length = 0; length < sealed.length; length++) {
            assertThat(key.open(Arrays.copyOf(sealed, length), PULSE)).as(length + " bytes").isEmpty();
        }
        assertThat(key.open(Arrays.copyOf(sealed, sealed.length + 1), PULSE)).isEmpty();
    }

    @Test
    void itOpensNowhereElse() {
        var sealed = new SealingKey(3, OURS, KEY).seal("140".getBytes(UTF_8), PULSE);
        assertThat(new SealingKey(3, OURS, KEY).open(sealed, PULSE)).isPresent();
        assertThat(new SealingKey(3, OURS, KEY).open(sealed, SealingKey.context("metric"))).isEmpty();
        assertThat(new SealingKey(3, OURS.child(1), KEY).open(sealed, PULSE)).isEmpty();
        assertThat(new SealingKey(4, OURS, KEY).open(sealed, PULSE)).isEmpty();
        assertThat(new SealingKey(3, OURS, key(8)).open(sealed, PULSE)).isEmpty();
    }

    @Test
    void aWrappedKeyOpensInItsOwnRowOnly() {
        var wrapping = new Wrapping(1, KEY);
        var wrapped = wrapping.wrap(5, key(9));
        assertThat(wrapping.unwrap(row(5, wrapped))).isEqualTo(key(9));
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> wrapping.unwrap(row(6, wrapped))))
                .isInstanceOf(KeyDamaged.class);
    }

    private static KeyStore.Version row(int id, byte[] wrapped) {
        return new KeyStore.Version(id, OURS, 1, java.util.Optional.of(wrapped), java.time.Instant.EPOCH,
                java.util.Optional.empty(), java.util.Optional.empty());
    }
}
