package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/// All SQL about versions. Stateless; the caller holds the connection and the transaction.
///
/// Row-level security lets devices use versions of the organizations above; what is shown or changed asks for an owner
/// that the caller was let to.
final class VersionStore {
    /// Of the locks by which changes of one target follow one another.
    private static final String LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(:owner, 20))::text";

    private static final String AMONG =
            "(organization, target) IN (SELECT * FROM unnest(:organizations, :targets))";

    void lock(Handle handle, Owner owner) {
        handle.createQuery(LOCK).bind("owner", owner.organization().text() + ' ' + owner.target().text())
                .mapTo(String.class).one();
    }

    Optional<Version> active(Handle handle, Owner owner) {
        return handle.createQuery("""
                SELECT * FROM configurations WHERE organization = :organization AND target = :target AND active""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text())
                .map((row, _) -> version(row)).findOne();
    }

    Map<Owner, Version> active(Handle handle, Collection<Owner> owners) {
        return of(handle.createQuery("SELECT * FROM configurations WHERE active AND " + AMONG), owners)
                .map((row, _) -> version(row)).list().stream()
                .collect(Collectors.toMap(Version::owner, Function.identity()));
    }

    Map<Owner, Long> newest(Handle handle, Collection<Owner> owners) {
        return of(handle.createQuery("SELECT organization, target, max(version) AS newest FROM configurations WHERE "
                + AMONG + " GROUP BY organization, target"), owners)
                .map((row, _) -> Map.entry(owner(row), row.getLong("newest"))).list().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    Optional<Version> find(Handle handle, Owner owner, long version) {
        return handle.createQuery("""
                SELECT * FROM configurations
                WHERE organization = :organization AND target = :target AND version = :version""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text())
                .bind("version", version).map((row, _) -> version(row)).findOne();
    }

    /// The one that was active before the one that is, if it is still kept.
    Optional<Version> former(Handle handle, Owner owner) {
        return handle.createQuery("""
                SELECT * FROM configurations WHERE organization = :organization AND target = :target AND NOT active
                    AND activated_at IS NOT NULL
                ORDER BY activated_at DESC, version DESC LIMIT 1""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text())
                .map((row, _) -> version(row)).findOne();
    }

    /// The newest first.
    List<Version> list(Handle handle, Owner owner, Page.Wish wish) {
        return handle.createQuery("""
                SELECT * FROM configurations WHERE organization = :organization AND target = :target
                    AND (:before = 0 OR version < :before)
                ORDER BY version DESC LIMIT :limit""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text())
                .bind("before", wish.after()).bind("limit", wish.limit() + 1)
                .map((row, _) -> version(row)).list();
    }

    long newest(Handle handle, Owner owner) {
        return handle.createQuery("""
                SELECT coalesce(max(version), 0) FROM configurations
                WHERE organization = :organization AND target = :target""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text())
                .mapTo(Long.class).one();
    }

    /// Types and groups of an organization that people have made versions for.
    long sharedTargets(Handle handle, OrganizationPath organization) {
        return handle.createQuery("""
                SELECT count(DISTINCT target) FROM configurations
                WHERE organization = :organization AND device_id IS NULL AND NOT starts_with(target, 'default:')""")
                .bind("organization", organization.text()).mapTo(Long.class).one();
    }

    /// As a draft. The oldest versions beyond what is kept go, but never the active one.
    void insert(Handle handle, Owner owner, long version, JsonNode entries, String author, String note, Instant now) {
        handle.createUpdate("""
                INSERT INTO configurations (organization, target, device_id, version, content, author, note, active,
                    created_at)
                VALUES (:organization, :target, :device, :version, :content::jsonb, :author, :note, false, :now)""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text())
                .bind("device", owner.target() instanceof Target.OfDevice(var device) ? device.value() : null)
                .bind("version", version).bind("content", entries.toString()).bind("author", author)
                .bind("note", note).bind("now", utc(now)).execute();
        trim(handle, List.of(owner));
    }

    /// Devices' own versions, which are active in place of those before.
    void insertActive(Handle handle, Collection<KeySetting.Made> made, String author, Instant now) {
        var owners = made.stream().map(KeySetting.Made::owner).toList();
        var versions = made.stream().mapToLong(KeySetting.Made::version).toArray();
        of(handle.createUpdate("""
                INSERT INTO configurations (organization, target, device_id, version, content, author, note, active,
                    created_at)
                SELECT organization, target, device, version, content::jsonb, :author, '', false, :now
                FROM unnest(:organizations, :targets, :devices, :versions, :contents)
                    AS o (organization, target, device, version, content)"""), owners)
                .bind("devices", made.stream().mapToLong(it -> it.device().device().value()).toArray())
                .bind("versions", versions)
                .bindArray("contents", String.class, made.stream().map(it -> it.entries().toString()).toArray())
                .bind("author", author).bind("now", utc(now)).execute();
        trim(handle, made.stream().filter(it -> it.version() > Limits.CONFIGURATION_VERSIONS)
                .map(KeySetting.Made::owner).toList());
        of(handle.createUpdate("""
                UPDATE configurations c SET active = false
                FROM unnest(:organizations, :targets) AS o (organization, target)
                WHERE c.organization = o.organization AND c.target = o.target AND c.active"""), owners).execute();
        of(handle.createUpdate("""
                UPDATE configurations c SET active = true, activated_at = :now, activated_by = :author
                FROM unnest(:organizations, :targets, :versions) AS o (organization, target, version)
                WHERE c.organization = o.organization AND c.target = o.target AND c.version = o.version"""), owners)
                .bind("versions", versions).bind("author", author).bind("now", utc(now)).execute();
    }

    private static void trim(Handle handle, List<Owner> owners) {
        if (owners.isEmpty()) return;
        of(handle.createUpdate("""
                WITH last AS MATERIALIZED (SELECT organization, target, (SELECT version FROM configurations c
                        WHERE c.organization = o.organization AND c.target = o.target
                        ORDER BY version DESC OFFSET :kept LIMIT 1) AS version
                    FROM unnest(:organizations, :targets) AS o (organization, target))
                DELETE FROM configurations c USING last
                WHERE c.organization = last.organization AND c.target = last.target AND NOT c.active
                    AND c.version <= last.version"""), owners)
                .bind("kept", Limits.CONFIGURATION_VERSIONS).execute();
    }

    private static <S extends SqlStatement<S>> S of(S statement, Collection<Owner> owners) {
        return statement.bindArray("organizations", String.class,
                        owners.stream().map(owner -> owner.organization().text()).toArray())
                .bindArray("targets", String.class, owners.stream().map(owner -> owner.target().text()).toArray());
    }

    void deactivate(Handle handle, Owner owner) {
        handle.createUpdate("""
                UPDATE configurations SET active = false
                WHERE organization = :organization AND target = :target AND active""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text()).execute();
    }

    void activate(Handle handle, Owner owner, long version, String by, Instant now) {
        deactivate(handle, owner);
        handle.createUpdate("""
                UPDATE configurations SET active = true, activated_at = :now, activated_by = :by
                WHERE organization = :organization AND target = :target AND version = :version""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text())
                .bind("version", version).bind("by", by).bind("now", utc(now)).execute();
    }

    /// The active versions of some targets in some organizations.
    List<Level> levels(Handle handle, Collection<String> targets, Collection<String> organizations) {
        return handle.createQuery("""
                SELECT organization, target, version, content FROM configurations
                WHERE active AND target = ANY(:targets) AND organization = ANY(:organizations)""")
                .bindArray("targets", String.class, targets.toArray())
                .bindArray("organizations", String.class, organizations.toArray())
                .map((row, _) -> new Level(Target.of(row.getString("target")),
                        new OrganizationPath(row.getString("organization")), row.getLong("version"),
                        Content.tree(row.getString("content")))).list();
    }

    private static Version version(ResultSet row) throws SQLException {
        var activated = row.getObject("activated_at", OffsetDateTime.class);
        var activation = activated == null ? Optional.<Version.Activation>empty()
                : Optional.of(new Version.Activation(activated.toInstant(), row.getString("activated_by")));
        return new Version(owner(row), row.getLong("version"),
                Content.tree(row.getString("content")), row.getBoolean("active"), row.getString("author"),
                row.getString("note"), row.getObject("created_at", OffsetDateTime.class).toInstant(), activation);
    }

    private static Owner owner(ResultSet row) throws SQLException {
        return new Owner(Target.of(row.getString("target")), new OrganizationPath(row.getString("organization")));
    }

    static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
