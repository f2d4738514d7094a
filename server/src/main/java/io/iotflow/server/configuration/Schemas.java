package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/// What the configurations of device types must be like. A schema holds for the devices of its organization and of
/// those below, unless one of those has its own for the type.
final class Schemas {
    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final Map<Key, ContentSchema> compiled = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, ContentSchema> eldest) {
            return size() > Limits.CONFIGURATION_SCHEMAS_COMPILED;
        }
    });

    private record Key(OrganizationPath organization, String type, Instant updatedAt) {}

    /// A schema as it is kept.
    record Kept(OrganizationPath organization, String type, long revision, JsonNode content, String author,
                Instant updatedAt) {
        ObjectNode json() {
            return Json.mapper().createObjectNode().put("device_type", type).put("organization_id", organization.id())
                    .put("revision", revision).put("author", author).put("updated_at", updatedAt.toString())
                    .set("schema", content);
        }

        private Audit.Target target() {
            return new Audit.Target("device_type", type, type, organization);
        }
    }

    Schemas(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    /// What holds for devices of a type in an organization: the nearest.
    Optional<ContentSchema> nearest(Handle handle, OrganizationPath organization, String type) {
        return handle.createQuery("""
                SELECT * FROM configuration_schemas
                WHERE device_type = :type AND starts_with(:organization, organization)
                ORDER BY length(organization) DESC LIMIT 1""")
                .bind("type", type).bind("organization", organization.text()).map((row, _) -> kept(row)).findOne()
                .map(kept -> compiled.computeIfAbsent(new Key(kept.organization, kept.type, kept.updatedAt),
                        _ -> ContentSchema.of(kept.content)));
    }

    /// @throws PlatformException `NOT_FOUND`
    Kept require(OrganizationPath organization, String type) {
        return database.transaction(organization, handle -> find(handle, organization, type))
                .orElseThrow(Schemas::notFound);
    }

    /// Those that the caller may see, by type.
    List<Kept> list(OrganizationPath scope) {
        return database.transaction(scope, handle -> handle.createQuery("""
                SELECT * FROM configuration_schemas WHERE in_scope(organization)
                ORDER BY device_type, organization LIMIT :most""").bind("most", Limits.PAGE_MAX)
                .map((row, _) -> kept(row)).list());
    }

    /// @param expected refuse unless the schema still has this revision; 0 for none yet
    Kept set(Actor by, OrganizationPath organization, String type, JsonNode content, OptionalLong expected) {
        new Target.OfType(type);
        ContentSchema.of(content);
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return database.transactionInTurn(by.organization(), organization.id(), handle -> {
            var before = find(handle, organization, type);
            checkExpected(before, expected);
            if (before.isEmpty() && count(handle, organization) >= Limits.CONFIGURATION_TARGETS) {
                throw new PlatformException(ErrorCode.CONFLICT, "The organization has schemas for "
                        + Limits.CONFIGURATION_TARGETS + " types; delete one that is not needed any more.");
            }
            var after = handle.createQuery("""
                    INSERT INTO configuration_schemas AS s (organization, device_type, revision, content, author,
                        updated_at)
                    VALUES (:organization, :type, 1, :content::json, :author, :now)
                    ON CONFLICT (organization, device_type) DO UPDATE SET revision = s.revision + 1,
                        content = :content::json, author = :author, updated_at = :now
                    RETURNING *""")
                    .bind("organization", organization.text()).bind("type", type).bind("content", content.toString())
                    .bind("author", by.toString()).bind("now", VersionStore.utc(now))
                    .map((row, _) -> kept(row)).one();
            audit.record(handle, by, "configuration_schema.set", after.target(), document(before),
                    document(Optional.of(after)));
            return after;
        });
    }

    void delete(Actor by, OrganizationPath organization, String type, OptionalLong expected) {
        database.transactionInTurn(by.organization(), organization.id(), handle -> {
            var gone = find(handle, organization, type);
            if (gone.isEmpty()) throw notFound();
            checkExpected(gone, expected);
            handle.createUpdate("""
                    DELETE FROM configuration_schemas WHERE organization = :organization AND device_type = :type""")
                    .bind("organization", organization.text()).bind("type", type).execute();
            audit.record(handle, by, "configuration_schema.deleted", gone.get().target(), document(gone),
                    Audit.NOTHING);
            return null;
        });
    }

    private static void checkExpected(Optional<Kept> known, OptionalLong expected) {
        if (expected.isPresent() && expected.getAsLong() != known.map(Kept::revision).orElse(0L)) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED, "The schema has changed since it was read.");
        }
    }

    private static JsonNode document(Optional<Kept> kept) {
        var json = Json.mapper().createObjectNode();
        kept.ifPresent(it -> json.put("revision", it.revision).set("schema", it.content));
        return json;
    }

    private static Optional<Kept> find(Handle handle, OrganizationPath organization, String type) {
        return handle.createQuery("""
                SELECT * FROM configuration_schemas WHERE organization = :organization AND device_type = :type""")
                .bind("organization", organization.text()).bind("type", type).map((row, _) -> kept(row)).findOne();
    }

    private static long count(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT count(*) FROM configuration_schemas WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Long.class).one();
    }

    private static Kept kept(ResultSet row) throws SQLException {
        return new Kept(new OrganizationPath(row.getString("organization")), row.getString("device_type"),
                row.getLong("revision"), Content.tree(row.getString("content")), row.getString("author"),
                row.getObject("updated_at", OffsetDateTime.class).toInstant());
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("schema for such devices");
    }
}
