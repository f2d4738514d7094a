package io.iotflow.server.certificate;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/// A device's wish for a certificate (PKCS #10), from outside. All that is taken from it is the public key, and that
/// its owner has signed; who the certificate is for and what it is good for, the platform says.
public final class SigningRequest {
    private static final String FIELD = "csr";
    private static final Map<ASN1ObjectIdentifier, String> KEYS = Map.of(
            X9ObjectIdentifiers.id_ecPublicKey, "EC",
            PKCSObjectIdentifiers.rsaEncryption, "RSA",
            EdECObjectIdentifiers.id_Ed25519, "Ed25519");
    private static final Map<ASN1ObjectIdentifier, String> SIGNATURES = Map.of(
            X9ObjectIdentifiers.ecdsa_with_SHA256, "EC",
            X9ObjectIdentifiers.ecdsa_with_SHA384, "EC",
            X9ObjectIdentifiers.ecdsa_with_SHA512, "EC",
            PKCSObjectIdentifiers.sha256WithRSAEncryption, "RSA",
            PKCSObjectIdentifiers.sha384WithRSAEncryption, "RSA",
            PKCSObjectIdentifiers.sha512WithRSAEncryption, "RSA",
            EdECObjectIdentifiers.id_Ed25519, "Ed25519");

    private final SubjectPublicKeyInfo key;

    private SigningRequest(SubjectPublicKeyInfo key) {
        this.key = key;
    }

    /// @throws PlatformException `TOO_LARGE`, `MALFORMED_REQUEST` for what is no request or is not signed by its own
    ///                           key, `INVALID` for a key that is not taken
    public static SigningRequest parse(String pem) {
        if (pem.length() > Limits.CERTIFICATE_REQUEST_BYTES) {
            throw new PlatformException(ErrorCode.TOO_LARGE, "csr may have at most "
                    + Limits.CERTIFICATE_REQUEST_BYTES + " characters.");
        }
        var der = Pem.decode(pem, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
        try {
            // The parser throws whatever it stumbles over.
            var request = new PKCS10CertificationRequest(der.orElseThrow(SigningRequest::malformed));
            var key = request.getSubjectPublicKeyInfo();
            refuse(key);
            if (!isSigned(request, key)) {
                throw PlatformException.malformed("The signature of csr is not by the key in it; sign it anew, as with:"
                        + " openssl req -new -key device.key -subj /CN=device -out device.csr");
            }
            return new SigningRequest(key);
        } catch (PlatformException refused) {
            throw refused;
        } catch (IOException | RuntimeException _) {
            throw malformed();
        }
    }

    private static PlatformException malformed() {
        return PlatformException.malformed("csr is no certificate request in PEM; make one with: "
                + "openssl req -new -key device.key -subj /CN=device -out device.csr");
    }

    /// Looks at the size of an RSA key before anything is computed with it.
    private static void refuse(SubjectPublicKeyInfo key) throws IOException {
        var algorithm = key.getAlgorithm().getAlgorithm();
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            var rsa = RSAPublicKey.getInstance(key.parsePublicKey());
            DeviceKeys.rsaProblem(rsa.getModulus(), rsa.getPublicExponent()).ifPresent(SigningRequest::invalid);
        } else if (!KEYS.containsKey(algorithm)) {
            invalid("has a key of a kind that is not taken; use EC, Ed25519 or RSA");
        }
        DeviceKeys.problem(publicKey(key)).ifPresent(SigningRequest::invalid);
    }

    private static void invalid(String problem) {
        throw PlatformException.invalid(FIELD, problem);
    }

    private static PublicKey publicKey(SubjectPublicKeyInfo key) throws IOException {
        try {
            return KeyFactory.getInstance(KEYS.get(key.getAlgorithm().getAlgorithm()))
                    .generatePublic(new X509EncodedKeySpec(key.getEncoded()));
        } catch (GeneralSecurityException _) {
            throw PlatformException.invalid(FIELD, "has a key that is broken, or on a curve that is not taken");
        }
    }

    private static boolean isSigned(PKCS10CertificationRequest request, SubjectPublicKeyInfo key) throws IOException {
        var kind = SIGNATURES.get(request.getSignatureAlgorithm().getAlgorithm());
        if (kind == null) invalid("is signed in a way that is not taken; use SHA-256 or better");
        if (!KEYS.get(key.getAlgorithm().getAlgorithm()).equals(kind)) return false;
        try {
            return request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(publicKey(key)));
        } catch (PKCSException | OperatorCreationException _) {
            return false;
        }
    }

    SubjectPublicKeyInfo key() {
        return key;
    }
}
