package io.iotflow.server.device;

import io.iotflow.server.certificate.CertificateAuthority;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.certificate.RevocationReason;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// All SQL about certificates of devices. Stateless; the caller holds the connection and the transaction.
final class CertificateStore {
    private static final int HEX = 16;
    private static final String COLUMNS = """
            fingerprint, device_id, source, serial, subject, issuer, names, not_before, not_after, ends_at, created_at,
            revoked_at, reason""";
    private static final String ACTIVE = "revoked_at IS NULL AND ends_at > :now";

    /// Whose a certificate is, until when, and what it calls its owner.
    record Owner(DeviceId device, Instant validUntil, Set<String> names) {}

    /// False when somebody has it already.
    boolean insert(Handle handle, DeviceCertificate certificate) {
        return handle.createUpdate("""
                INSERT INTO device_certificates (fingerprint, device_id, organization, source, serial, subject, issuer,
                                                 names, not_before, not_after, ends_at, created_at)
                SELECT :fingerprint, id, organization, :source, :serial, :subject, :issuer, :names, :from, :to, :end,
                       :now FROM devices WHERE id = :device
                ON CONFLICT DO NOTHING""")
                .bind("fingerprint", certificate.fingerprint().bytes()).bind("device", certificate.device().value())
                .bind("source", certificate.source().name().toLowerCase(Locale.ROOT))
                .bind("serial", certificate.serial()).bind("subject", certificate.subject())
                .bind("issuer", certificate.issuer()).bind("names", certificate.names().toArray(String[]::new))
                .bind("from", utc(certificate.notBefore())).bind("to", utc(certificate.notAfter()))
                .bind("end", utc(certificate.endsAt())).bind("now", utc(certificate.createdAt())).execute() == 1;
    }

    /// When the last of a device's certificates ends, or has ended, that nobody revoked.
    Optional<Instant> lastEnd(Handle handle, DeviceId device) {
        return handle.createQuery("""
                SELECT max(ends_at) AS last FROM device_certificates
                WHERE device_id = :device AND revoked_at IS NULL""")
                .bind("device", device.value()).map((row, _) -> Optional.ofNullable(
                        row.getObject("last", OffsetDateTime.class)).map(OffsetDateTime::toInstant)).one();
    }

    long countActive(Handle handle, DeviceId device, Instant now) {
        return handle.createQuery("SELECT count(*) FROM device_certificates WHERE device_id = :device AND " + ACTIVE)
                .bind("device", device.value()).bind("now", utc(now)).mapTo(Long.class).one();
    }

    /// Forgets those of a device that have ended, the oldest first, beyond [Limits#DEVICE_CERTIFICATES_KEPT].
    void makeRoom(Handle handle, DeviceId device, Instant now) {
        handle.createUpdate("""
                DELETE FROM device_certificates WHERE fingerprint IN (
                    SELECT fingerprint FROM device_certificates
                    WHERE device_id = :device AND (revoked_at IS NOT NULL OR ends_at <= :now)
                    ORDER BY created_at DESC, fingerprint OFFSET :keep)""")
                .bind("device", device.value()).bind("now", utc(now)).bind("keep", Limits.DEVICE_CERTIFICATES_KEPT)
                .execute();
    }

    /// One that is good at `now`, or empty.
    Optional<Owner> findOwner(Handle handle, Fingerprint fingerprint, Instant now) {
        return handle.createQuery("""
                SELECT device_id, ends_at, names FROM device_certificates
                WHERE fingerprint = :fingerprint AND not_before <= :now AND """ + " " + ACTIVE)
                .bind("fingerprint", fingerprint.bytes()).bind("now", utc(now))
                .map((row, _) -> new Owner(new DeviceId(row.getLong("device_id")), instant(row, "ends_at"),
                        names(row))).findOne();
    }

    /// Newest first.
    List<DeviceCertificate> of(Handle handle, DeviceId device) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM device_certificates WHERE device_id = :device "
                + "ORDER BY created_at DESC, fingerprint").bind("device", device.value())
                .map((row, _) -> certificate(row)).list();
    }

    /// A certificate and its device's name.
    record Listed(DeviceCertificate certificate, String deviceName) {}

    /// Those that are good, the first to end first.
    List<Listed> list(Handle handle, Instant now, Instant endingBefore, int limit, int offset) {
        return handle.createQuery("SELECT c.*, devices.name FROM (SELECT " + COLUMNS + " FROM device_certificates"
                + " WHERE " + ACTIVE + " AND ends_at < :before ORDER BY ends_at, fingerprint LIMIT :limit"
                + " OFFSET :offset) AS c JOIN devices ON devices.id = c.device_id ORDER BY ends_at, fingerprint")
                .bind("now", utc(now)).bind("before", utc(endingBefore)).bind("limit", limit).bind("offset", offset)
                .map((row, _) -> new Listed(certificate(row), row.getString("name"))).list();
    }

    /// Lets those that the platform issued to a device end at `end` at the latest. Answers which.
    List<Fingerprint> supersede(Handle handle, DeviceId device, Instant now, Instant end) {
        return handle.createQuery("UPDATE device_certificates SET ends_at = least(ends_at, :end)"
                + " WHERE device_id = :device AND source = 'issued' AND " + ACTIVE + " RETURNING fingerprint")
                .bind("device", device.value()).bind("now", utc(now)).bind("end", utc(end))
                .map((row, _) -> Fingerprint.of(row.getBytes("fingerprint"))).list();
    }

    Optional<DeviceCertificate> find(Handle handle, DeviceId device, Fingerprint fingerprint) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM device_certificates"
                + " WHERE device_id = :device AND fingerprint = :fingerprint")
                .bind("device", device.value()).bind("fingerprint", fingerprint.bytes())
                .map((row, _) -> certificate(row)).findOne();
    }

    DeviceCertificate revoke(Handle handle, Fingerprint fingerprint, RevocationReason reason, Instant now) {
        return handle.createQuery("UPDATE device_certificates SET revoked_at = :now, reason = :reason"
                + " WHERE fingerprint = :fingerprint RETURNING " + COLUMNS)
                .bind("fingerprint", fingerprint.bytes()).bind("reason", reason.word()).bind("now", utc(now))
                .map((row, _) -> certificate(row)).one();
    }

    /// Ends every certificate of devices whose lives end. Answers which.
    Map<DeviceId, List<Fingerprint>> revokeAll(Handle handle, List<DeviceId> devices, Instant now) {
        if (devices.isEmpty()) return Map.of();
        return handle.createQuery("UPDATE device_certificates SET revoked_at = :now, reason = :reason"
                + " WHERE device_id = ANY(:devices) AND " + ACTIVE + " RETURNING device_id, fingerprint")
                .bind("devices", devices.stream().mapToLong(DeviceId::value).toArray()).bind("now", utc(now))
                .bind("reason", RevocationReason.CESSATION_OF_OPERATION.word())
                .map((row, _) -> Map.entry(new DeviceId(row.getLong("device_id")),
                        Fingerprint.of(row.getBytes("fingerprint")))).list().stream()
                .collect(Collectors.groupingBy(Map.Entry::getKey,
                        Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
    }

    /// What an authority has issued and is not good any more, as long as it would be by its own time.
    List<CertificateAuthority.Revoked> revoked(Handle handle, String issuer, Instant now) {
        return handle.createQuery("""
                SELECT serial, coalesce(revoked_at, ends_at) AS at, coalesce(reason, 'superseded') AS reason
                FROM device_certificates
                WHERE source = 'issued' AND issuer = :issuer AND not_after > :now
                    AND (revoked_at IS NOT NULL OR ends_at <= :now)
                ORDER BY at DESC LIMIT :most""")
                .bind("issuer", issuer).bind("now", utc(now)).bind("most", Limits.REVOCATION_LIST)
                .map((row, _) -> new CertificateAuthority.Revoked(new BigInteger(row.getString("serial"), HEX),
                        instant(row, "at"), RevocationReason.find(row.getString("reason")).orElseThrow())).list();
    }

    private static DeviceCertificate certificate(ResultSet row) throws SQLException {
        var revokedAt = row.getObject("revoked_at", OffsetDateTime.class);
        return new DeviceCertificate(Fingerprint.of(row.getBytes("fingerprint")),
                new DeviceId(row.getLong("device_id")),
                DeviceCertificate.Source.valueOf(row.getString("source").toUpperCase(Locale.ROOT)),
                row.getString("serial"), row.getString("subject"), row.getString("issuer"), names(row),
                instant(row, "not_before"), instant(row, "not_after"), instant(row, "ends_at"),
                instant(row, "created_at"), revokedAt == null ? Optional.empty()
                        : Optional.of(new DeviceCertificate.Revocation(revokedAt.toInstant(),
                                RevocationReason.find(row.getString("reason")).orElseThrow())));
    }

    private static Set<String> names(ResultSet row) throws SQLException {
        return new LinkedHashSet<>(Arrays.asList((String[]) row.getArray("names").getArray()));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
