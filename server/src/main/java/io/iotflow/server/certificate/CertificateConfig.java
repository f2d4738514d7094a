package io.iotflow.server.certificate;

import io.iotflow.server.core.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Certificates of devices: who issues them, and whose are taken.
public record CertificateConfig(
        @Setting(value = "", doc = "PEM file with the certificate of your own authority, with which the platform issues"
                + " certificates to devices; certificates above it may follow. Empty: the platform makes an authority"
                + " of its own in the data folder. Several nodes need the same one.")
        Optional<Path> caCertificate,
        @Setting(value = "", doc = "PEM file with the key of ca_certificate, not encrypted.")
        Optional<Path> caKey,
        @Setting(value = "", doc = "PEM file with authorities whose certificates may be registered for devices, beside"
                + " those that the platform issues. A changed file is read within ten seconds.")
        Optional<Path> trusted,
        @Setting(value = "90d", doc = "How long a certificate that the platform issues is good, 1h to 825d.")
        Duration lifetime) {

    private static final Duration SHORTEST = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofDays(825);

    public CertificateConfig {
        if (caCertificate.isPresent() != caKey.isPresent()) {
            throw new IllegalArgumentException(
                    "certificates.ca_certificate and certificates.ca_key go together: set both, or neither");
        }
        if (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("certificates.lifetime must be from 1h to 825d");
        }
    }
}
