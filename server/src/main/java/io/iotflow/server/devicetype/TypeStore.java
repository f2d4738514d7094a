package io.iotflow.server.devicetype;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Types and their versions in PostgreSQL. Row-level security shows those of the organizations above as well; what is
/// changed asks for its own and those below.
final class TypeStore {

    /// A type as it is kept.
    record Row(long id, OrganizationPath organization, int version, ObjectNode content, Instant createdAt,
               Instant updatedAt) {}

    /// @param author in words
    record Version(int version, ObjectNode content, String author, Instant createdAt) {}

    List<Row> all(Handle handle) {
        return handle.createQuery("SELECT * FROM device_types ORDER BY id").map((row, _) -> row(row)).list();
    }

    List<Long> page(Handle handle, Page.Wish wish) {
        return handle.createQuery("SELECT id FROM device_types WHERE id > :after ORDER BY id LIMIT :limit")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1).mapTo(Long.class).list();
    }

    Optional<Row> findForUpdate(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM device_types WHERE id = :id AND in_scope(organization) FOR UPDATE")
                .bind("id", id).map((row, _) -> row(row)).findOne();
    }

    int count(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT count(*) FROM device_types WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Integer.class).one();
    }

    Row insert(Handle handle, OrganizationPath organization, TypeContent content, String author, Instant now) {
        var made = handle.createQuery("""
                INSERT INTO device_types (organization, name, version, content, created_at, updated_at)
                VALUES (:organization, :name, 1, :content::jsonb, :now, :now) RETURNING *""")
                .bind("organization", organization.text()).bind("name", content.name())
                .bind("content", content.document().toString()).bind("now", utc(now)).map((row, _) -> row(row)).one();
        insertVersion(handle, made, author, now);
        return made;
    }

    Row update(Handle handle, long id, TypeContent content, String author, Instant now) {
        var made = handle.createQuery("""
                UPDATE device_types SET version = version + 1, content = :content::jsonb, updated_at = :now
                WHERE id = :id RETURNING *""")
                .bind("id", id).bind("content", content.document().toString()).bind("now", utc(now))
                .map((row, _) -> row(row)).one();
        insertVersion(handle, made, author, now);
        handle.createUpdate("DELETE FROM device_type_versions WHERE type_id = :id AND version <= :old")
                .bind("id", made.id()).bind("old", made.version() - FleetLimits.TYPE_VERSIONS).execute();
        return made;
    }

    private static void insertVersion(Handle handle, Row type, String author, Instant now) {
        handle.createUpdate("""
                INSERT INTO device_type_versions (type_id, organization, version, content, author, created_at)
                VALUES (:type, :organization, :version, :content::jsonb, :author, :now)""")
                .bind("type", type.id()).bind("organization", type.organization().text())
                .bind("version", type.version()).bind("content", type.content().toString()).bind("author", author)
                .bind("now", utc(now)).execute();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM device_types WHERE id = :id").bind("id", id).execute();
    }

    Page<Version> versions(Handle handle, long id, Page.Wish wish) {
        return Page.of(handle.createQuery("""
                SELECT * FROM device_type_versions WHERE type_id = :id AND version > :after
                ORDER BY version LIMIT :limit""")
                .bind("id", id).bind("after", wish.after()).bind("limit", wish.limit() + 1)
                .map((row, _) -> new Version(row.getInt("version"), tree(row.getString("content")),
                        row.getString("author"), instant(row, "created_at"))).list(), wish, Version::version);
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(row.getLong("id"), new OrganizationPath(row.getString("organization")), row.getInt("version"),
                tree(row.getString("content")), instant(row, "created_at"), instant(row, "updated_at"));
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static ObjectNode tree(String json) {
        try {
            if (Json.mapper().readTree(json) instanceof ObjectNode object) return object;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a device type that is not JSON", e);
        }
        throw new IllegalStateException("BUG: a device type that is no object");
    }
}
