package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/// Credentials of programs: they belong to an organization, may do what their permissions say, and end by themselves.
public final class ServiceTokens {
    private static final String PREFIX = "iotf_";
    private static final int SECRET_BYTES = 32;
    private static final int CHARACTERS = PREFIX.length() + 43;
    private static final String COLUMNS = """
            id, organization, name, array_to_string(permissions, ' ') AS permissions, created_by, created_at,
            expires_at""";

    private final Database database;
    private final AccessMemory memory;
    private final Audit audit;
    private final InstantSource clock;

    /// @param createdBy in words
    record ServiceToken(long id, OrganizationPath organization, String name, Set<Permission> permissions,
                        String createdBy, Instant createdAt, Instant expiresAt) {
        Caller.User caller() {
            return new Caller.User(Actor.Kind.TOKEN, Long.toString(id), name, organization, permissions);
        }

        Audit.Target target() {
            return new Audit.Target("token", Long.toString(id), name, organization);
        }

        JsonNode document() {
            return UserRoutes.permissions(JsonNodeFactory.instance.objectNode().put("name", name)
                    .put("expires_at", expiresAt.toString()), permissions);
        }
    }

    /// A new one and its secret, which is shown this once and kept nowhere.
    record Made(ServiceToken token, String secret) {}

    public ServiceTokens(Database database, AccessMemory memory, Audit audit, InstantSource clock) {
        this.database = database;
        this.memory = memory;
        this.audit = audit;
        this.clock = clock;
    }

    /// Whose token it is; hand it to the HTTP listener as `serviceTokens::caller`. hawkBit's gateways call it
    /// `GatewayToken`.
    public Optional<Caller> caller(String scheme, String credential) {
        var isToken = scheme.equals("bearer") || scheme.equals("gatewaytoken");
        if (!isToken || credential.length() != CHARACTERS || !credential.startsWith(PREFIX)) {
            return Optional.empty();
        }
        return memory.token(SecretText.sha256(credential), this::load)
                .filter(known -> clock.instant().isBefore(known.expiresAt())).map(AccessMemory.KnownToken::caller);
    }

    Page<ServiceToken> list(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(handle.createQuery("SELECT " + COLUMNS
                + " FROM service_tokens WHERE id > :after ORDER BY id LIMIT :limit").bind("after", wish.after())
                .bind("limit", wish.limit() + 1).map((row, _) -> token(row)).list(), wish, ServiceToken::id));
    }

    /// @param held what whoever asks may do himself
    Made create(Actor by, Set<Permission> held, OrganizationPath organization, String name,
            Set<Permission> permissions, Instant expiresAt) {
        Roles.requireHeld(held, permissions);
        var now = clock.instant();
        if (!expiresAt.isAfter(now) || expiresAt.isAfter(now.plus(Limits.SERVICE_TOKEN_TIME))) {
            throw PlatformException.invalid("expires_at", "must be in the future, and at most "
                    + Limits.SERVICE_TOKEN_TIME.toDays() + " days away");
        }
        var secret = PREFIX + SecretText.text(SecretText.random(SECRET_BYTES));
        return database.transaction(by.organization(), handle -> {
            var isServiceToken = by.kind() == Actor.Kind.TOKEN && !by.id().equals(AdminToken.ID);
            if (isServiceToken) requireNotToOutlive(by, expiresAt, handle);
            var made = handle.createQuery("""
                    INSERT INTO service_tokens
                        (organization, name, hash, permissions, created_by, created_at, expires_at)
                    VALUES (:organization, :name, :hash, string_to_array(:permissions, ' '), :by, :now, :expires)
                    RETURNING\s""" + COLUMNS)
                    .bind("organization", organization.text()).bind("name", name)
                    .bind("hash", HexFormat.of().parseHex(SecretText.sha256(secret)))
                    .bind("permissions", Asked.words(permissions)).bind("by", by.toString())
                    .bind("now", utc(now)).bind("expires", utc(expiresAt)).map((row, _) -> token(row)).one();
            audit.record(handle, by, "token.created", made.target(), Audit.NOTHING, made.document());
            return new Made(made, secret);
        });
    }

    /// Else a token that may make tokens would never end.
    private static void requireNotToOutlive(Actor token, Instant expiresAt, Handle handle) {
        var own = handle.createQuery("SELECT expires_at FROM service_tokens WHERE id = :id")
                .bind("id", Long.parseLong(token.id())).mapTo(OffsetDateTime.class).findOne()
                .orElseThrow(() -> new PlatformException(ErrorCode.UNAUTHORIZED, "The credentials are not valid."));
        if (expiresAt.isAfter(own.toInstant())) {
            throw PlatformException.invalid("expires_at", "must not be after the end of the token that asks, "
                    + own.toInstant() + "; a user may give a later one");
        }
    }

    /// Takes effect at once.
    void revoke(Actor by, long id) {
        var hash = database.transaction(by.organization(), handle -> {
            var gone = handle.createQuery("SELECT " + COLUMNS + " FROM service_tokens WHERE id = :id").bind("id", id)
                    .map((row, _) -> token(row)).findOne()
                    .orElseThrow(() -> PlatformException.notFound("such token"));
            audit.record(handle, by, "token.revoked", gone.target(), gone.document(), Audit.NOTHING);
            var revoked = HexFormat.of().formatHex(handle
                    .createQuery("DELETE FROM service_tokens WHERE id = :id RETURNING hash").bind("id", id)
                    .mapTo(byte[].class).findOne().orElseThrow(() -> PlatformException.notFound("such token")));
            memory.publish(handle, AccessMemory.tokenChanged(revoked));
            return revoked;
        });
        memory.received(AccessMemory.tokenChanged(hash));
    }

    private Optional<AccessMemory.KnownToken> load(String hash) {
        return database.transaction(OrganizationPath.ROOT, handle -> handle.createQuery("SELECT " + COLUMNS
                + " FROM service_tokens WHERE hash = :hash").bind("hash", HexFormat.of().parseHex(hash))
                .map((row, _) -> token(row)).findOne())
                .map(token -> new AccessMemory.KnownToken(token.caller(), token.expiresAt()));
    }

    private static ServiceToken token(ResultSet row) throws SQLException {
        return new ServiceToken(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                row.getString("name"), Asked.permissionsIn(row.getString("permissions")), row.getString("created_by"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("expires_at", OffsetDateTime.class).toInstant());
    }

    private static OffsetDateTime utc(Instant time) {
        return OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
    }
}
