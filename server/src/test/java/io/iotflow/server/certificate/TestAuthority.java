package io.iotflow.server.certificate;

import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/// An authority that is not the platform's, and what devices have and make.
public final class TestAuthority {
    private static long serial = System.nanoTime();

    public final KeyPair keys;
    public final X509Certificate certificate;

    public TestAuthority(String name) {
        this(name, pair("EC"));
    }

    TestAuthority(String name, KeyPair keys) {
        this.keys = keys;
        certificate = sign("CN=" + name, "CN=" + name, keys.getPublic(), Duration.ofDays(-1), Duration.ofDays(30),
                true, KeyPurposeId.id_kp_clientAuth);
    }

    public static KeyPair pair(String kind) {
        return pair(kind, kind.equals("RSA") ? 2_048 : 256);
    }

    public static KeyPair pair(String kind, int bits) {
        try {
            var generator = KeyPairGenerator.getInstance(kind);
            if (!kind.equals("Ed25519")) generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A request that `signer` signs.
    public static String request(PublicKey key, KeyPair signer, String algorithm) {
        try {
            return Pem.of("CERTIFICATE REQUEST", new JcaPKCS10CertificationRequestBuilder(
                    new X500Name("CN=somebody else"), key).build(new JcaContentSignerBuilder(algorithm)
                    .build(signer.getPrivate())).getEncoded());
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String request(KeyPair keys) {
        return request(keys.getPublic(), keys, "SHA256withECDSA");
    }

    /// A client's certificate, good for a month.
    public X509Certificate issue(String name, PublicKey key) {
        return issue(name, key, Duration.ofDays(-1), Duration.ofDays(30), KeyPurposeId.id_kp_clientAuth);
    }

    /// @param from as from now
    public X509Certificate issue(String name, PublicKey key, Duration from, Duration to, KeyPurposeId purpose) {
        return sign("CN=" + name, certificate.getSubjectX500Principal().getName(), key, from, to, false, purpose);
    }

    private X509Certificate sign(String name, String issuer, PublicKey key, Duration from, Duration to,
            boolean isAuthority, KeyPurposeId purpose) {
        try {
            var now = Instant.now();
            var builder = new X509v3CertificateBuilder(new X500Name(issuer), BigInteger.valueOf(serial++),
                    Date.from(now.plus(from)), Date.from(now.plus(to)), new X500Name(name),
                    SubjectPublicKeyInfo.getInstance(key.getEncoded()));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(
                    isAuthority ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
            if (!isAuthority) builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            return AuthorityKeys.converted(builder.build(
                    new JcaContentSignerBuilder(keys.getPublic().getAlgorithm().equals("RSA") ? "SHA256withRSA"
                            : "SHA256withECDSA").build(keys.getPrivate())));
        } catch (CertIOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    public static X509Certificate read(String pem) {
        try {
            return Pem.certificates(pem).getFirst();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What a client shows, whoever the server says that it trusts; a server may show the same.
    public static KeyManagerFactory shows(KeyPair keys, X509Certificate... chain) {
        var always = new Always(keys.getPrivate(), chain);
        return new KeyManagerFactory(new KeyManagerFactorySpi() {
            @Override
            protected void engineInit(KeyStore store, char[] password) {}

            @Override
            protected void engineInit(ManagerFactoryParameters parameters) {}

            @Override
            protected KeyManager[] engineGetKeyManagers() {
                return new KeyManager[] {always};
            }
        }, null, "always") {};
    }

    private static final class Always extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate[] chain;

        Always(PrivateKey key, X509Certificate... chain) {
            this.key = key;
            this.chain = chain;
        }

        private String[] own(String kind) {
            return chain[0].getPublicKey().getAlgorithm().equals(kind) ? new String[] {"own"} : null;
        }

        @Override
        public String[] getClientAliases(String kind, Principal[] issuers) {
            return own(kind);
        }

        @Override
        public String chooseClientAlias(String[] kinds, Principal[] issuers, Socket socket) {
            return Arrays.stream(kinds).anyMatch(kind -> own(kind) != null) ? "own" : null;
        }

        @Override
        public String chooseEngineClientAlias(String[] kinds, Principal[] issuers, SSLEngine engine) {
            return chooseClientAlias(kinds, issuers, null);
        }

        @Override
        public String[] getServerAliases(String kind, Principal[] issuers) {
            return own(kind);
        }

        @Override
        public String chooseServerAlias(String kind, Principal[] issuers, Socket socket) {
            return own(kind) == null ? null : "own";
        }

        @Override
        public String chooseEngineServerAlias(String kind, Principal[] issuers, SSLEngine engine) {
            return chooseServerAlias(kind, issuers, null);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }

    /// Trust in one server's certificate.
    public static TrustManagerFactory trusts(X509Certificate certificate) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("server", certificate);
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
