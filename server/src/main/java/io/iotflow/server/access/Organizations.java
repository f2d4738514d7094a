package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.encryption.KeyRing;
import io.iotflow.server.http.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// The tree of organizations, and the only door for changing it. An organization never moves: its path is written into
/// every record below it.
public final class Organizations {
    private final Database database;
    private final KeyRing keyRing;
    private final Audit audit;
    private final InstantSource clock;

    public Organizations(Database database, KeyRing keyRing, Audit audit, InstantSource clock) {
        this.database = database;
        this.keyRing = keyRing;
        this.audit = audit;
        this.clock = clock;
    }

    /// @throws PlatformException `NOT_FOUND`, also for what lies outside the scope
    public Organization require(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> find(handle, id)).orElseThrow(Organizations::notFound);
    }

    /// What a field of a body names; the caller's own organization when it names none.
    ///
    /// @throws PlatformException `INVALID` for what the caller may not see
    public OrganizationPath named(OrganizationPath scope, String field, Long id) {
        if (id == null || id == scope.id()) return scope;
        return database.transaction(scope, handle -> find(handle, id)).map(Organization::path).orElseThrow(() ->
                PlatformException.invalid(field, "is no organization that you may see"));
    }

    /// As above, from a tree.
    public OrganizationPath named(OrganizationPath scope, String field, JsonNode id) {
        if (id.isNull()) return scope;
        if (!id.canConvertToExactIntegral() || !id.canConvertToLong()) {
            throw PlatformException.invalid(field, "must be a whole number");
        }
        return named(scope, field, Long.valueOf(id.longValue()));
    }

    Page<Organization> list(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(handle.createQuery("""
                SELECT * FROM organizations WHERE id > :after ORDER BY id LIMIT :limit""")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1)
                .map((row, _) -> organization(row)).list(), wish, Organization::id));
    }

    /// @throws PlatformException `NAME_TAKEN` when a sister has the name
    Organization create(Actor by, OrganizationPath parent, String name) {
        if (parent.depth() >= Limits.ORGANIZATION_LEVELS) {
            throw PlatformException.invalid("parent_id", "is " + Limits.ORGANIZATION_LEVELS
                    + " levels below the root already");
        }
        return changed(by, name, handle -> {
            var id = handle.createQuery("SELECT nextval(pg_get_serial_sequence('organizations', 'id'))")
                    .mapTo(Long.class).one();
            var made = handle.createQuery("""
                    INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                    VALUES (:id, :path, :parent, :name, :now) RETURNING *""")
                    .bind("id", id).bind("path", parent.child(id).text()).bind("parent", parent.text())
                    .bind("name", name).bind("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                    .map((row, _) -> organization(row)).one();
            audit.record(handle, by, "organization.created", made.target(), Audit.NOTHING, made.document());
            return made;
        });
    }

    Organization rename(Actor by, long id, String name) {
        return changed(by, name, handle -> {
            var before = find(handle, id).orElseThrow(Organizations::notFound);
            var after = handle.createQuery("""
                    UPDATE organizations SET name = :name, revision = revision + 1 WHERE id = :id RETURNING *""")
                    .bind("id", id).bind("name", name).map((row, _) -> organization(row)).one();
            audit.record(handle, by, "organization.updated", after.target(), before.document(), after.document());
            return after;
        });
    }

    /// Its keys are destroyed with it.
    ///
    /// @throws PlatformException `CONFLICT` while anything belongs to it, decommissioned devices included
    void remove(Actor by, long id) {
        if (id == OrganizationPath.ROOT.id()) throw new PlatformException(ErrorCode.CONFLICT, "The root stays.");
        try {
            database.transaction(by.organization(), handle -> {
                var gone = find(handle, id).orElseThrow(Organizations::notFound);
                audit.record(handle, by, "organization.removed", gone.target(), gone.document(), Audit.NOTHING);
                keyRing.destroy(handle, gone.path());
                return handle.createUpdate("DELETE FROM organizations WHERE id = :id").bind("id", id).execute();
            });
            keyRing.forget();
        } catch (JdbiException e) {
            if (!Database.isStillUsed(e)) throw e;
            throw new PlatformException(ErrorCode.CONFLICT,
                    "Something belongs to the organization: organizations, users, devices, roles or tokens.");
        }
    }

    private interface Change {
        Organization in(Handle handle);
    }

    private Organization changed(Actor by, String name, Change change) {
        try {
            return database.transaction(by.organization(), change::in);
        } catch (JdbiException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "There is an organization named " + name + " there.");
        }
    }

    private static Optional<Organization> find(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM organizations WHERE id = :id").bind("id", id)
                .map((row, _) -> organization(row)).findOne();
    }

    private static Organization organization(ResultSet row) throws SQLException {
        return new Organization(new OrganizationPath(row.getString("path")), row.getString("name"),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such organization");
    }
}
