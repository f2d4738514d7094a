package io.iotflow.server.access;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.encryption.KeyRing;
import io.iotflow.server.http.AddressLimit;
import io.iotflow.server.http.Caller;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Who is signed in. A session lives on as long as its refresh token is renewed; each renewal makes the older one
/// worthless, and whoever shows an older one ends the session, because one of the two who have it stole it.
public final class Sessions {
    private static final String PREFIX = "iotr_";
    private static final String CODE_PREFIX = "iotc_";
    private static final byte[] NO_TIE = {};
    private static final int SECRET_BYTES = 32;
    private static final int ID_BYTES = 16;

    private final Database database;
    private final AccessMemory memory;
    private final Users users;
    private final AccessTokens tokens;
    private final SignInAttempts attempts;
    private final SecondFactor secondFactor;
    private final Outsiders outsiders;
    private final Optional<Directory> directory;
    private final AddressLimit addresses;
    private final AccessConfig config;
    private final InstantSource clock;
    private final UserStore store = new UserStore();

    /// What a client gets.
    record SignedIn(String accessToken, String refreshToken, String tokenType, long expiresIn) {}

    private record Renewal(long user, boolean isGood) {}

    /// Somebody who has come in; without a token while the second factor is missing.
    private record Entered(long user, Optional<Refresh> refresh) {}

    private record Refresh(UUID session, byte[] secret) {
        static Refresh make(UUID session) {
            return new Refresh(session, SecretText.random(SECRET_BYTES));
        }

        static Optional<Refresh> parse(String prefix, String text) {
            if (!text.startsWith(prefix)) return Optional.empty();
            try {
                var bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text.substring(prefix.length())));
                if (bytes.remaining() != ID_BYTES + SECRET_BYTES) return Optional.empty();
                var session = new UUID(bytes.getLong(), bytes.getLong());
                return Optional.of(new Refresh(session, Arrays.copyOfRange(bytes.array(), ID_BYTES,
                        ID_BYTES + SECRET_BYTES)));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        /// @param tie what else whoever shows it must have
        byte[] hash(byte[] tie) {
            return SecretText.sha256(ByteBuffer.allocate(secret.length + tie.length).put(secret).put(tie).array());
        }

        String text(String prefix) {
            return prefix + SecretText.text(ByteBuffer.allocate(ID_BYTES + SECRET_BYTES)
                    .putLong(session.getMostSignificantBits()).putLong(session.getLeastSignificantBits())
                    .put(secret).array());
        }
    }

    /// @param directory that has passwords of users, too, if there is one
    public Sessions(Database database, KeyRing keyRing, AccessMemory memory, Users users, AccessTokens tokens,
            Optional<Directory> directory, AccessConfig config, InstantSource clock) {
        this.database = database;
        this.memory = memory;
        this.users = users;
        this.tokens = tokens;
        this.attempts = new SignInAttempts(database, users, clock);
        this.secondFactor = new SecondFactor(database, keyRing, memory, users.audit(), attempts, clock);
        this.outsiders = new Outsiders(memory, users.audit());
        this.directory = directory;
        this.addresses = new AddressLimit("sign-ins", config.signInLimit(), config.signInWindow(),
                Limits.SIGN_IN_ADDRESSES, clock);
        this.config = config;
        this.clock = clock;
    }

    SecondFactor secondFactor() {
        return secondFactor;
    }

    /// Whose access token it is; hand it to the HTTP listener as `sessions::caller`.
    public Optional<Caller> caller(String scheme, String credential) {
        if (!scheme.equals("bearer") || !credential.startsWith("ey")) return Optional.empty();
        return tokens.verify(credential).flatMap(proven -> users.signedIn(proven.user(), proven.session()))
                .map(AccessMemory.KnownUser::caller);
    }

    /// Users of the platform itself first, then those of the directory.
    ///
    /// @param code a one-time or recovery code; empty if none was sent
    /// @throws PlatformException `SIGN_IN_REFUSED`, `TOTP_REQUIRED`, `RATE_LIMITED`, `OVERLOADED`; of the directory
    ///                           also `SIGN_IN_UNAVAILABLE`, `FORBIDDEN`, `NAME_TAKEN`
    SignedIn signIn(String address, String name, String password, String code) {
        countAttempt(address);
        var tried = shortened(name);
        try {
            var begun = attempts.begin(tried);
            var isOutside = directory.isPresent()
                    && begun.map(account -> account.user().origin() == User.Origin.LDAP).orElse(true);
            return isOutside ? signInByDirectory(address, tried, begun, password, code)
                    : signInByOwnPassword(address, begun, password, code);
        } catch (PlatformException refusal) {
            if (isRefused(refusal)) attempts.recordFailure(address, handle -> store.account(handle, tried));
            throw refusal;
        }
    }

    /// Counts an attempt to sign in in whatever way.
    ///
    /// @throws PlatformException `RATE_LIMITED`
    void countAttempt(String address) {
        addresses.count(address);
    }

    private SignedIn signInByOwnPassword(String address, Optional<UserStore.Account> begun, String password,
            String code) {
        var proven = attempts.prove(begun, password);
        var entered = database.transaction(OrganizationPath.ROOT, handle ->
                enter(handle, address, unchanged(handle, proven), code));
        return signedIn(entered);
    }

    private SignedIn signInByDirectory(String address, String name, Optional<UserStore.Account> begun,
            String password, String code) {
        // So that it costs what a password of our own costs, and no more at once come to the directory.
        users.passwords().matches(password, Passwords.NOBODYS);
        var who = inDirectory(name, password).orElseThrow(SignInAttempts::refused);
        attempts.begin(who, begun);
        var entered = database.transaction(OrganizationPath.ROOT, handle -> enter(handle, address,
                outsiders.admit(handle, who, directory.orElseThrow().welcome(), now()), code));
        attempts.succeeded(name);
        memory.received(AccessMemory.userChanged(entered.user()));
        return signedIn(entered);
    }

    private Optional<Outsider> inDirectory(String name, String password) {
        try {
            return directory.orElseThrow().prove(name, password);
        } catch (PlatformException unavailable) {
            attempts.undo(name);
            throw unavailable;
        }
    }

    private Entered enter(Handle handle, String address, UserStore.Account account, String code) {
        var user = account.user();
        if (user.totp() && code.isEmpty()) {
            attempts.undo(handle, account);
            return new Entered(user.id(), Optional.empty());
        }
        if (user.totp()) secondFactor.use(handle, account, code);
        attempts.succeeded(handle, user.id());
        record(handle, address, "user.signed_in", user);
        return new Entered(user.id(), Optional.of(open(handle, user)));
    }

    /// Signs somebody in for whom an issuer vouches. Nothing is given out yet but a code, good once and for a minute.
    ///
    /// @param tie what the browser has that began the sign-in, and whoever finds the code has not
    /// @throws PlatformException `SIGN_IN_REFUSED`, `FORBIDDEN`, `NAME_TAKEN`
    String signInFromOutside(String address, Outsider who, Welcome welcome, byte[] tie) {
        var code = Refresh.make(UUID.randomUUID());
        try {
            var id = database.transaction(OrganizationPath.ROOT, handle -> {
                var user = outsiders.admit(handle, who, welcome, now()).user();
                record(handle, address, "user.signed_in", user);
                insert(handle, user, code.session(), code.hash(tie), now().plus(Limits.SIGN_IN_CODE_TIME));
                return user.id();
            });
            memory.received(AccessMemory.userChanged(id));
            return code.text(CODE_PREFIX);
        } catch (PlatformException refusal) {
            if (isRefused(refusal)) {
                attempts.recordFailure(address, handle -> store.account(handle, who.issuer(), who.subject()));
            }
            throw refusal;
        }
    }

    /// @throws PlatformException `SIGN_IN_REFUSED`; a code that was used has then ended its session
    SignedIn redeem(String code, byte[] tie) {
        return renewed(Refresh.parse(CODE_PREFIX, code).orElseThrow(Sessions::over), tie);
    }

    /// @throws PlatformException `SIGN_IN_REFUSED`; an older token has then ended its session
    SignedIn refresh(String refreshToken) {
        return renewed(Refresh.parse(PREFIX, refreshToken).orElseThrow(Sessions::over), NO_TIE);
    }

    private SignedIn renewed(Refresh shown, byte[] tie) {
        var next = Refresh.make(shown.session());
        var renewal = database.transaction(OrganizationPath.ROOT, handle -> {
            var session = store.session(handle, shown.session()).orElseThrow(Sessions::over);
            var isGood = MessageDigest.isEqual(session.hash(), shown.hash(tie)) && session.expiresAt().isAfter(now());
            if (isGood) {
                store.refreshSession(handle, next.session(), next.hash(NO_TIE), now().plus(config.sessionTime()));
            } else end(handle, session.id(), session.user());
            return new Renewal(session.user(), isGood);
        });
        if (renewal.isGood()) return signedIn(renewal.user(), next);
        memory.received(AccessMemory.userChanged(renewal.user()));
        throw over();
    }

    /// Ends the session, and with it its access tokens; nothing happens when it has ended already.
    void signOut(String address, String refreshToken) {
        Refresh.parse(PREFIX, refreshToken).ifPresent(shown -> database.transaction(OrganizationPath.ROOT, handle ->
                store.session(handle, shown.session()).map(session -> {
                    end(handle, session.id(), session.user());
                    store.find(handle, session.user()).ifPresent(user ->
                            record(handle, address, "user.signed_out", user));
                    return session.user();
                })).ifPresent(user -> memory.received(AccessMemory.userChanged(user))));
    }

    /// Ends every session of the user and begins a new one.
    ///
    /// @throws PlatformException `SIGN_IN_REFUSED` when the present password is wrong, `CONFLICT` when it is kept
    ///                           elsewhere
    SignedIn changePassword(Caller.User caller, String address, String present, String wanted) {
        users.known(Long.parseLong(caller.id())).ifPresent(known -> known.user().requireOwnPassword());
        Passwords.check("new_password", wanted, caller.name());
        var proven = attempts.prove(caller.name(), present);
        var hash = users.passwords().hash(wanted);
        var opened = database.transaction(OrganizationPath.ROOT, handle -> {
            var user = unchanged(handle, proven).user();
            store.setPassword(handle, user.id(), hash, now());
            store.endSessions(handle, user.id());
            record(handle, address, "user.password_changed", user);
            memory.publish(handle, AccessMemory.userChanged(user.id()));
            return open(handle, user);
        });
        memory.received(AccessMemory.userChanged(proven.user().id()));
        return signedIn(proven.user().id(), opened);
    }

    private Refresh open(Handle handle, User user) {
        var refresh = Refresh.make(UUID.randomUUID());
        insert(handle, user, refresh.session(), refresh.hash(NO_TIE), now().plus(config.sessionTime()));
        return refresh;
    }

    /// Whoever comes from outside must show from time to time that he is still there.
    private void insert(Handle handle, User user, UUID session, byte[] hash, Instant expiresAt) {
        var endsAt = user.origin() == User.Origin.LOCAL ? Optional.<Instant>empty()
                : Optional.of(now().plus(config.outsideSessionTime()));
        store.insertSession(handle, user, new UserStore.Session(session, user.id(), hash, expiresAt, endsAt), now());
    }

    private void record(Handle handle, String address, String action, User user) {
        users.audit().record(handle, user.caller().actor(address, "http"), action, user.target(), Audit.NOTHING,
                Audit.NOTHING);
    }

    private void end(Handle handle, UUID session, long user) {
        store.endSession(handle, session);
        memory.publish(handle, AccessMemory.userChanged(user));
    }

    /// Hashing took a while, and the user may have been changed meanwhile.
    private UserStore.Account unchanged(Handle handle, UserStore.Account proven) {
        return store.account(handle, proven.user().id())
                .filter(account -> account.password().equals(proven.password()) && !account.user().disabled())
                .orElseThrow(SignInAttempts::refused);
    }

    private SignedIn signedIn(Entered entered) {
        return signedIn(entered.user(), entered.refresh().orElseThrow(() ->
                new PlatformException(ErrorCode.TOTP_REQUIRED, "This user signs in with a second factor.")));
    }

    private SignedIn signedIn(long user, Refresh refresh) {
        return new SignedIn(tokens.issue(user, refresh.session()), refresh.text(PREFIX), "Bearer",
                tokens.time().toSeconds());
    }

    /// What the database could not even compare is nobody's name.
    private static String shortened(String name) {
        if (!StorableText.accepts(name)) return "?";
        return name.substring(0, Math.min(name.length(), Limits.ACCESS_NAME_CHARACTERS + 1));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /// Whether somebody was kept out, rather than asked for more.
    private static boolean isRefused(PlatformException refusal) {
        return switch (refusal.code()) {
            case SIGN_IN_REFUSED, FORBIDDEN, NAME_TAKEN -> true;
            default -> false;
        };
    }

    private static PlatformException over() {
        return new PlatformException(ErrorCode.SIGN_IN_REFUSED, "The session is over.");
    }
}
