package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SignedNoteTest {
    /// The published example of Go's package golang.org/x/mod/sumdb/note.
    private static final String SECRET =
            "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    private static final String PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private static final String TEXT = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.
            """;
    private static final String SIGNATURE = "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN"
            + "1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    private static final String ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
    private static final String ENOCHS = "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGr"
            + "Q5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

    private static SignedNote parse(String note) {
        return SignedNote.parse(note.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void signsAsGosPackageDoes() {
        var key = SigningKey.parse(SECRET);
        assertThat(key.verifier()).hasToString(PUBLIC);
        assertThat(key.secret()).isEqualTo(SECRET);
        assertThat(key.toString()).doesNotContain("AYEKFALVFGyNhPJEMzD1QIDr");
        assertThat(SignedNote.sign(TEXT, key)).hasToString(TEXT + "\n" + SIGNATURE);
    }

    @Test
    void verifiesWhatGosPackageSigned() {
        var note = parse(TEXT + "\n" + SIGNATURE + ENOCHS);
        assertThat(note.text()).isEqualTo(TEXT);
        assertThat(note.isSignedBy(VerifierKey.parse(PUBLIC))).isTrue();
        assertThat(note.isSignedBy(VerifierKey.parse(ENOCH))).isTrue();
        assertThat(note.isSignedBy(SigningKey.generate("PeterNeumann").verifier())).isFalse();
        assertThat(parse(note.toString())).isEqualTo(note);
    }

    @Test
    void othersMaySignAlso() {
        var log = SigningKey.generate("iotflow.example/audit");
        var witness = SigningKey.generate("witness.example/w1");
        var note = parse(SignedNote.sign("a\n\nb\n", log).signedAlsoBy(witness).toString());
        assertThat(note.text()).isEqualTo("a\n\nb\n");
        assertThat(note.signatures()).hasSize(2);
        assertThat(note.isSignedBy(log.verifier())).isTrue();
        assertThat(note.isSignedBy(witness.verifier())).isTrue();
        assertThat(new SignedNote(note.text(), note.signatures().subList(1, 2)).isSignedBy(log.verifier())).isFalse();
    }

    @Test
    void aFalseSignatureOfTheKeySpoilsTheNote() {
        var key = SigningKey.generate("k");
        var good = SignedNote.sign("a\n", key);
        var bad = new ArrayList<>(good.signatures());
        bad.addAll(SignedNote.sign("b\n", key).signatures());
        assertThat(new SignedNote("a\n", bad).isSignedBy(key.verifier())).isFalse();
        assertThat(new SignedNote("b\n", good.signatures()).isSignedBy(key.verifier())).isFalse();
    }

    @Test
    void noChangedByteGoesUnnoticed() {
        var key = SigningKey.parse(SECRET).verifier();
        var note = (TEXT + "\n" + SIGNATURE).getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < note.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                var changed = note.clone();
                changed[at] ^= (byte) (1 << bit);
                assertThat(holds(changed, key)).as("byte %s, bit %s", at, bit).isFalse();
            }
        }
    }

    private static boolean holds(byte[] note, VerifierKey key) {
        try {
            return SignedNote.parse(note).isSignedBy(key);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void refusesWhatIsNotANote() {
        for (var note : List.of("", "\n", "\n\n", TEXT, TEXT + "\n", TEXT + SIGNATURE, SIGNATURE, "\n" + SIGNATURE,
                TEXT + "\n" + SIGNATURE + "\n", TEXT + "\n" + SIGNATURE.strip(), TEXT + "\n" + SIGNATURE + "more\n",
                TEXT + "\n" + SIGNATURE.replace("\u2014", "-"), TEXT + "\n" + SIGNATURE.replace("=", ""),
                TEXT + "\n" + SIGNATURE.replace("AM=", "AN="), TEXT + "\n" + SIGNATURE.replace("\n", "\r\n"),
                TEXT + "\n" + SIGNATURE.replace(" x08", "  x08"), TEXT + "\n\u2014 x08go/ZJkuBS\n",
                TEXT + "\n\u2014 Peter+Neumann x08go/ZJkuBS\n", TEXT + "\n\u2014 PeterNeumann x08g\n",
                "\0" + TEXT + "\n" + SIGNATURE, "\t" + TEXT + "\n" + SIGNATURE,
                TEXT + "\n" + SIGNATURE.repeat(101), "x".repeat(128 << 10) + "\n\n" + SIGNATURE)) {
            assertThatIllegalArgumentException().as(note).isThrownBy(() -> parse(note));
        }
        assertThat(parse(TEXT + "\n" + SIGNATURE.repeat(100)).isSignedBy(VerifierKey.parse(PUBLIC))).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> SignedNote.parse(new byte[] {(byte) 0xff, '\n', '\n'}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SignedNote.sign("half a character \ud800\n", SigningKey.generate("k")));
        assertThatIllegalArgumentException().isThrownBy(() -> new SignedNote("a\n", List.of()));
    }

    @Test
    void keysAreReadOnlyInTheFormTheyAreWritten() {
        var key = SigningKey.generate("a/b");
        assertThat(VerifierKey.parse(key.verifier().toString())).isEqualTo(key.verifier());
        assertThat(SigningKey.parse(key.secret()).verifier()).isEqualTo(key.verifier());
        for (var text : List.of("", "+", "++", "a+b", PUBLIC + "A", PUBLIC.replace("c74f20a3", "C74F20A3"),
                PUBLIC.replace("c74f20a3", "c74f20a4"), PUBLIC.replace("Peter", "Paul"),
                PUBLIC.replace("+ARpc", "+AhpC"), PUBLIC.replace("+ARpc", "+ARpd"), " " + PUBLIC, PUBLIC + "\n",
                SECRET)) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> VerifierKey.parse(text));
        }
        for (var text : List.of("", PUBLIC, SECRET + "\n", SECRET.replace("c74f20a3", "c74f20a4"),
                SECRET.replace("+AYEK", "+AYEL"), SECRET.replace("PRIVATE+KEY", "PUBLIC+KEY"))) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> SigningKey.parse(text))
                    .satisfies(e -> assertThat(e).hasMessageNotContaining("FALVFGyNhPJEMzD1"));
        }
        for (var name : List.of("", " ", "a b", "a+b", "a\u2003b", "a\nb", "x".repeat(256))) {
            assertThatIllegalArgumentException().isThrownBy(() -> SigningKey.generate(name));
        }
    }

    /// Most of them are no points of the curve, some are points of small order.
    @Test
    void keysOfAnyBytesVerifyNothing() {
        var random = new Random(25519);
        var note = parse(TEXT + "\n" + SIGNATURE);
        var message = TEXT.getBytes(StandardCharsets.UTF_8);
        for (int n = 0; n < 400; n++) {
            var raw = new byte[32];
            if (n >= 8) random.nextBytes(raw);
            else raw[0] = (byte) n;
            if (n % 3 == 0) raw[31] |= (byte) 0x80;
            if (n == 9) java.util.Arrays.fill(raw, (byte) 0xff);
            var digest = Hash.sha256();
            digest.update("k\n\1".getBytes(StandardCharsets.UTF_8));
            var id = java.util.HexFormat.of().formatHex(digest.digest(raw), 0, 4);
            try {
                var key = VerifierKey.parse("k+" + id + "+" + VerifierKey.typed(raw));
                assertThat(note.isSignedBy(key)).isFalse();
                assertThat(key.verifies(message, new byte[64])).isFalse();
                var signature = new byte[64];
                random.nextBytes(signature);
                assertThat(key.verifies(message, signature)).isFalse();
                assertThat(key.verifies(message, new byte[63])).isFalse();
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("key");
            }
        }
    }

    @Test
    void noBytesFailOtherwise() {
        var random = new Random(3);
        var parts = new ArrayList<>(List.of("a\n", "\n", "\n\n", SIGNATURE, "\u2014 ", "k ", "AAAA", "=", " ", "\r",
                "\0"));
        for (int n = 0; n < 20_000; n++) {
            Collections.shuffle(parts, random);
            holds(String.join("", parts.subList(0, random.nextInt(parts.size())))
                    .getBytes(StandardCharsets.UTF_8), VerifierKey.parse(PUBLIC));
        }
    }
}
