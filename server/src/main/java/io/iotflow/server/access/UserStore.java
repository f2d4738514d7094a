package io.iotflow.server.access;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// All SQL about users and their sessions. Stateless; the caller holds the connection and the transaction.
final class UserStore {
    private static final String SELECT = """
            SELECT u.*, coalesce(u.built_in_role, r.name) AS role, array_to_string(r.permissions, ' ') AS permissions,
                   array_to_string(u.recovery_codes, ' ') AS codes
            FROM users u LEFT JOIN roles r ON r.id = u.role_id\s""";

    /// A user with what proves that it is the user.
    ///
    /// @param password   null for a user from outside
    /// @param totpSecret sealed; null if there is none
    /// @param totpStep   codes of this time step and older ones are used up
    record Account(User user, String password, Lockout lockout, byte[] totpSecret, long totpStep,
                   Set<String> recoveryCodes) {}

    /// @param hash   of the latest refresh token
    /// @param endsAt when it ends however often it is renewed; empty for never
    record Session(UUID id, long user, byte[] hash, Instant expiresAt, Optional<Instant> endsAt) {}

    List<User> list(Handle handle, Page.Wish wish) {
        return handle.createQuery(SELECT + "WHERE u.id > :after ORDER BY u.id LIMIT :limit")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1).map((row, _) -> user(row)).list();
    }

    Optional<User> find(Handle handle, long id) {
        return handle.createQuery(SELECT + "WHERE u.id = :id").bind("id", id).map((row, _) -> user(row)).findOne();
    }

    /// Locks the user's row until the transaction ends.
    Optional<Account> account(Handle handle, long id) {
        return handle.createQuery(SELECT + "WHERE u.id = :id FOR NO KEY UPDATE OF u").bind("id", id)
                .map((row, _) -> account(row)).findOne();
    }

    /// By name, whichever case it is written in; locks likewise.
    Optional<Account> account(Handle handle, String name) {
        return handle.createQuery(SELECT + "WHERE lower(u.name) = lower(:name) FOR NO KEY UPDATE OF u")
                .bind("name", name).map((row, _) -> account(row)).findOne();
    }

    /// Of a user from outside; locks likewise.
    Optional<Account> account(Handle handle, String issuer, String subject) {
        return handle.createQuery(SELECT
                + "WHERE u.issuer = :issuer AND u.subject = :subject FOR NO KEY UPDATE OF u")
                .bind("issuer", issuer).bind("subject", subject).map((row, _) -> account(row)).findOne();
    }

    long insert(Handle handle, OrganizationPath organization, String name, String password, Users.Given role,
            Instant now) {
        return insert(handle, organization, name, password, null, null, role, now);
    }

    /// A user from outside.
    long insert(Handle handle, OrganizationPath organization, String name, Outsider who, Users.Given role,
            Instant now) {
        return insert(handle, organization, name, null, who.issuer(), who.subject(), role, now);
    }

    private static long insert(Handle handle, OrganizationPath organization, String name, String password,
            String issuer, String subject, Users.Given role, Instant now) {
        return handle.createQuery("""
                INSERT INTO users (organization, name, password, issuer, subject, built_in_role, role_id, created_at,
                    updated_at)
                VALUES (:organization, :name, :password, :issuer, :subject, :built, :role, :now, :now) RETURNING id""")
                .bind("organization", organization.text()).bind("name", name).bind("password", password)
                .bind("issuer", issuer).bind("subject", subject).bind("built", role.builtIn())
                .bind("role", role.id()).bind("now", utc(now)).mapTo(Long.class).one();
    }

    void setRole(Handle handle, long id, Users.Given role, Instant now) {
        handle.createUpdate("""
                UPDATE users SET built_in_role = :built, role_id = :role, updated_at = :now WHERE id = :id""")
                .bind("built", role.builtIn()).bind("role", role.id()).bind("now", utc(now)).bind("id", id).execute();
    }

    void setDisabled(Handle handle, long id, boolean disabled, Instant now) {
        handle.createUpdate("UPDATE users SET disabled = :disabled, updated_at = :now WHERE id = :id")
                .bind("disabled", disabled).bind("now", utc(now)).bind("id", id).execute();
    }

    /// Also forgets failures, and who vouched for the user outside.
    void setPassword(Handle handle, long id, String password, Instant now) {
        handle.createUpdate("""
                UPDATE users SET password = :password, issuer = NULL, subject = NULL, failures = 0,
                    locked_until = NULL, updated_at = :now
                WHERE id = :id""").bind("password", password).bind("now", utc(now)).bind("id", id).execute();
    }

    void setLockout(Handle handle, long id, Lockout lockout) {
        handle.createUpdate("UPDATE users SET failures = :failures, locked_until = :until WHERE id = :id")
                .bind("failures", lockout.failures())
                .bind("until", lockout.until().equals(Instant.MIN) ? null : utc(lockout.until()))
                .bind("id", id).execute();
    }

    /// Secrets of this many bytes, by user; locks their rows until the transaction ends.
    Map<Long, byte[]> totpSecrets(Handle handle, int bytes) {
        return handle.createQuery("SELECT id, totp_secret FROM users WHERE length(totp_secret) = :bytes FOR UPDATE")
                .bind("bytes", bytes).reduceRows(new HashMap<Long, byte[]>(), (found, row) -> {
                    found.put(row.getColumn("id", Long.class), row.getColumn("totp_secret", byte[].class));
                    return found;
                });
    }

    void setTotpSecret(Handle handle, long id, byte[] sealed) {
        handle.createUpdate("UPDATE users SET totp_secret = :secret WHERE id = :id")
                .bind("secret", sealed).bind("id", id).execute();
    }

    /// @param secret sealed; null to have none
    void setTotp(Handle handle, long id, byte[] secret, boolean confirmed, long step, Set<String> recoveryCodes) {
        handle.createUpdate("""
                UPDATE users SET totp_secret = :secret, totp_confirmed = :confirmed, totp_step = :step,
                    recovery_codes = string_to_array(:codes, ' ') WHERE id = :id""")
                .bind("secret", secret).bind("confirmed", confirmed).bind("step", step)
                .bind("codes", String.join(" ", recoveryCodes)).bind("id", id).execute();
    }

    int delete(Handle handle, long id) {
        return handle.createUpdate("DELETE FROM users WHERE id = :id").bind("id", id).execute();
    }

    /// Ends the oldest ones beyond the limit.
    void insertSession(Handle handle, User user, Session session, Instant now) {
        handle.createUpdate("""
                INSERT INTO refresh_tokens (session, user_id, organization, hash, created_at, expires_at, ends_at)
                VALUES (:session, :user, :organization, :hash, :now, LEAST(:expires, :ends), :ends)""")
                .bind("session", session.id()).bind("user", user.id()).bind("organization", user.organization().text())
                .bind("hash", session.hash()).bind("now", utc(now)).bind("expires", utc(session.expiresAt()))
                .bind("ends", session.endsAt().map(UserStore::utc).orElse(null)).execute();
        handle.createUpdate("""
                DELETE FROM refresh_tokens WHERE user_id = :user AND (expires_at <= :now OR session IN (
                    SELECT session FROM refresh_tokens WHERE user_id = :user
                    ORDER BY created_at DESC, session OFFSET :most))""")
                .bind("user", user.id()).bind("now", utc(now)).bind("most", Limits.SESSIONS_PER_USER).execute();
    }

    /// Locks its row until the transaction ends.
    Optional<Session> session(Handle handle, UUID id) {
        return handle.createQuery("SELECT * FROM refresh_tokens WHERE session = :id FOR UPDATE").bind("id", id)
                .map((row, _) -> new Session(row.getObject("session", UUID.class), row.getLong("user_id"),
                        row.getBytes("hash"), time(row, "expires_at"),
                        Optional.ofNullable(row.getObject("ends_at", OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant))).findOne();
    }

    void refreshSession(Handle handle, UUID id, byte[] hash, Instant expiresAt) {
        handle.createUpdate("""
                UPDATE refresh_tokens SET hash = :hash, expires_at = LEAST(:expires, ends_at) WHERE session = :id""")
                .bind("hash", hash).bind("expires", utc(expiresAt)).bind("id", id).execute();
    }

    void endSession(Handle handle, UUID id) {
        handle.createUpdate("DELETE FROM refresh_tokens WHERE session = :id").bind("id", id).execute();
    }

    void endSessions(Handle handle, long user) {
        handle.createUpdate("DELETE FROM refresh_tokens WHERE user_id = :user").bind("user", user).execute();
    }

    Set<UUID> sessions(Handle handle, long user, Instant now) {
        return Set.copyOf(handle.createQuery("""
                SELECT session FROM refresh_tokens WHERE user_id = :user AND expires_at > :now""")
                .bind("user", user).bind("now", utc(now)).mapTo(UUID.class).list());
    }

    private static User user(ResultSet row) throws SQLException {
        var role = row.getString("role");
        var own = row.getString("permissions");
        Set<Permission> permissions = own == null ? Role.builtIn(role).orElse(Set.of()) : Asked.permissionsIn(own);
        var locked = row.getObject("locked_until", OffsetDateTime.class);
        return new User(row.getLong("id"), new OrganizationPath(row.getString("organization")), row.getString("name"),
                User.Origin.of(row.getString("issuer")), role, permissions, row.getBoolean("disabled"),
                row.getBoolean("totp_confirmed"),
                Optional.ofNullable(locked).map(OffsetDateTime::toInstant), time(row, "created_at"),
                time(row, "updated_at"));
    }

    private static Account account(ResultSet row) throws SQLException {
        var user = user(row);
        var codes = row.getString("codes");
        return new Account(user, row.getString("password"),
                new Lockout(row.getInt("failures"), user.lockedUntil().orElse(Instant.MIN)),
                row.getBytes("totp_secret"), row.getLong("totp_step"),
                codes.isEmpty() ? Set.of() : Set.of(codes.split(" ")));
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
    }
}
