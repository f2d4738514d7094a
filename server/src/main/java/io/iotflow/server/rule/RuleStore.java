package io.iotflow.server.rule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Rules and their versions in the database.
final class RuleStore {
    private static final String COLUMNS =
            "id, organization, name, mode, version, content, created_at, updated_at";

    /// A version as it was.
    record Version(int version, String author, Instant createdAt, ObjectNode document) {}

    List<Rule> all(Handle handle) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM rules ORDER BY id").map((row, _) -> rule(row)).list();
    }

    List<Rule> list(Handle handle, Page.Wish wish) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM rules WHERE id > :after ORDER BY id LIMIT :limit")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1).map((row, _) -> rule(row)).list();
    }

    List<Rule> ofType(Handle handle, String type, int atMost) {
        return handle.createQuery("SELECT " + COLUMNS + """
                 FROM rules WHERE jsonb_exists(content::jsonb -> 'scope' -> 'device_types', :type)
                ORDER BY id LIMIT :limit""").bind("type", type).bind("limit", atMost).map((row, _) -> rule(row)).list();
    }

    /// Of the group's organization and of those above.
    List<Rule> ofGroup(Handle handle, DeviceGroup group) {
        return handle.createQuery("SELECT " + COLUMNS + """
                 FROM rules WHERE starts_with(:organization, organization)
                    AND jsonb_exists_any(content::jsonb -> 'scope' -> 'groups', ARRAY[:id, :name]::text[])
                ORDER BY id""")
                .bind("organization", group.organization().text()).bind("id", Long.toString(group.id()))
                .bind("name", group.name()).map((row, _) -> rule(row)).list();
    }

    Optional<Rule> find(Handle handle, long id) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM rules WHERE id = :id").bind("id", id)
                .map((row, _) -> rule(row)).findOne();
    }

    Optional<Rule> lock(Handle handle, long id) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM rules WHERE id = :id FOR UPDATE").bind("id", id)
                .map((row, _) -> rule(row)).findOne();
    }

    int count(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT count(*) FROM rules WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Integer.class).one();
    }

    Rule insert(Handle handle, OrganizationPath organization, RuleReader.Heading heading, ObjectNode document,
            String author, Instant now) {
        var made = handle.createQuery("""
                INSERT INTO rules (organization, name, mode, version, content, created_at, updated_at)
                VALUES (:organization, :name, :mode, 1, :content::json, :now, :now) RETURNING\s""" + COLUMNS)
                .bind("organization", organization.text()).bind("name", heading.name())
                .bind("mode", heading.mode().word()).bind("content", document.toString()).bind("now", utc(now))
                .map((row, _) -> rule(row)).one();
        insertVersion(handle, made, author, now);
        return made;
    }

    Rule update(Handle handle, long id, RuleReader.Heading heading, ObjectNode document, String author, Instant now) {
        var changed = handle.createQuery("""
                UPDATE rules SET name = :name, mode = :mode, version = version + 1, content = :content::json,
                    updated_at = :now WHERE id = :id RETURNING\s""" + COLUMNS)
                .bind("id", id).bind("name", heading.name()).bind("mode", heading.mode().word())
                .bind("content", document.toString()).bind("now", utc(now)).map((row, _) -> rule(row)).one();
        insertVersion(handle, changed, author, now);
        return changed;
    }

    private static void insertVersion(Handle handle, Rule rule, String author, Instant now) {
        handle.createUpdate("""
                INSERT INTO rule_versions (rule_id, organization, version, content, author, created_at)
                VALUES (:id, :organization, :version, :content::json, :author, :now)""")
                .bind("id", rule.id()).bind("organization", rule.organization().text())
                .bind("version", rule.version()).bind("content", rule.document().toString()).bind("author", author)
                .bind("now", utc(now)).execute();
        handle.createUpdate("DELETE FROM rule_versions WHERE rule_id = :id AND version <= :old")
                .bind("id", rule.id()).bind("old", rule.version() - Limits.RULE_VERSIONS)
                .execute();
    }

    List<Version> versions(Handle handle, long id) {
        return handle.createQuery("""
                SELECT version, author, created_at, content FROM rule_versions WHERE rule_id = :id
                ORDER BY version DESC""").bind("id", id).map((row, _) -> new Version(row.getInt("version"),
                row.getString("author"), row.getObject("created_at", OffsetDateTime.class).toInstant(),
                document(row.getString("content")))).list();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM rules WHERE id = :id").bind("id", id).execute();
    }

    private static Rule rule(ResultSet row) throws SQLException {
        return new Rule(row.getLong("id"), new OrganizationPath(row.getString("organization")), row.getString("name"),
                Rule.Mode.valueOf(row.getString("mode").toUpperCase(Locale.ROOT)), row.getInt("version"),
                document(row.getString("content")), row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("updated_at", OffsetDateTime.class).toInstant());
    }

    private static ObjectNode document(String text) {
        try {
            return (ObjectNode) Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a rule that is not JSON", e);
        }
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
