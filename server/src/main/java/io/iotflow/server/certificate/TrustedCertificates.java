package io.iotflow.server.certificate;

import io.iotflow.server.core.CannotStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Whom to trust at the other end of a TLS connection.
public final class TrustedCertificates {
    private TrustedCertificates() {}

    /// @param key  under which the file is configured
    /// @param file in PEM; without one, whom the JDK trusts
    public static SSLContext context(String key, Optional<Path> file) {
        try {
            if (file.isEmpty()) return SSLContext.getDefault();
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            try (var in = Files.newInputStream(file.get())) {
                for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry("authority-" + store.size(), certificate);
                }
            }
            if (store.size() == 0) throw new IOException("there is no certificate in it");
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new CannotStart(key + " = " + file.map(Path::toString).orElse("") + " cannot be used: "
                    + e.getMessage(), e);
        }
    }
}
