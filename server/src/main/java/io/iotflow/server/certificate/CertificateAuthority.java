package io.iotflow.server.certificate;

import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/// Issues certificates to devices: with the operator's authority, or one of the platform's own, which is made when it
/// is first needed. For all threads.
public final class CertificateAuthority {
    private static final int SERIAL_BITS = 127;
    private static final Duration LIST_LIFETIME = Duration.ofDays(7);

    private final Duration lifetime;
    private final InstantSource clock;
    private final Supplier<AuthorityKeys> source;
    private final SecureRandom random = new SecureRandom();
    private AuthorityKeys keys;

    /// A certificate that is not good any more before its time.
    public record Revoked(BigInteger serial, Instant at, RevocationReason reason) {}

    /// @param folder where the platform's own authority is kept
    /// @throws CannotStart when an authority is configured and cannot be used
    public CertificateAuthority(CertificateConfig config, Path folder, InstantSource clock) {
        this.lifetime = config.lifetime();
        this.clock = clock;
        this.source = () -> AuthorityKeys.own(folder, clock.instant());
        if (config.caCertificate().isPresent()) {
            keys = AuthorityKeys.read(config.caCertificate().get(), config.caKey().orElseThrow());
        }
    }

    private synchronized AuthorityKeys keys() {
        if (keys == null) keys = source.get();
        return keys;
    }

    public X509Certificate certificate() {
        return keys().certificate();
    }

    /// The authority's own certificate and those above it.
    public List<X509Certificate> chain() {
        return keys().chain();
    }

    /// Issues a certificate with which the device may be a client, and nothing else.
    ///
    /// @throws PlatformException `CONFLICT` when the authority's own certificate has ended
    public X509Certificate issue(SigningRequest request, Subject subject) {
        var authority = keys();
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        var last = authority.certificate().getNotAfter().toInstant();
        if (!now.isBefore(last)) {
            throw new PlatformException(ErrorCode.CONFLICT, "The authority's certificate has ended at " + last
                    + "; give the platform another one.");
        }
        var end = now.plus(lifetime).isBefore(last) ? now.plus(lifetime) : last;
        try {
            var issuer = new JcaX509CertificateHolder(authority.certificate());
            var extensions = new JcaX509ExtensionUtils();
            var builder = new X509v3CertificateBuilder(issuer.getSubject(), new BigInteger(SERIAL_BITS, random),
                    time(now.minus(AuthorityKeys.CLOCKS_DIFFER)), time(end), subject.distinguishedName(),
                    request.key());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
            builder.addExtension(Extension.subjectAlternativeName, false, subject.alternativeNames());
            builder.addExtension(Extension.subjectKeyIdentifier, false,
                    extensions.createSubjectKeyIdentifier(request.key()));
            builder.addExtension(Extension.authorityKeyIdentifier, false,
                    extensions.createAuthorityKeyIdentifier(issuer));
            return AuthorityKeys.converted(builder.build(authority.signer()));
        } catch (CertIOException | CertificateEncodingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: a certificate cannot be made", e);
        }
    }

    private static Time time(Instant instant) {
        return new Time(Date.from(instant), Locale.ROOT);
    }

    /// The signed list of all that were issued and are not good any more, in DER.
    public byte[] revocationList(List<Revoked> revoked) {
        var authority = keys();
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        try {
            var issuer = new JcaX509CertificateHolder(authority.certificate());
            var builder = new X509v2CRLBuilder(issuer.getSubject(), time(now)).setNextUpdate(
                    time(now.plus(LIST_LIFETIME)));
            for (var one : revoked) {
                builder.addCRLEntry(one.serial(), Date.from(one.at()), one.reason().code());
            }
            builder.addExtension(Extension.authorityKeyIdentifier, false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer));
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(now.toEpochMilli())));
            return builder.build(authority.signer()).getEncoded();
        } catch (IOException | CertificateEncodingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: a revocation list cannot be made", e);
        }
    }
}
