package io.iotflow.server.access;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.encryption.KeyRing;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One-time passwords of users who want them. A code is good once, and so is each recovery code. Their secrets stand in
/// the database sealed.
final class SecondFactor {
    private static final Logger LOG = LoggerFactory.getLogger(SecondFactor.class);
    private static final int RECOVERY_BYTES = 8;
    private static final String KIND = "second factor";

    private final Database database;
    private final KeyRing keyRing;
    private final AccessMemory memory;
    private final Audit audit;
    private final SignInAttempts attempts;
    private final InstantSource clock;
    private final UserStore store = new UserStore();

    SecondFactor(Database database, KeyRing keyRing, AccessMemory memory, Audit audit, SignInAttempts attempts,
            InstantSource clock) {
        this.database = database;
        this.keyRing = keyRing;
        this.memory = memory;
        this.audit = audit;
        this.attempts = attempts;
        this.clock = clock;
        sealOld();
    }

    /// A secret as long as one is without being sealed is from before they were.
    private void sealOld() {
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.totpSecrets(handle, Totp.SECRET_BYTES).forEach((user, secret) ->
                    store.setTotpSecret(handle, user, sealed(user, secret)));
            return null;
        });
    }

    private byte[] sealed(long user, byte[] secret) {
        return keyRing.seal(KIND, Long.toString(user), secret);
    }

    /// Of a code, the time step that it stands for; empty when it is none of this account's.
    private OptionalLong step(UserStore.Account account, String code) {
        var user = account.user().id();
        var secret = keyRing.open(KIND, Long.toString(user), account.totpSecret());
        if (secret.isPresent()) return Totp.step(secret.get(), code, clock.instant(), account.totpStep());
        LOG.error("event=second_factor_unreadable user={} cause=\"changed in the database\"", user);
        return OptionalLong.empty();
    }

    /// A new secret, which takes effect once it is confirmed.
    ///
    /// @throws PlatformException `CONFLICT` when there is a confirmed one
    byte[] start(long user) {
        var secret = SecretText.random(Totp.SECRET_BYTES);
        return database.transaction(OrganizationPath.ROOT, handle -> {
            var known = account(handle, user).user();
            if (known.origin() == User.Origin.OIDC) {
                throw conflict("This user signs in at the OpenID issuer; turn a second factor on there.");
            }
            if (known.totp()) throw conflict("There is a second factor; remove it first.");
            store.setTotp(handle, user, sealed(user, secret), false, 0, Set.of());
            return secret;
        });
    }

    /// From now on signing in takes a code.
    ///
    /// @return recovery codes, which are shown this once
    List<String> confirm(Actor by, long user, String code) {
        var codes = new ArrayList<String>();
        while (codes.size() < Limits.RECOVERY_CODES) {
            codes.add(Totp.base32(SecretText.random(RECOVERY_BYTES)).toLowerCase(Locale.ROOT));
        }
        database.transaction(OrganizationPath.ROOT, handle -> {
            var account = account(handle, user);
            if (account.user().totp()) throw conflict("The second factor is confirmed already.");
            if (account.totpSecret() == null) throw conflict("There is no second factor to confirm; start one first.");
            var step = step(account, code);
            if (step.isEmpty()) throw PlatformException.invalid("code", "is not the present one; is the clock right?");
            store.setTotp(handle, user, account.totpSecret(), true, step.getAsLong(),
                    codes.stream().map(SecretText::sha256).collect(Collectors.toSet()));
            record(handle, by, account.user());
            memory.publish(handle, AccessMemory.userChanged(user));
            return user;
        });
        memory.received(AccessMemory.userChanged(user));
        return codes;
    }

    /// Takes a code, so that a stolen session alone cannot do it.
    ///
    /// @throws PlatformException `SIGN_IN_REFUSED` when the code is wrong, `RATE_LIMITED` when that was so too often
    void remove(Actor by, String name, String code) {
        var begun = attempts.begin(name).orElseThrow(() -> PlatformException.notFound("such user"));
        var user = begun.user().id();
        database.transaction(OrganizationPath.ROOT, handle -> {
            var account = account(handle, user);
            if (account.user().totp()) use(handle, account, code);
            store.setTotp(handle, user, null, false, 0, Set.of());
            attempts.succeeded(handle, user);
            record(handle, by, account.user());
            memory.publish(handle, AccessMemory.userChanged(user));
            return user;
        });
        memory.received(AccessMemory.userChanged(user));
    }

    /// Uses a code up.
    ///
    /// @throws PlatformException `SIGN_IN_REFUSED` for a wrong code and for one that was used before
    void use(Handle handle, UserStore.Account account, String code) {
        var user = account.user().id();
        var step = step(account, code);
        if (step.isPresent()) {
            store.setTotp(handle, user, account.totpSecret(), true, step.getAsLong(), account.recoveryCodes());
            return;
        }
        var left = new HashSet<>(account.recoveryCodes());
        if (!left.remove(SecretText.sha256(code.strip().toLowerCase(Locale.ROOT)))) throw SignInAttempts.refused();
        store.setTotp(handle, user, account.totpSecret(), true, account.totpStep(), left);
    }

    private void record(Handle handle, Actor by, User before) {
        audit.record(handle, by, "user.updated", before.target(), before.document(),
                store.find(handle, before.id()).map(User::document).orElse(Audit.NOTHING));
    }

    private UserStore.Account account(Handle handle, long user) {
        return store.account(handle, user).orElseThrow(() -> PlatformException.notFound("such user"));
    }

    private static PlatformException conflict(String detail) {
        return new PlatformException(ErrorCode.CONFLICT, detail);
    }
}
