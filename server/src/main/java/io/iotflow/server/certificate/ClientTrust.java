package io.iotflow.server.certificate;

import io.iotflow.server.core.CannotStart;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whose certificates clients may show: the platform's authority's, and those of authorities that the operator trusts.
/// That a certificate passes here says only that it is good; whose it is, its fingerprint says. For all threads.
public final class ClientTrust extends X509ExtendedTrustManager {
    private static final Logger LOG = LoggerFactory.getLogger(ClientTrust.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);

    private final CertificateAuthority authority;
    private final Optional<Path> file;
    private final InstantSource clock;
    private Bundle bundle;
    private Instant lookedAt;
    private X509ExtendedTrustManager everybody;

    /// What the operator's file held.
    ///
    /// @param checks null when there is no file
    private record Bundle(FileTime changed, List<X509Certificate> authorities, X509ExtendedTrustManager checks) {}

    /// @throws CannotStart when there is a file of authorities that cannot be read
    public ClientTrust(CertificateAuthority authority, CertificateConfig config, InstantSource clock) {
        this.authority = authority;
        this.clock = clock;
        this.file = config.trusted();
        try {
            bundle = file.isPresent() ? read(file.get()) : new Bundle(null, List.of(), null);
            lookedAt = clock.instant();
        } catch (IOException | GeneralSecurityException e) {
            throw new CannotStart("certificates.trusted " + file.get() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static Bundle read(Path file) throws IOException, GeneralSecurityException {
        var changed = Files.getLastModifiedTime(file);
        var authorities = Pem.certificates(Files.readString(file));
        return new Bundle(changed, authorities, trusting(authorities));
    }

    private static X509ExtendedTrustManager trusting(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (var certificate : authorities) store.setCertificateEntry("" + store.size(), certificate);
        var factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }

    /// The operator's file as it is now, or was ten seconds ago; a broken one changes nothing.
    private synchronized Bundle bundle() {
        var now = clock.instant();
        if (file.isEmpty() || now.isBefore(lookedAt.plus(BETWEEN_LOOKS))) return bundle;
        lookedAt = now;
        try {
            if (Files.getLastModifiedTime(file.get()).equals(bundle.changed())) return bundle;
            bundle = read(file.get());
            everybody = null;
            LOG.info("event=trusted_authorities_read file={} authorities={}", file.get(), bundle.authorities().size());
        } catch (IOException | GeneralSecurityException e) {
            LOG.warn("event=trusted_authorities_not_read file={} cause=\"{}\" effect=\"the former ones stay\"",
                    file.get(), e.getMessage());
        }
        return bundle;
    }

    private synchronized X509ExtendedTrustManager everybody() {
        var operators = bundle();
        if (everybody != null) return everybody;
        var all = new ArrayList<>(operators.authorities());
        all.add(authority.certificate());
        try {
            return everybody = trusting(all);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("BUG: certificates cannot be kept in memory", e);
        }
    }

    /// Whether an authority that the operator trusts has issued this certificate, now good for a client.
    ///
    /// @param chain the certificate, then those between it and the authority
    /// @throws CertificateException saying why not
    public void requireTrusted(List<X509Certificate> chain) throws CertificateException {
        var checks = bundle().checks();
        if (checks == null) throw new CertificateException("no authority is trusted; set certificates.trusted");
        var problem = DeviceKeys.problem(chain.getFirst().getPublicKey());
        if (problem.isPresent()) throw new CertificateException("it " + problem.get());
        checks.checkClientTrusted(chain.toArray(X509Certificate[]::new), "UNKNOWN");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        everybody().checkClientTrusted(chain, kind, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
            throws CertificateException {
        everybody().checkClientTrusted(chain, kind, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        everybody().checkClientTrusted(chain, kind);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
            throws CertificateException {
        throw noServers();
    }

    private static CertificateException noServers() {
        return new CertificateException("these authorities are for clients only");
    }

    /// Named to clients, so that each knows which of its certificates is asked for.
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return everybody().getAcceptedIssuers();
    }
}
