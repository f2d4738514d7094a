package io.iotflow.server.access;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
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
    private static final int SECRET_BYTES = 32;
    private static final int ID_BYTES = 16;

    private final Database database;
    private final AccessMemory memory;
    private final Users users;
    private final AccessTokens tokens;
    private final SignInAttempts attempts;
    private final SecondFactor secondFactor;
    private final AddressLimit addresses;
    private final AccessConfig config;
    private final InstantSource clock;
    private final UserStore store = new UserStore();

    /// What a client gets.
    record SignedIn(String accessToken, String refreshToken, String tokenType, long expiresIn) {}

    private record Renewal(long user, boolean isGood) {}

    private record Refresh(UUID session, byte[] secret) {
        static Refresh make(UUID session) {
            return new Refresh(session, SecretText.random(SECRET_BYTES));
        }

        static Optional<Refresh> parse(String text) {
            if (!text.startsWith(PREFIX)) return Optional.empty();
            try {
                var bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text.substring(PREFIX.length())));
                if (bytes.remaining() != ID_BYTES + SECRET_BYTES) return Optional.empty();
                var session = new UUID(bytes.getLong(), bytes.getLong());
                return Optional.of(new Refresh(session, Arrays.copyOfRange(bytes.array(), ID_BYTES,
                        ID_BYTES + SECRET_BYTES)));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        byte[] hash() {
            return SecretText.sha256(secret);
        }

        String text() {
            return PREFIX + SecretText.text(ByteBuffer.allocate(ID_BYTES + SECRET_BYTES)
                    .putLong(session.getMostSignificantBits()).putLong(session.getLeastSignificantBits())
                    .put(secret).array());
        }
    }

    public Sessions(Database database, KeyRing keyRing, AccessMemory memory, Users users, AccessTokens tokens,
            AccessConfig config, InstantSource clock) {
        this.database = database;
        this.memory = memory;
        this.users = users;
        this.tokens = tokens;
        this.attempts = new SignInAttempts(database, users, clock);
        this.secondFactor = new SecondFactor(database, keyRing, memory, users.audit(), attempts, clock);
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

    /// @param code a one-time or recovery code; empty if none was sent
    /// @throws PlatformException `SIGN_IN_REFUSED`, `TOTP_REQUIRED`, `RATE_LIMITED`, `OVERLOADED`
    SignedIn signIn(String address, String name, String password, String code) {
        addresses.count(address);
        try {
            return signInUnrecorded(address, shortened(name), password, code);
        } catch (PlatformException refusal) {
            if (refusal.code() == ErrorCode.SIGN_IN_REFUSED) attempts.recordFailure(address, shortened(name));
            throw refusal;
        }
    }

    private SignedIn signInUnrecorded(String address, String name, String password, String code) {
        var proven = attempts.prove(name, password);
        var opened = database.transaction(OrganizationPath.ROOT, handle -> {
            var account = unchanged(handle, proven);
            if (account.user().totp() && code.isEmpty()) {
                attempts.undo(handle, account);
                return Optional.<Refresh>empty();
            }
            if (account.user().totp()) secondFactor.use(handle, account, code);
            attempts.succeeded(handle, account.user().id());
            record(handle, address, "user.signed_in", account.user());
            return Optional.of(open(handle, account.user()));
        });
        return signedIn(proven.user().id(), opened.orElseThrow(() ->
                new PlatformException(ErrorCode.TOTP_REQUIRED, "This user signs in with a second factor.")));
    }

    /// @throws PlatformException `SIGN_IN_REFUSED`; an older token has then ended its session
    SignedIn refresh(String refreshToken) {
        var shown = Refresh.parse(refreshToken).orElseThrow(Sessions::over);
        var next = Refresh.make(shown.session());
        var renewal = database.transaction(OrganizationPath.ROOT, handle -> {
            var session = store.session(handle, shown.session()).orElseThrow(Sessions::over);
            var isGood = MessageDigest.isEqual(session.hash(), shown.hash()) && session.expiresAt().isAfter(now());
            if (isGood) store.refreshSession(handle, next.session(), next.hash(), now().plus(config.sessionTime()));
            else end(handle, session.id(), session.user());
            return new Renewal(session.user(), isGood);
        });
        if (renewal.isGood()) return signedIn(renewal.user(), next);
        memory.received(AccessMemory.userChanged(renewal.user()));
        throw over();
    }

    /// Ends the session, and with it its access tokens; nothing happens when it has ended already.
    void signOut(String address, String refreshToken) {
        Refresh.parse(refreshToken).ifPresent(shown -> database.transaction(OrganizationPath.ROOT, handle ->
                store.session(handle, shown.session()).map(session -> {
                    end(handle, session.id(), session.user());
                    store.find(handle, session.user()).ifPresent(user ->
                            record(handle, address, "user.signed_out", user));
                    return session.user();
                })).ifPresent(user -> memory.received(AccessMemory.userChanged(user))));
    }

    /// Ends every session of the user and begins a new one.
    ///
    /// @throws PlatformException `SIGN_IN_REFUSED` when the present password is wrong
    SignedIn changePassword(Caller.User caller, String address, String present, String wanted) {
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
        store.insertSession(handle, user, new UserStore.Session(refresh.session(), user.id(), refresh.hash(),
                now().plus(config.sessionTime())), now());
        return refresh;
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

    private SignedIn signedIn(long user, Refresh refresh) {
        return new SignedIn(tokens.issue(user, refresh.session()), refresh.text(), "Bearer",
                tokens.time().toSeconds());
    }

    private static String shortened(String name) {
        return name.substring(0, Math.min(name.length(), Limits.ACCESS_NAME_CHARACTERS + 1));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException over() {
        return new PlatformException(ErrorCode.SIGN_IN_REFUSED, "The session is over.");
    }
}
