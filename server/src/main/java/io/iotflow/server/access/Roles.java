package io.iotflow.server.access;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// The roles beside the built-in ones, and the only door for changing them. Nobody gives or takes what he does not
/// have.
public final class Roles {
    private static final String COLUMNS = "id, organization, name, array_to_string(permissions, ' ') AS permissions";

    private final Database database;
    private final AccessMemory memory;
    private final Audit audit;
    private final InstantSource clock;

    public Roles(Database database, AccessMemory memory, Audit audit, InstantSource clock) {
        this.database = database;
        this.memory = memory;
        this.audit = audit;
        this.clock = clock;
    }

    Page<Role> list(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(handle.createQuery("SELECT " + COLUMNS
                + " FROM roles WHERE id > :after ORDER BY id LIMIT :limit").bind("after", wish.after())
                .bind("limit", wish.limit() + 1).map((row, _) -> role(row)).list(), wish, Role::id));
    }

    /// @param held what whoever asks may do himself
    Role create(Actor by, Set<Permission> held, OrganizationPath organization, String name,
            Set<Permission> permissions) {
        requireHeld(held, permissions);
        if (Role.builtIn(name).isPresent()) throw nameTaken(name);
        return changed(by, name, handle -> {
            var made = handle.createQuery("""
                    INSERT INTO roles (organization, name, permissions, created_at)
                    VALUES (:organization, :name, string_to_array(:permissions, ' '), :now) RETURNING\s""" + COLUMNS)
                    .bind("organization", organization.text()).bind("name", name)
                    .bind("permissions", Asked.words(permissions))
                    .bind("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                    .map((row, _) -> role(row)).one();
            audit.record(handle, by, "role.created", made.target(), Audit.NOTHING, made.document());
            return made;
        });
    }

    /// Takes effect at once for all who have the role.
    Role change(Actor by, Set<Permission> held, long id, String name, Set<Permission> permissions) {
        requireHeld(held, permissions);
        if (Role.builtIn(name).isPresent()) throw nameTaken(name);
        return changed(by, name, handle -> {
            var before = find(handle, id).orElseThrow(Roles::notFound);
            requireHeld(held, before.permissions());
            var after = handle.createQuery("""
                    UPDATE roles SET name = :name, permissions = string_to_array(:permissions, ' ')
                    WHERE id = :id RETURNING\s""" + COLUMNS).bind("name", name).bind("id", id)
                    .bind("permissions", Asked.words(permissions)).map((row, _) -> role(row)).one();
            audit.record(handle, by, "role.changed", after.target(), before.document(), after.document());
            return after;
        });
    }

    /// @throws PlatformException `CONFLICT` while a user has it
    void remove(Actor by, Set<Permission> held, long id) {
        try {
            database.transaction(by.organization(), handle -> {
                var gone = find(handle, id).orElseThrow(Roles::notFound);
                requireHeld(held, gone.permissions());
                audit.record(handle, by, "role.removed", gone.target(), gone.document(), Audit.NOTHING);
                return handle.createUpdate("DELETE FROM roles WHERE id = :id").bind("id", id).execute();
            });
        } catch (JdbiException e) {
            if (!Database.isStillUsed(e)) throw e;
            throw new PlatformException(ErrorCode.CONFLICT, "Users have this role; give them another one first.");
        }
    }

    /// @throws PlatformException `FORBIDDEN`
    static void requireHeld(Set<Permission> held, Set<Permission> asked) {
        var missing = asked.stream().filter(permission -> !held.contains(permission)).map(Permission::word).sorted()
                .toList();
        if (!missing.isEmpty()) {
            throw new PlatformException(ErrorCode.FORBIDDEN, "This takes permissions that you do not have yourself: "
                    + String.join(", ", missing) + ".");
        }
    }

    static Optional<Role> named(Handle handle, OrganizationPath organization, String name) {
        return handle.createQuery("SELECT " + COLUMNS
                + " FROM roles WHERE organization = :organization AND name = :name")
                .bind("organization", organization.text()).bind("name", name).map((row, _) -> role(row)).findOne();
    }

    private Role changed(Actor by, String name, Function<Handle, Role> change) {
        try {
            var role = database.transaction(by.organization(), handle -> {
                memory.publish(handle, AccessMemory.allChanged());
                return change.apply(handle);
            });
            memory.received(AccessMemory.allChanged());
            return role;
        } catch (JdbiException e) {
            if (Database.isDuplicate(e)) throw nameTaken(name);
            throw e;
        }
    }

    private static Optional<Role> find(Handle handle, long id) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM roles WHERE id = :id FOR UPDATE").bind("id", id)
                .map((row, _) -> role(row)).findOne();
    }

    private static Role role(ResultSet row) throws SQLException {
        return new Role(row.getLong("id"), new OrganizationPath(row.getString("organization")), row.getString("name"),
                Asked.permissionsIn(row.getString("permissions")));
    }

    private static PlatformException nameTaken(String name) {
        return new PlatformException(ErrorCode.NAME_TAKEN, "There is a role named " + name + " already.");
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such role");
    }
}
