package io.iotflow.server.firmware;

import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.PlainSql;
import io.iotflow.server.firmware.ImageDraft.Channel;
import io.iotflow.server.http.Page;
import java.security.PublicKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/// All SQL about images and keys. Stateless; the caller holds the connection and the transaction.
final class ImageStore {
    private static final String FIND = "SELECT * FROM firmware_images WHERE id = ?";


    /// The newest first.
    List<Image> list(Handle handle, Page.Wish wish, Optional<Channel> channel, Optional<String> name) {
        return handle.createQuery("""
                SELECT * FROM firmware_images WHERE (:after = 0 OR id < :after)
                    AND (:channel::text IS NULL OR channel = :channel) AND (:name::text IS NULL OR name = :name)
                ORDER BY id DESC LIMIT :limit""")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1)
                .bind("channel", channel.map(Channel::word).orElse(null)).bind("name", name.orElse(null))
                .map((row, _) -> image(row)).list();
    }

    /// By itself.
    Optional<Image> find(Database database, OrganizationPath scope, long id) {
        return database.first(scope, FIND, ImageStore::image, id);
    }

    Optional<Image> findForUpdate(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM firmware_images WHERE id = :id FOR NO KEY UPDATE").bind("id", id)
                .map((row, _) -> image(row)).findOne();
    }

    Optional<Image> find(Handle handle, OrganizationPath organization, String name, String version) {
        return handle.createQuery("""
                SELECT * FROM firmware_images
                WHERE organization = :organization AND name = :name AND version = :version""")
                .bind("organization", organization.text()).bind("name", name).bind("version", version)
                .map((row, _) -> image(row)).findOne();
    }

    /// The bytes of all images and deltas, those included that are still to come. Nobody else reserves any until the
    /// transaction ends.
    long reserved(Handle handle) {
        handle.createQuery("SELECT pg_advisory_xact_lock(hashtext('firmware_disk'))::text").mapTo(String.class).one();
        return handle.createQuery("""
                SELECT coalesce(sum(size), 0) FROM (SELECT size FROM firmware_images
                    UNION ALL SELECT size FROM firmware_deltas) AS file""").mapTo(Long.class).one();
    }

    /// Ready images of the same name that were made before, the latest first.
    List<Image> before(Handle handle, Image image, int most) {
        return handle.createQuery("""
                SELECT * FROM firmware_images WHERE organization = :organization AND name = :name AND id < :id
                    AND state = 'ready' ORDER BY id DESC LIMIT :most""")
                .bind("organization", image.organization().text()).bind("name", image.about().name())
                .bind("id", image.id()).bind("most", most).map((row, _) -> image(row)).list();
    }

    long count(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT count(*) FROM firmware_images WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Long.class).one();
    }

    Image insert(Handle handle, OrganizationPath organization, ImageDraft draft, Optional<Long> key, Instant now) {
        return handle.createQuery("""
                INSERT INTO firmware_images (organization, name, version, channel, device_types, hardware_versions,
                    release_notes, size, sha256, signature, key_id, state, created_at, updated_at)
                VALUES (:organization, :name, :version, :channel, :types, :hardware, :notes, :size, :sha256, :signature,
                    :key, 'uploading', :now, :now) RETURNING *""")
                .bind("organization", organization.text()).bind("name", draft.name()).bind("version", draft.version())
                .bind("channel", draft.channel().word())
                .bindArray("types", String.class, draft.sortedTypes().toArray())
                .bindArray("hardware", String.class, draft.sortedHardware().toArray())
                .bind("notes", draft.releaseNotes()).bind("size", draft.size()).bind("sha256", draft.sha256())
                .bind("signature", draft.signature().orElse(null)).bind("key", key.orElse(null))
                .bind("now", utc(now)).map((row, _) -> image(row)).one();
    }

    Image changeState(Handle handle, long id, Image.State state, Instant now) {
        return handle.createQuery("""
                UPDATE firmware_images SET state = :state, revision = revision + 1, updated_at = :now
                WHERE id = :id RETURNING *""")
                .bind("id", id).bind("state", state.word()).bind("now", utc(now)).map((row, _) -> image(row)).one();
    }

    void keepHashes(Handle handle, long id, ImageFiles.Hashes hashes) {
        handle.createUpdate("UPDATE firmware_images SET sha1 = :sha1, md5 = :md5 WHERE id = :id").bind("id", id)
                .bind("sha1", hashes.sha1()).bind("md5", hashes.md5()).execute();
    }

    ImageFiles.Hashes hashes(Handle handle, long id) {
        return handle.createQuery("SELECT sha256, sha1, md5 FROM firmware_images WHERE id = :id").bind("id", id)
                .map((row, _) -> new ImageFiles.Hashes(row.getString("sha256"), row.getString("sha1"),
                        row.getString("md5"))).one();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM firmware_images WHERE id = :id").bind("id", id).execute();
    }

    /// Uploads that nobody has gone on with.
    List<Image> forsaken(Handle handle, Instant before) {
        return handle.createQuery("""
                SELECT * FROM firmware_images WHERE state = 'uploading' AND updated_at < :before LIMIT 100""")
                .bind("before", utc(before)).map((row, _) -> image(row)).list();
    }

    void touch(Handle handle, long id, Instant now) {
        handle.createUpdate("UPDATE firmware_images SET updated_at = :now WHERE id = :id").bind("id", id)
                .bind("now", utc(now)).execute();
    }

    List<FirmwareKey> keys(Handle handle, Page.Wish wish) {
        return handle.createQuery("SELECT * FROM firmware_keys WHERE id > :after ORDER BY id LIMIT :limit")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1).map((row, _) -> key(row)).list();
    }

    /// Those that firmware of this organization may be signed with; the transaction's scope MUST be the root.
    List<FirmwareKey> keysFor(Handle handle, OrganizationPath organization) {
        return handle.createQuery("""
                SELECT * FROM firmware_keys WHERE starts_with(:organization, organization) ORDER BY id""")
                .bind("organization", organization.text()).map((row, _) -> key(row)).list();
    }

    FirmwareKey insertKey(Handle handle, OrganizationPath organization, String name, PublicKey key, Instant now) {
        return handle.createQuery("""
                INSERT INTO firmware_keys (organization, name, algorithm, public_key, created_at)
                VALUES (:organization, :name, :algorithm, :key, :now) RETURNING *""")
                .bind("organization", organization.text()).bind("name", name)
                .bind("algorithm", FirmwareKey.algorithm(key).word()).bind("key", key.getEncoded())
                .bind("now", utc(now)).map((row, _) -> key(row)).one();
    }

    long countKeys(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT count(*) FROM firmware_keys WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Long.class).one();
    }

    Optional<FirmwareKey> deleteKey(Handle handle, long id) {
        return handle.createQuery("DELETE FROM firmware_keys WHERE id = :id RETURNING *").bind("id", id)
                .map((row, _) -> key(row)).findOne();
    }

    private static Image image(ResultSet row) throws SQLException {
        var draft = new ImageDraft(row.getString("name"), row.getString("version"),
                Channel.valueOf(row.getString("channel").toUpperCase(Locale.ROOT)), texts(row, "device_types"),
                texts(row, "hardware_versions"), row.getString("release_notes"), row.getLong("size"),
                row.getString("sha256"), Optional.ofNullable(row.getBytes("signature")));
        return new Image(row.getLong("id"), new OrganizationPath(row.getString("organization")), draft,
                Optional.ofNullable(row.getObject("key_id", Long.class)),
                Image.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)), row.getLong("revision"),
                instant(row, "created_at"), instant(row, "updated_at"));
    }

    private static FirmwareKey key(ResultSet row) throws SQLException {
        return FirmwareKey.of(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                row.getString("name"), row.getBytes("public_key"), instant(row, "created_at"));
    }

    private static Set<String> texts(ResultSet row, String column) throws SQLException {
        return Set.of((String[]) row.getArray(column).getArray());
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
