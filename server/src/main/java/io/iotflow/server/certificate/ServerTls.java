package io.iotflow.server.certificate;

import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// What a TLS port needs: TLS 1.3 and 1.2, a certificate of the server's own, and whose certificates clients may show.
/// They need not show any.
public record ServerTls(KeyManagerFactory keys, ClientTrust trust) {

    public ServerTls(TlsKeys keys, ClientTrust trust) {
        this(keys.keyManagers(), trust);
    }

    /// The protocols that are spoken, the best first.
    public static String[] protocols() {
        return new String[] {"TLSv1.3", "TLSv1.2"};
    }

    public SSLContext context() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every JDK has TLS", e);
        }
    }
}
