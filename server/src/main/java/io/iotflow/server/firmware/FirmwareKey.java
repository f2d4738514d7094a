package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;

/// A public key that firmware of an organization, and of those below it, may be signed with.
record FirmwareKey(long id, OrganizationPath organization, String name, Algorithm algorithm, PublicKey key,
                   Instant createdAt) {
    private static final int SMALLEST_CURVE_BITS = 256;

    enum Algorithm {
        /// Over the 32 bytes of the image's SHA-256.
        ED25519,
        /// With SHA-256 over the image: what `openssl dgst -sha256 -sign` makes.
        ECDSA;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    FirmwareKey {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(key, "key");
    }

    static FirmwareKey of(long id, OrganizationPath organization, String name, byte[] encoded, Instant createdAt) {
        var key = decoded(encoded);
        return new FirmwareKey(id, organization, name, algorithm(key), key, createdAt);
    }

    /// @param text PEM, or what stands inside it
    static PublicKey read(String text) {
        var inside = text.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "").replaceAll("\\s", "");
        try {
            return decoded(Base64.getDecoder().decode(inside));
        } catch (IllegalArgumentException _) {
            throw refusal();
        }
    }

    private static PublicKey decoded(byte[] encoded) {
        for (var algorithm : new String[] {"Ed25519", "EC"}) {
            try {
                var key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded));
                if (key instanceof ECPublicKey curve
                        && curve.getParams().getCurve().getField().getFieldSize() < SMALLEST_CURVE_BITS) break;
                return key;
            } catch (GeneralSecurityException _) {
                // It may be one of the other kind.
            }
        }
        throw refusal();
    }

    private static PlatformException refusal() {
        return PlatformException.invalid("public_key", "must be an Ed25519 public key, or one on P-256, P-384 or "
                + "P-521, as PEM (openssl pkey -pubout)");
    }

    static Algorithm algorithm(PublicKey key) {
        return key instanceof ECPublicKey ? Algorithm.ECDSA : Algorithm.ED25519;
    }

    /// @param sha256 of the image
    boolean hasSigned(byte[] sha256, byte[] signature) {
        try {
            var verifier = Signature.getInstance(switch (algorithm) {
                case ED25519 -> "Ed25519";
                case ECDSA -> "NONEwithECDSA"; // the hash is made already
            });
            verifier.initVerify(key);
            verifier.update(sha256);
            return verifier.verify(signature);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    ObjectNode json() {
        return document().put("id", id).put("organization_id", organization.id())
                .put("created_at", createdAt.toString());
    }

    /// What the audit log keeps.
    ObjectNode document() {
        return Json.mapper().createObjectNode().put("name", name).put("algorithm", algorithm.word())
                .put("public_key", Base64.getEncoder().encodeToString(key.getEncoded()));
    }

    Audit.Target target() {
        return new Audit.Target("firmware_key", Long.toString(id), name, organization);
    }
}
