package io.iotflow.server.geo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// All SQL about geofences. Stateless; the caller holds the connection and the transaction.
///
/// Row-level security lets rules use geofences of the organizations above; what is shown or changed asks for its own
/// and those below.
final class GeofenceStore {
    /// Of the lock between rules that begin to name a geofence and whoever takes one away.
    private static final long LOCK = 0x67656f66656e6365L;

    /// What shows whether a geofence has changed.
    record Mark(long id, OrganizationPath organization, long revision) {}

    List<Mark> marks(Handle handle) {
        return handle.createQuery("SELECT id, organization, revision FROM geofences").map((row, _) -> new Mark(
                row.getLong("id"), new OrganizationPath(row.getString("organization")), row.getLong("revision")))
                .list();
    }

    List<Geofence> of(Handle handle, Collection<Long> ids) {
        return handle.createQuery("SELECT * FROM geofences WHERE id = ANY(:ids)")
                .bindArray("ids", Long.class, ids.toArray()).map((row, _) -> geofence(row)).list();
    }

    List<Geofence> list(Handle handle, Page.Wish wish) {
        return handle.createQuery("""
                SELECT * FROM geofences WHERE id > :after AND in_scope(organization) ORDER BY id LIMIT :limit""")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1).map((row, _) -> geofence(row)).list();
    }

    /// One of the transaction's organization or below.
    Optional<Geofence> find(Handle handle, long id, boolean forUpdate) {
        return handle.createQuery("SELECT * FROM geofences WHERE id = :id AND in_scope(organization)"
                + (forUpdate ? " FOR UPDATE" : "")).bind("id", id).map((row, _) -> geofence(row)).findOne();
    }

    /// The nearest of this name, from the organization upwards.
    Optional<Geofence> find(Handle handle, OrganizationPath organization, String name) {
        return handle.createQuery("""
                SELECT * FROM geofences WHERE name = :name AND starts_with(:organization, organization)
                ORDER BY length(organization) DESC LIMIT 1""").bind("name", name)
                .bind("organization", organization.text()).map((row, _) -> geofence(row)).findOne();
    }

    List<String> names(Handle handle, OrganizationPath organization) {
        return handle.createQuery("""
                SELECT DISTINCT name FROM geofences WHERE starts_with(:organization, organization) ORDER BY name""")
                .bind("organization", organization.text()).mapTo(String.class).list();
    }

    long count(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT count(*) FROM geofences WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Long.class).one();
    }

    Geofence insert(Handle handle, OrganizationPath organization, String name, Area area, Instant now) {
        return handle.createQuery("""
                INSERT INTO geofences (organization, name, shape, created_at, updated_at)
                VALUES (:organization, :name, :shape::jsonb, :now, :now) RETURNING *""")
                .bind("organization", organization.text()).bind("name", name).bind("shape", shape(area))
                .bind("now", utc(now)).map((row, _) -> geofence(row)).one();
    }

    Geofence update(Handle handle, long id, String name, Area area, Instant now) {
        return handle.createQuery("""
                UPDATE geofences SET name = :name, shape = :shape::jsonb, revision = revision + 1, updated_at = :now
                WHERE id = :id RETURNING *""")
                .bind("id", id).bind("name", name).bind("shape", shape(area)).bind("now", utc(now))
                .map((row, _) -> geofence(row)).one();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM geofences WHERE id = :id").bind("id", id).execute();
    }

    /// Until the transaction ends no geofence loses its name.
    void keepNames(Handle handle) {
        handle.createQuery("SELECT pg_advisory_xact_lock_shared(:lock)::text").bind("lock", LOCK)
                .mapTo(String.class).one();
    }

    /// Until the transaction ends no rule begins to name a geofence.
    void holdOffRules(Handle handle) {
        handle.createQuery("SELECT pg_advisory_xact_lock(:lock)::text").bind("lock", LOCK).mapTo(String.class).one();
    }

    private static String shape(Area area) {
        var json = Json.mapper().createObjectNode();
        area.write(json);
        return json.toString();
    }

    private static Geofence geofence(ResultSet row) throws SQLException {
        return new Geofence(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                row.getString("name"), AreaReader.kept(tree(row.getString("shape"))),
                row.getLong("revision"), instant(row, "created_at"), instant(row, "updated_at"));
    }

    private static JsonNode tree(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a geofence that is not JSON", e);
        }
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
