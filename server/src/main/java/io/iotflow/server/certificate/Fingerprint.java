package io.iotflow.server.certificate;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// What names a certificate: the SHA-256 of all of it. It is no secret.
///
/// @param hex 64 digits in lower case
public record Fingerprint(String hex) {
    private static final int DIGITS = 64;

    public Fingerprint {
        if (hex.length() != DIGITS) throw new IllegalArgumentException("a fingerprint has " + DIGITS + " digits");
    }

    public static Fingerprint of(X509Certificate certificate) {
        try {
            return of(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (CertificateEncodingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: a certificate that was read can be written, and hashed", e);
        }
    }

    public static Fingerprint of(byte[] hash) {
        return new Fingerprint(HexFormat.of().formatHex(hash));
    }

    /// As people write it: in either case, with colons or without. Empty for what is none.
    public static Optional<Fingerprint> parse(String text) {
        if (text.length() > 2 * DIGITS) return Optional.empty();
        var hex = text.replace(":", "").toLowerCase(Locale.ROOT);
        if (hex.length() != DIGITS || !hex.chars().allMatch(HexFormat::isHexDigit)) return Optional.empty();
        return Optional.of(new Fingerprint(hex));
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
