package io.iotflow.ledger;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.HexFormat;

/// The secret half of a key that signs notes. Its text is `PRIVATE+KEY+name+hash+seed`; it is never printed otherwise.
public final class SigningKey {
    private static final String PREFIX = "PRIVATE+KEY+";

    private final byte[] seed;
    private final PrivateKey key;
    private final VerifierKey verifier;

    private SigningKey(String name, byte[] seed) {
        this.seed = seed;
        try {
            key = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
            verifier = new VerifierKey(name, publicKey(seed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every JDK has Ed25519", e);
        }
    }

    /// The JDK makes public keys only while it makes a pair, from what it takes for chance.
    private static PublicKey publicKey(byte[] seed) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, new SecureRandom() {
            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(seed, 0, bytes, 0, bytes.length);
            }
        });
        return generator.generateKeyPair().getPublic();
    }

    /// A new key.
    ///
    /// @param name what it signs for: a log's origin, such as `iotflow.example/audit`
    /// @throws IllegalArgumentException if the name is empty, too long, or has a space or a plus sign
    public static SigningKey generate(String name) {
        var seed = new byte[VerifierKey.KEY_BYTES];
        new SecureRandom().nextBytes(seed);
        return new SigningKey(name, seed);
    }

    /// Reads what [#secret] gives.
    ///
    /// @throws IllegalArgumentException if it is not that, or its hash does not fit; the message does not repeat it
    public static SigningKey parse(String secret) {
        var parts = secret.split("\\+", 5);
        if (!secret.startsWith(PREFIX) || parts.length != 5) throw new IllegalArgumentException("is not a signing key");
        var key = new SigningKey(parts[2], VerifierKey.typed(parts[4]));
        if (!key.secret().equals(secret)) throw new IllegalArgumentException("is not a signing key: the hash differs");
        return key;
    }

    /// Its text. Whoever has it can sign for the log: keep it where nobody else reads.
    public String secret() {
        return PREFIX + verifier.name() + "+" + HexFormat.of().formatHex(verifier.id()) + "+" + VerifierKey.typed(seed);
    }

    /// The public half, for whoever verifies.
    public VerifierKey verifier() {
        return verifier;
    }

    byte[] sign(byte[] message) {
        try {
            var signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: the key was made for this", e);
        }
    }
}
