package io.iotflow.server.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// Counts what somebody tries under a name. Each attempt counts as failed before it is judged, so that many at once
/// find no gap; one that succeeds sets the count back. Names that nobody has are locked by the same rule, so that a
/// lock tells nothing.
final class SignInAttempts {
    private final Database database;
    private final Users users;
    private final InstantSource clock;
    private final UserStore store = new UserStore();
    private final Cache<String, Lockout> strangers = Caffeine.newBuilder().maximumSize(Limits.SIGN_IN_ADDRESSES)
            .expireAfterAccess(Limits.SIGN_IN_LONGEST_LOCK.multipliedBy(2)).build();

    SignInAttempts(Database database, Users users, InstantSource clock) {
        this.database = database;
        this.users = users;
        this.clock = clock;
    }

    /// The account, its password proven; [#succeeded] has still to be called.
    ///
    /// @throws PlatformException `RATE_LIMITED` while the name is locked, `SIGN_IN_REFUSED` when the password is wrong
    UserStore.Account prove(String name, String password) {
        return prove(begin(name), password);
    }

    /// The same for an attempt that has begun. A user from outside has no password that could be right.
    UserStore.Account prove(Optional<UserStore.Account> account, String password) {
        var isRight = users.passwords().matches(password,
                account.map(UserStore.Account::password).orElse(Passwords.NOBODYS));
        if (account.isEmpty() || !isRight || account.get().user().disabled()) throw refused();
        return account.get();
    }

    /// An attempt without a password.
    ///
    /// @throws PlatformException `RATE_LIMITED` while the name is locked
    Optional<UserStore.Account> begin(String name) {
        var known = database.transaction(OrganizationPath.ROOT, handle -> {
            // Not waiting for the disk, or names that somebody has would take longer.
            handle.execute("SET LOCAL synchronous_commit = off");
            var account = store.account(handle, name);
            account.ifPresent(found -> store.setLockout(handle, found.user().id(), failedOnceMore(found.lockout())));
            return account;
        });
        if (known.isEmpty()) {
            strangers.asMap().compute(folded(name),
                    (_, before) -> failedOnceMore(before == null ? Lockout.NONE : before));
        }
        return known;
    }

    void succeeded(Handle handle, long user) {
        store.setLockout(handle, user, Lockout.NONE);
    }

    /// For a name that nobody has here, but somebody in the directory.
    void succeeded(String name) {
        strangers.invalidate(folded(name));
    }

    /// Takes one attempt back that was neither a success nor a failure.
    void undo(Handle handle, UserStore.Account now) {
        store.setLockout(handle, now.user().id(), now.lockout().withoutLatest());
    }

    /// The same by name.
    void undo(String name) {
        strangers.asMap().computeIfPresent(folded(name), (_, now) -> now.withoutLatest());
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.account(handle, name).ifPresent(now -> undo(handle, now));
            return name;
        });
    }

    /// Counts an attempt for whom it has turned out to be of, unless it was begun as his: the directory may know him by
    /// several names, each of which could be tried else.
    ///
    /// @throws PlatformException `RATE_LIMITED` while he is locked
    void begin(Outsider who, Optional<UserStore.Account> begun) {
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.account(handle, who.issuer(), who.subject())
                    .filter(found -> begun.filter(it -> it.user().id() == found.user().id()).isEmpty())
                    .ifPresent(found -> store.setLockout(handle, found.user().id(), failedOnceMore(found.lockout())));
            return who;
        });
    }

    /// Records an attempt that was refused. What was given as a name that nobody has may be a password, so it is not
    /// kept.
    void recordFailure(String address, Function<Handle, Optional<UserStore.Account>> whose) {
        database.transaction(OrganizationPath.ROOT, handle -> {
            var target = whose.apply(handle).map(account -> account.user().target())
                    .orElse(new Audit.Target("user", "unknown", "", OrganizationPath.ROOT));
            var anybody = new Actor(Actor.Kind.ANYBODY, "", "anybody", OrganizationPath.ROOT, address, "http");
            users.audit().record(handle, anybody, "user.sign_in_failed", target, Audit.NOTHING, Audit.NOTHING);
            return target;
        });
    }

    private Lockout failedOnceMore(Lockout before) {
        var now = clock.instant();
        before.remaining(now).ifPresent(SignInAttempts::locked);
        return before.afterFailure(now);
    }

    private static void locked(Duration wait) {
        throw PlatformException.retryLater(ErrorCode.RATE_LIMITED, "Too many wrong attempts under this name.", wait);
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    static PlatformException refused() {
        return new PlatformException(ErrorCode.SIGN_IN_REFUSED, "The name, the password or the code is wrong.");
    }
}
