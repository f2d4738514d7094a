package io.iotflow.server.processing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.DeviceGroup;
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

/// Rules and their versions in PostgreSQL.
final class ProcessingStore {

    /// A rule as it is kept.
    record Row(long id, OrganizationPath organization, int version, ObjectNode content, Instant createdAt,
               Instant updatedAt) {
        Audit.Target target() {
            return new Audit.Target("processing_rule", Long.toString(id), content.path("name").asText(), organization);
        }
    }

    /// @param author in words
    record Version(int version, ObjectNode content, String author, Instant createdAt) {}

    Page<Row> list(Handle handle, Page.Wish wish) {
        return Page.of(handle.createQuery("SELECT * FROM processing_rules WHERE id > :after ORDER BY id LIMIT :limit")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1).map((row, _) -> row(row)).list(), wish,
                Row::id);
    }

    List<Row> active(Handle handle) {
        return handle.createQuery("SELECT * FROM processing_rules WHERE mode = 'active' ORDER BY id")
                .map((row, _) -> row(row)).list();
    }

    /// Of the group's organization and of those above.
    List<Row> ofGroup(Handle handle, DeviceGroup group) {
        return handle.createQuery("""
                SELECT * FROM processing_rules WHERE starts_with(:organization, organization)
                    AND jsonb_exists_any(content -> 'scope' -> 'groups', ARRAY[:id, :name]::text[]) ORDER BY id""")
                .bind("organization", group.organization().text()).bind("id", Long.toString(group.id()))
                .bind("name", group.name()).map((row, _) -> row(row)).list();
    }

    Optional<Row> find(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM processing_rules WHERE id = :id").bind("id", id)
                .map((row, _) -> row(row)).findOne();
    }

    Optional<Row> findForUpdate(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM processing_rules WHERE id = :id FOR UPDATE").bind("id", id)
                .map((row, _) -> row(row)).findOne();
    }

    /// Holds the organization, so that two do not both make the last one.
    int lockedCount(Handle handle, OrganizationPath organization) {
        handle.createQuery("SELECT path FROM organizations WHERE path = :organization FOR UPDATE")
                .bind("organization", organization.text()).mapTo(String.class).findOne();
        return handle.createQuery("SELECT count(*) FROM processing_rules WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Integer.class).one();
    }

    Row insert(Handle handle, OrganizationPath organization, ObjectNode content, String author, Instant now) {
        var made = handle.createQuery("""
                INSERT INTO processing_rules (organization, name, mode, version, content, created_at, updated_at)
                VALUES (:organization, :name, :mode, 1, :content::jsonb, :now, :now) RETURNING *""")
                .bind("organization", organization.text()).bind("name", content.path("name").asText())
                .bind("mode", content.path("mode").asText()).bind("content", content.toString())
                .bind("now", utc(now)).map((row, _) -> row(row)).one();
        insertVersion(handle, made, author, now);
        return made;
    }

    Row update(Handle handle, Row before, ObjectNode content, String author, Instant now) {
        var made = handle.createQuery("""
                UPDATE processing_rules SET name = :name, mode = :mode, version = version + 1,
                    content = :content::jsonb, updated_at = :now
                WHERE id = :id RETURNING *""")
                .bind("id", before.id()).bind("name", content.path("name").asText())
                .bind("mode", content.path("mode").asText()).bind("content", content.toString())
                .bind("now", utc(now)).map((row, _) -> row(row)).one();
        insertVersion(handle, made, author, now);
        handle.createUpdate("DELETE FROM processing_rule_versions WHERE rule_id = :id AND version <= :old")
                .bind("id", made.id()).bind("old", made.version() - Limits.PROCESSING_RULE_VERSIONS).execute();
        return made;
    }

    private static void insertVersion(Handle handle, Row rule, String author, Instant now) {
        handle.createUpdate("""
                INSERT INTO processing_rule_versions (rule_id, organization, version, content, author, created_at)
                VALUES (:rule, :organization, :version, :content::jsonb, :author, :now)""")
                .bind("rule", rule.id()).bind("organization", rule.organization().text())
                .bind("version", rule.version()).bind("content", rule.content().toString()).bind("author", author)
                .bind("now", utc(now)).execute();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM processing_rules WHERE id = :id").bind("id", id).execute();
    }

    Page<Version> versions(Handle handle, long id, Page.Wish wish) {
        return Page.of(handle.createQuery("""
                SELECT * FROM processing_rule_versions WHERE rule_id = :id AND version > :after
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
            JsonNode tree = Json.mapper().readTree(json);
            if (tree instanceof ObjectNode object) return object;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a rule that is not JSON", e);
        }
        throw new IllegalStateException("BUG: a rule that is no object");
    }
}
