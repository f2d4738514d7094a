package io.iotflow.server.access;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// Everybody who may sign in, and the only door for changing a user. Whoever changes one must have every permission
/// that the user has: else whoever manages users could take the administrator's place by giving him a new password.
public final class Users {
    private static final Given ADMIN = new Given("admin", null, Permission.ADMIN);

    private final Database database;
    private final AccessMemory memory;
    private final Audit audit;
    private final Passwords passwords;
    private final InstantSource clock;
    private final UserStore store = new UserStore();

    /// What shall be different; null leaves it as it is.
    ///
    /// @param totp false takes the second factor away
    record Change(String role, Boolean disabled, Boolean totp) {
        Change {
            if (Boolean.TRUE.equals(totp)) {
                throw PlatformException.invalid("totp", "can only be false: the user turns it on, at /auth/totp");
            }
        }
    }

    public Users(Database database, AccessMemory memory, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.memory = memory;
        this.passwords = new Passwords();
        this.clock = clock;
    }

    Page<User> list(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(store.list(handle, wish), wish, User::id));
    }

    User require(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> store.find(handle, id)).orElseThrow(Users::notFound);
    }

    /// @param held what whoever asks may do himself
    User create(Actor by, Set<Permission> held, OrganizationPath organization, String name, String password,
            String role) {
        Passwords.check("password", password, name);
        var hash = passwords.hash(password);
        try {
            return database.transaction(by.organization(), handle -> {
                var given = role(handle, held, organization, role);
                var id = store.insert(handle, organization, name, hash, given, now());
                var made = store.find(handle, id).orElseThrow();
                audit.record(handle, by, "user.created", made.target(), Audit.NOTHING, made.document());
                return made;
            });
        } catch (JdbiException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "There is a user named " + name + " on this platform.");
        }
    }

    User change(Actor by, Set<Permission> held, long id, Change change) {
        if (Boolean.TRUE.equals(change.disabled())) refuseSelf(by, id);
        var action = Boolean.TRUE.equals(change.disabled()) ? "user.disabled" : "user.updated";
        return changed(by, held, id, action, (handle, user) -> {
            if (change.role() != null) {
                var given = role(handle, held, user.organization(), change.role());
                store.setRole(handle, id, given, now());
            }
            if (change.disabled() != null) store.setDisabled(handle, id, change.disabled(), now());
            if (Boolean.TRUE.equals(change.disabled())) store.endSessions(handle, id);
            if (change.totp() != null) store.setTotp(handle, id, null, false, 0, Set.of());
        });
    }

    /// Ends every session of the user.
    void setPassword(Actor by, Set<Permission> held, long id, String password) {
        Passwords.check("password", password, require(by.organization(), id).name());
        var hash = passwords.hash(password);
        changed(by, held, id, "user.password_changed", (handle, user) -> {
            user.requireOwnPassword();
            store.setPassword(handle, id, hash, now());
            store.endSessions(handle, id);
        });
    }

    void unlock(Actor by, Set<Permission> held, long id) {
        changed(by, held, id, "user.unlocked", (handle, _) -> store.setLockout(handle, id, Lockout.NONE));
    }

    void remove(Actor by, Set<Permission> held, long id) {
        refuseSelf(by, id);
        changed(by, held, id, "user.removed", (handle, _) -> store.delete(handle, id));
    }

    /// For an operator who is locked out: the user is there afterwards, may do everything, and has this password and no
    /// second factor. A user of another organization keeps its organization; one from outside is the platform's own
    /// from then on.
    public void restore(String name, String password) {
        Asked.signInName(name);
        Passwords.check("password", password, name);
        var hash = passwords.hash(password);
        database.transaction(OrganizationPath.ROOT, handle -> {
            var known = store.account(handle, name).map(UserStore.Account::user);
            var id = known.map(User::id).orElseGet(() ->
                    store.insert(handle, OrganizationPath.ROOT, name, hash, ADMIN, now()));
            store.setPassword(handle, id, hash, now());
            store.setRole(handle, id, ADMIN, now());
            store.setDisabled(handle, id, false, now());
            store.setTotp(handle, id, null, false, 0, Set.of());
            store.endSessions(handle, id);
            var after = store.find(handle, id).orElseThrow();
            audit.record(handle, Actor.PLATFORM, "user.restored", after.target(),
                    known.map(User::document).orElse(Audit.NOTHING), after.document());
            memory.publish(handle, AccessMemory.userChanged(id));
            return id;
        });
    }

    /// From memory.
    Optional<AccessMemory.KnownUser> known(long id) {
        return memory.user(id, unknown -> database.transaction(OrganizationPath.ROOT, handle ->
                store.find(handle, unknown).filter(user -> !user.disabled()).map(user ->
                        new AccessMemory.KnownUser(user, user.caller(), store.sessions(handle, unknown, now())))));
    }

    /// The user of a session that has not ended. One that memory does not know may have begun on another node just now.
    Optional<AccessMemory.KnownUser> signedIn(long id, UUID session) {
        var known = known(id);
        if (known.isEmpty() || known.get().sessions().contains(session)) return known;
        memory.forget(id);
        return known(id).filter(user -> user.sessions().contains(session));
    }

    Audit audit() {
        return audit;
    }

    Passwords passwords() {
        return passwords;
    }

    /// A role as the database knows it: the word of a built-in one, or the number of another.
    record Given(String builtIn, Long id, Set<Permission> permissions) {}

    /// Empty when there is no such role.
    static Optional<Given> given(Handle handle, OrganizationPath organization, String name) {
        return Role.builtIn(name).map(permissions -> new Given(name, null, permissions)).or(() ->
                Roles.named(handle, organization, name).map(role -> new Given(null, role.id(), role.permissions())));
    }

    private static Given role(Handle handle, Set<Permission> held, OrganizationPath organization, String name) {
        var given = given(handle, organization, name).orElseThrow(() -> PlatformException.invalid("role",
                "must be admin, operator, viewer or a role of the user's organization"));
        Roles.requireHeld(held, given.permissions());
        return given;
    }

    private User changed(Actor by, Set<Permission> held, long id, String action, BiConsumer<Handle, User> change) {
        var changed = database.transaction(by.organization(), handle -> {
            var user = store.account(handle, id).orElseThrow(Users::notFound).user();
            Roles.requireHeld(held, user.permissions());
            change.accept(handle, user);
            var after = store.find(handle, id);
            audit.record(handle, by, action, user.target(), user.document(),
                    after.map(User::document).orElse(Audit.NOTHING));
            memory.publish(handle, AccessMemory.userChanged(id));
            return after.orElse(user);
        });
        memory.received(AccessMemory.userChanged(id));
        return changed;
    }

    /// So that nobody locks himself out by a slip.
    private static void refuseSelf(Actor by, long id) {
        if (by.kind() == Actor.Kind.USER && by.id().equals(Long.toString(id))) {
            throw new PlatformException(ErrorCode.CONFLICT, "Nobody removes or disables himself; ask another one.");
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such user");
    }
}
