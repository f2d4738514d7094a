package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// All SQL about channels. Stateless; the caller holds the connection and the transaction.
///
/// Row-level security lets an organization use channels of those above it; what is shown or changed asks for its own
/// and those below.
final class ChannelStore {

    long nextId(Handle handle) {
        return handle.createQuery("SELECT nextval(pg_get_serial_sequence('channels', 'id'))").mapTo(Long.class).one();
    }

    Channel insert(Handle handle, Channel channel) {
        return handle.createQuery("""
                INSERT INTO channels (id, organization, name, kind, content, secret, created_at, updated_at)
                OVERRIDING SYSTEM VALUE
                VALUES (:id, :organization, :name, :kind, :content::jsonb, :secret, :now, :now) RETURNING *""")
                .bind("id", channel.id()).bind("organization", channel.organization().text())
                .bind("name", channel.name()).bind("kind", channel.kind())
                .bind("content", channel.content().toString()).bind("secret", channel.sealed().orElse(null))
                .bind("now", utc(channel.createdAt())).map((row, _) -> channel(row)).one();
    }

    Channel update(Handle handle, Channel channel) {
        return handle.createQuery("""
                UPDATE channels SET name = :name, content = :content::jsonb, secret = :secret,
                    revision = revision + 1, updated_at = :now
                WHERE id = :id RETURNING *""")
                .bind("id", channel.id()).bind("name", channel.name()).bind("content", channel.content().toString())
                .bind("secret", channel.sealed().orElse(null)).bind("now", utc(channel.updatedAt()))
                .map((row, _) -> channel(row)).one();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM channels WHERE id = :id").bind("id", id).execute();
    }

    /// One of the transaction's organization or below.
    Optional<Channel> find(Handle handle, long id, boolean forUpdate) {
        return handle.createQuery("SELECT * FROM channels WHERE id = :id AND in_scope(organization)"
                + (forUpdate ? " FOR UPDATE" : "")).bind("id", id).map((row, _) -> channel(row)).findOne();
    }

    List<Channel> list(Handle handle, Page.Wish wish) {
        return handle.createQuery("""
                SELECT * FROM channels WHERE id > :after AND in_scope(organization) ORDER BY id LIMIT :limit""")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1).map((row, _) -> channel(row)).list();
    }

    long count(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT count(*) FROM channels WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Long.class).one();
    }

    /// Whether the channel serves the organization: it is its own or one of those above.
    boolean serves(Handle handle, long id, OrganizationPath organization) {
        return handle.createQuery("""
                SELECT EXISTS (SELECT 1 FROM channels WHERE id = :id AND starts_with(:organization, organization))""")
                .bind("id", id).bind("organization", organization.text()).mapTo(Boolean.class).one();
    }

    private static Channel channel(ResultSet row) throws SQLException {
        return new Channel(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                row.getString("name"), row.getString("kind"), object(row.getString("content")),
                Optional.ofNullable(row.getBytes("secret")), row.getLong("revision"), instant(row, "created_at"),
                instant(row, "updated_at"));
    }

    static ObjectNode object(String json) {
        try {
            return (ObjectNode) Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
