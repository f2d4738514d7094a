package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.certificate.RevocationReason;
import io.iotflow.server.certificate.Subject;
import io.iotflow.server.core.DeviceId;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// A certificate that is registered for a device.
///
/// @param names what it calls its owner
/// @param endsAt when it ends if nobody revokes it: with its own time, or earlier when another took its place
record DeviceCertificate(Fingerprint fingerprint, DeviceId device, Source source, String serial, String subject,
                         String issuer, Set<String> names, Instant notBefore, Instant notAfter, Instant endsAt,
                         Instant createdAt, Optional<Revocation> revocation) {
    private static final int HEX = 16;

    enum Source {
        /// By the platform.
        ISSUED,
        /// By an authority that the operator trusts.
        REGISTERED
    }

    record Revocation(Instant at, RevocationReason reason) {}

    enum State { ACTIVE, REVOKED, SUPERSEDED, EXPIRED }

    static DeviceCertificate of(X509Certificate certificate, DeviceId device, Source source, Instant now) {
        var end = certificate.getNotAfter().toInstant();
        return new DeviceCertificate(Fingerprint.of(certificate), device, source,
                certificate.getSerialNumber().toString(HEX), certificate.getSubjectX500Principal().getName(),
                certificate.getIssuerX500Principal().getName(), Subject.namesIn(certificate),
                certificate.getNotBefore().toInstant(), end, end, now, Optional.empty());
    }

    State state(Instant now) {
        if (revocation.isPresent()) return State.REVOKED;
        if (!now.isBefore(notAfter)) return State.EXPIRED;
        return now.isBefore(endsAt) ? State.ACTIVE : State.SUPERSEDED;
    }

    /// As the audit log keeps it.
    ObjectNode document() {
        return JsonNodeFactory.instance.objectNode().put("fingerprint", fingerprint.hex()).put("serial", serial)
                .put("subject", subject).put("not_after", notAfter.toString());
    }
}
