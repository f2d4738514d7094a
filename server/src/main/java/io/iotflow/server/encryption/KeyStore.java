package io.iotflow.server.encryption;

import io.iotflow.server.core.OrganizationPath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// All SQL about keys. Stateless; the caller holds the connection and the transaction.
final class KeyStore {
    /// Any number that no other lock of ours has.
    private static final long LOCK = 5_118_730_264L;

    /// What the master key has wrapped.
    record WrappingKey(int id, String wrapped) {}

    enum Purpose {
        /// The platform's own secrets.
        PLATFORM,
        /// What an organization wants sealed.
        ORGANIZATION;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// One key as it stands there.
    ///
    /// @param wrapped empty once it is destroyed
    record Version(int id, OrganizationPath organization, int version, Optional<byte[]> wrapped, Instant createdAt,
                   Optional<Instant> retiredAt, Optional<Instant> destroyedAt) {}

    /// From here to the transaction's end nobody else makes or replaces keys.
    void lock(Handle handle) {
        handle.createQuery("SELECT pg_advisory_xact_lock(:lock)::text").bind("lock", LOCK).mapTo(String.class).one();
    }

    Optional<WrappingKey> wrappingKey(Handle handle) {
        return handle.createQuery("SELECT id, wrapped FROM wrapping_keys ORDER BY id DESC LIMIT 1")
                .map((row, _) -> new WrappingKey(row.getInt("id"), row.getString("wrapped"))).findOne();
    }

    int insertWrappingKey(Handle handle, String wrapped, Instant now) {
        return handle.createQuery("""
                INSERT INTO wrapping_keys (organization, wrapped, created_at) VALUES (:root, :wrapped, :now)
                RETURNING id""").bind("root", OrganizationPath.ROOT.text()).bind("wrapped", wrapped)
                .bind("now", utc(now)).mapTo(Integer.class).one();
    }

    void deleteWrappingKey(Handle handle, int id) {
        handle.createUpdate("DELETE FROM wrapping_keys WHERE id = :id").bind("id", id).execute();
    }

    /// The number that the next key will have, so that it can be wrapped for it.
    int nextId(Handle handle) {
        return handle.createQuery("SELECT nextval(pg_get_serial_sequence('encryption_keys', 'id'))")
                .mapTo(Integer.class).one();
    }

    /// The next version for this purpose.
    void insert(Handle handle, int id, OrganizationPath organization, Purpose purpose, byte[] wrapped, int wrappedBy,
            Instant now) {
        handle.createUpdate("""
                INSERT INTO encryption_keys (id, organization, purpose, version, wrapped, wrapped_by, created_at)
                OVERRIDING SYSTEM VALUE
                SELECT :id, :organization, :purpose, coalesce(max(version), 0) + 1, :wrapped, :by, :now
                FROM encryption_keys WHERE organization = :organization AND purpose = :purpose""")
                .bind("id", id).bind("organization", organization.text()).bind("purpose", purpose.word())
                .bind("wrapped", wrapped).bind("by", wrappedBy).bind("now", utc(now)).execute();
    }

    /// The one that seals.
    Optional<Version> sealing(Handle handle, OrganizationPath organization, Purpose purpose) {
        return handle.createQuery("""
                SELECT * FROM encryption_keys
                WHERE organization = :organization AND purpose = :purpose AND retired_at IS NULL""")
                .bind("organization", organization.text()).bind("purpose", purpose.word())
                .map((row, _) -> version(row)).findOne();
    }

    /// Those that seal for organizations, of all of them.
    List<Version> sealing(Handle handle) {
        return handle.createQuery("""
                SELECT * FROM encryption_keys WHERE purpose = 'organization' AND retired_at IS NULL""")
                .map((row, _) -> version(row)).list();
    }

    Optional<Version> find(Handle handle, int id) {
        return handle.createQuery("SELECT * FROM encryption_keys WHERE id = :id").bind("id", id)
                .map((row, _) -> version(row)).findOne();
    }

    /// Of one organization, the newest first.
    List<Version> versions(Handle handle, OrganizationPath organization) {
        return handle.createQuery("""
                SELECT * FROM encryption_keys WHERE organization = :organization AND purpose = 'organization'
                ORDER BY version DESC""").bind("organization", organization.text())
                .map((row, _) -> version(row)).list();
    }

    /// Those of all organizations that are not destroyed.
    List<Version> living(Handle handle) {
        return handle.createQuery("SELECT * FROM encryption_keys WHERE wrapped IS NOT NULL ORDER BY id")
                .map((row, _) -> version(row)).list();
    }

    void rewrap(Handle handle, int id, byte[] wrapped, int wrappedBy) {
        handle.createUpdate("UPDATE encryption_keys SET wrapped = :wrapped, wrapped_by = :by WHERE id = :id")
                .bind("wrapped", wrapped).bind("by", wrappedBy).bind("id", id).execute();
    }

    /// Destroyed ones count as wrapped by the newest, so that older wrapping keys can go.
    void moveDestroyed(Handle handle, int wrappedBy) {
        handle.createUpdate("UPDATE encryption_keys SET wrapped_by = :by WHERE wrapped IS NULL")
                .bind("by", wrappedBy).execute();
    }

    /// From now on it only opens.
    void retire(Handle handle, OrganizationPath organization, Instant now) {
        handle.createUpdate("""
                UPDATE encryption_keys SET retired_at = :now
                WHERE organization = :organization AND purpose = 'organization' AND retired_at IS NULL""")
                .bind("organization", organization.text()).bind("now", utc(now)).execute();
    }

    /// All that an organization has. Answers which versions that were.
    List<Integer> destroy(Handle handle, OrganizationPath organization, Instant now) {
        return handle.createQuery("""
                UPDATE encryption_keys SET wrapped = NULL, destroyed_at = :now, retired_at = coalesce(retired_at, :now)
                WHERE organization = :organization AND purpose = 'organization' AND destroyed_at IS NULL
                RETURNING version""").bind("organization", organization.text()).bind("now", utc(now))
                .mapTo(Integer.class).list().stream().sorted().toList();
    }

    private static Version version(ResultSet row) throws SQLException {
        return new Version(row.getInt("id"), new OrganizationPath(row.getString("organization")),
                row.getInt("version"), Optional.ofNullable(row.getBytes("wrapped")),
                time(row, "created_at").orElseThrow(), time(row, "retired_at"), time(row, "destroyed_at"));
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant time) {
        return OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
    }
}
