package io.iotflow.server.access;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets users in from outside. They are made at their first sign-in, and known by issuer and subject ever after, never
/// by name: nobody becomes a user of ours by being called like him somewhere else.
final class Outsiders {
    private static final Logger LOG = LoggerFactory.getLogger(Outsiders.class);

    private final AccessMemory memory;
    private final Audit audit;
    private final UserStore store = new UserStore();

    Outsiders(AccessMemory memory, Audit audit) {
        this.memory = memory;
        this.audit = audit;
    }

    /// His account, its row locked, with the role that is his now. Publishes what has changed; call
    /// [AccessMemory#received] after the commit.
    ///
    /// @throws PlatformException `FORBIDDEN` when no role is his, `SIGN_IN_REFUSED` when he is disabled, `NAME_TAKEN`
    UserStore.Account admit(Handle handle, Outsider who, Welcome welcome, Instant now) {
        // Two first sign-ins at once make one user.
        handle.createQuery("SELECT pg_advisory_xact_lock(hashtextextended(:who, 0))::text")
                .bind("who", who.issuer() + " " + who.subject()).mapTo(String.class).one();
        var known = store.account(handle, who.issuer(), who.subject());
        if (known.isEmpty()) return create(handle, who, welcome, now);
        var account = known.get();
        if (account.user().disabled()) throw SignInAttempts.refused();
        return welcome.roles().decides() ? withRole(handle, account, who, welcome, now) : account;
    }

    private UserStore.Account create(Handle handle, Outsider who, Welcome welcome, Instant now) {
        var name = name(who);
        var role = role(who, welcome);
        var given = given(handle, role, welcome.organization());
        try {
            var id = store.insert(handle, welcome.organization(), name, who, given, now);
            var made = store.account(handle, id).orElseThrow();
            audit.record(handle, Actor.PLATFORM, "user.created", made.user().target(), Audit.NOTHING,
                    made.user().document());
            return made;
        } catch (JdbiException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "There is another user named " + name
                    + " on this platform, who is not the one that signed in.");
        }
    }

    private UserStore.Account withRole(Handle handle, UserStore.Account account, Outsider who, Welcome welcome,
            Instant now) {
        var before = account.user();
        var role = role(who, welcome);
        if (role.equals(before.role())) return account;
        store.setRole(handle, before.id(), given(handle, role, before.organization()), now);
        var after = store.account(handle, before.id()).orElseThrow();
        audit.record(handle, Actor.PLATFORM, "user.updated", before.target(), before.document(),
                after.user().document());
        memory.publish(handle, AccessMemory.userChanged(before.id()));
        return after;
    }

    private static String role(Outsider who, Welcome welcome) {
        return welcome.roles().role(who.values()).orElseThrow(() -> new PlatformException(ErrorCode.FORBIDDEN,
                "Nothing that is said of this user where he comes from gives him a role here."));
    }

    private static Users.Given given(Handle handle, String role, OrganizationPath organization) {
        return Users.given(handle, organization, role).orElseThrow(() -> {
            LOG.warn("event=mapped_role_unknown role={} organization={}", role, organization);
            return new PlatformException(ErrorCode.FORBIDDEN, "The role that this user is to have is not there.");
        });
    }

    private static String name(Outsider who) {
        try {
            return Asked.signInName(who.name());
        } catch (PlatformException refused) {
            LOG.warn("event=outside_name_refused issuer={}", who.issuer());
            throw new PlatformException(ErrorCode.FORBIDDEN,
                    "What this user is called where he comes from cannot be a name here: it " + refused.errors()
                            .getFirst().detail() + ".");
        }
    }
}
