package io.iotflow.server.certificate;

import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.SecretFile;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// An authority's certificate and key, from files.
///
/// @param chain the authority's own certificate, then those above it
record AuthorityKeys(List<X509Certificate> chain, PrivateKey key) {
    static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);
    private static final Duration OWN_LIFETIME = Duration.ofDays(3_653);
    private static final int CERTIFICATE_SIGNING = 5;

    X509Certificate certificate() {
        return chain.getFirst();
    }

    /// An operator's.
    ///
    /// @throws CannotStart when the files do not make an authority
    static AuthorityKeys read(Path certificate, Path key) {
        try {
            var keys = new AuthorityKeys(Pem.certificates(Files.readString(certificate)),
                    privateKey(Files.readString(key)));
            keys.check(certificate);
            return keys;
        } catch (IOException | CertificateException | RuntimeException e) {
            if (e instanceof CannotStart told) throw told;
            throw new CannotStart("certificates.ca_certificate " + certificate + " and certificates.ca_key " + key
                    + " cannot be used: " + e.getMessage(), e);
        }
    }

    private void check(Path file) {
        var usage = certificate().getKeyUsage();
        if (certificate().getBasicConstraints() < 0 || usage != null && !usage[CERTIFICATE_SIGNING]) {
            throw new CannotStart(file + " is no certificate of an authority: it may sign no others");
        }
        var text = new byte[] {1, 2, 3};
        try {
            var signing = Signature.getInstance(algorithm(certificate().getPublicKey()));
            signing.initSign(key);
            signing.update(text);
            var signature = signing.sign();
            signing.initVerify(certificate().getPublicKey());
            signing.update(text);
            if (signing.verify(signature)) return;
        } catch (GeneralSecurityException _) {
            // a key of another kind
        }
        throw new CannotStart("certificates.ca_key is not the key of certificates.ca_certificate " + file);
    }

    private static PrivateKey privateKey(String pem) throws IOException {
        try (var parser = new PEMParser(new StringReader(pem))) {
            for (var found = parser.readObject(); found != null; found = parser.readObject()) {
                switch (found) {
                    case PrivateKeyInfo key -> {
                        return new JcaPEMKeyConverter().getPrivateKey(key);
                    }
                    case PEMKeyPair pair -> {
                        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                    }
                    default -> { } // parameters of the curve stand before the key
                }
            }
        }
        throw new IOException("there is no key in it that is not encrypted");
    }

    /// The platform's own, which is made when it is absent. The certificate is written first, so that a key is never
    /// there without it.
    static AuthorityKeys own(Path folder, Instant now) {
        var certificate = folder.resolve("certificate-authority.crt");
        var key = folder.resolve("certificate-authority.key");
        try {
            if (!Files.exists(key)) {
                var made = make(now);
                SecretFile.write(certificate, Pem.of(made.chain()).strip());
                SecretFile.write(key, Pem.of("PRIVATE KEY", made.key().getEncoded()).strip());
            }
            return new AuthorityKeys(Pem.certificates(Files.readString(certificate)),
                    privateKey(SecretFile.read(key)));
        } catch (IOException | GeneralSecurityException e) {
            throw new CannotStart("the platform's authority in " + certificate + " and " + key
                    + " cannot be read or made: " + e.getMessage(), e);
        }
    }

    private static AuthorityKeys make(Instant now) throws IOException, GeneralSecurityException {
        var pair = newPair();
        var mark = new byte[4];
        new SecureRandom().nextBytes(mark);
        var name = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.O, "IoTFlow")
                .addRDN(BCStyle.CN, "Device authority " + HexFormat.of().formatHex(mark)).build();
        var certificate = selfSigned(pair, name, now, OWN_LIFETIME, builder -> {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(Extension.subjectKeyIdentifier, false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        });
        return new AuthorityKeys(List.of(certificate), pair.getPrivate());
    }

    static KeyPair newPair() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /// What a certificate says besides names and times.
    @FunctionalInterface
    interface Extensions {
        void addTo(X509v3CertificateBuilder builder) throws IOException, GeneralSecurityException;
    }

    static X509Certificate selfSigned(KeyPair pair, X500Name name, Instant now, Duration lifetime,
            Extensions extensions) throws IOException, GeneralSecurityException {
        var builder = new X509v3CertificateBuilder(name, new BigInteger(127, new SecureRandom()),
                Date.from(now.minus(CLOCKS_DIFFER)), Date.from(now.plus(lifetime)), Locale.ROOT, name,
                SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
        extensions.addTo(builder);
        try {
            return converted(builder.build(signer(pair.getPrivate(), pair.getPublic())));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    ContentSigner signer() {
        try {
            return signer(key, certificate().getPublicKey());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("BUG: the authority's key was tried at the start", e);
        }
    }

    private static ContentSigner signer(PrivateKey key, PublicKey itsPublic) throws OperatorCreationException {
        return new JcaContentSignerBuilder(algorithm(itsPublic)).build(key);
    }

    private static String algorithm(PublicKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> ((ECPublicKey) key).getParams().getOrder().bitLength() > 256
                    ? "SHA384withECDSA" : "SHA256withECDSA";
            case "EdDSA", "Ed25519" -> "Ed25519";
            default -> throw new CannotStart("certificates.ca_certificate has a key of a kind that is not taken ("
                    + key.getAlgorithm() + "); use EC, Ed25519 or RSA");
        };
    }

    static X509Certificate converted(X509CertificateHolder holder) {
        try {
            return new JcaX509CertificateConverter().getCertificate(holder);
        } catch (CertificateException e) {
            throw new IllegalStateException("BUG: a certificate that was made cannot be read", e);
        }
    }
}
