package io.iotflow.server.device;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// All SQL about provisioning keys. Stateless; the caller holds the connection and the transaction.
final class ProvisioningStore {
    private static final String COLUMNS =
            "id, organization, name, device_type, max_devices, used, created_at, expires_at, revoked_at";

    ProvisioningKey insert(Handle handle, OrganizationPath organization, ProvisioningRoutes.Wish wish,
                           ApiKey.Hash hash, Instant now) {
        return handle.createQuery("""
                INSERT INTO provisioning_keys (organization, name, hash, device_type, max_devices, created_at,
                                               expires_at)
                VALUES (:organization, :name, :hash, :type, :most, :now, :expires)
                RETURNING """ + " " + COLUMNS)
                .bind("organization", organization.text()).bind("name", wish.name()).bind("hash", hash.bytes())
                .bind("type", wish.deviceType()).bind("most", wish.maxDevices()).bind("now", utc(now))
                .bind("expires", wish.expiresAt() == null ? null : utc(wish.expiresAt()))
                .map((row, _) -> key(row)).one();
    }

    /// Forgets keys of an organization that have ended, the oldest first, beyond [Limits#PROVISIONING_KEYS].
    ///
    /// @return how many are left
    long makeRoom(Handle handle, OrganizationPath organization, Instant now) {
        handle.createUpdate("""
                DELETE FROM provisioning_keys WHERE organization = :organization
                    AND (revoked_at IS NOT NULL OR expires_at <= :now OR used = max_devices)
                    AND id NOT IN (SELECT id FROM provisioning_keys WHERE organization = :organization
                                   ORDER BY id DESC LIMIT :most - 1)""")
                .bind("organization", organization.text()).bind("now", utc(now))
                .bind("most", Limits.PROVISIONING_KEYS).execute();
        return handle.createQuery("SELECT count(*) FROM provisioning_keys WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Long.class).one();
    }

    /// Newest first.
    List<ProvisioningKey> list(Handle handle, int limit, int offset) {
        return handle.createQuery("SELECT " + COLUMNS
                + " FROM provisioning_keys ORDER BY id DESC LIMIT :limit OFFSET :offset")
                .bind("limit", limit).bind("offset", offset).map((row, _) -> key(row)).list();
    }

    Optional<ProvisioningKey> find(Handle handle, ApiKey.Hash hash) {
        return handle.createQuery("SELECT hash, " + COLUMNS + " FROM provisioning_keys WHERE hash = :hash")
                .bind("hash", hash.bytes())
                .map((row, _) -> ApiKey.Hash.of(row.getBytes("hash")).equals(hash) ? key(row) : null).findOne();
    }

    /// Uses the key for one device more, unless it may not be any more: then false. Whoever does the same at the same
    /// time waits, so that there are never more devices than the key has.
    boolean use(Handle handle, long id, Instant now) {
        return handle.createUpdate("""
                UPDATE provisioning_keys SET used = used + 1
                WHERE id = :id AND used < max_devices AND revoked_at IS NULL
                    AND (expires_at IS NULL OR expires_at > :now)""")
                .bind("id", id).bind("now", utc(now)).execute() == 1;
    }

    /// Ends a key; the first time counts.
    Optional<ProvisioningKey> revoke(Handle handle, long id, Instant now) {
        return handle.createQuery("""
                UPDATE provisioning_keys SET revoked_at = coalesce(revoked_at, :now) WHERE id = :id
                RETURNING """ + " " + COLUMNS)
                .bind("id", id).bind("now", utc(now)).map((row, _) -> key(row)).findOne();
    }

    private static ProvisioningKey key(ResultSet row) throws SQLException {
        return new ProvisioningKey(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                row.getString("name"), row.getString("device_type"), row.getLong("max_devices"), row.getLong("used"),
                instant(row, "created_at").orElseThrow(), instant(row, "expires_at"), instant(row, "revoked_at"));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
