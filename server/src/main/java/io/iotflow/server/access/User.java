package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// A person who may sign in.
///
/// @param origin who proves that it is he
/// @param role   a built-in role's word, or the name of a role of the same organization
/// @param totp   whether signing in takes a one-time password as well
public record User(long id, OrganizationPath organization, String name, Origin origin, String role,
                   Set<Permission> permissions, boolean disabled, boolean totp, Optional<Instant> lockedUntil,
                   Instant createdAt, Instant updatedAt) {
    /// Stands for the directory where others have an issuer's URL.
    static final String DIRECTORY = "ldap";

    /// Who proves that a user is who he says.
    enum Origin {
        /// The platform itself, by a password of its own.
        LOCAL,
        /// An OpenID issuer.
        OIDC,
        /// The directory.
        LDAP;

        /// @param issuer null for a user of the platform itself
        static Origin of(String issuer) {
            if (issuer == null) return LOCAL;
            return issuer.equals(DIRECTORY) ? LDAP : OIDC;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public User {
        permissions = Set.copyOf(permissions);
    }

    Audit.Target target() {
        return new Audit.Target("user", Long.toString(id), name, organization);
    }

    JsonNode document() {
        return JsonNodeFactory.instance.objectNode().put("name", name).put("origin", origin.word()).put("role", role)
                .put("disabled", disabled).put("totp", totp);
    }

    /// @throws PlatformException `CONFLICT` for a user whose password is kept elsewhere, or who has none
    void requireOwnPassword() {
        var where = switch (origin) {
            case LOCAL -> "";
            case OIDC -> "This user signs in at the OpenID issuer; change the password there.";
            case LDAP -> "This user's password is the directory's; change it there.";
        };
        if (!where.isEmpty()) throw new PlatformException(ErrorCode.CONFLICT, where);
    }

    Caller.User caller() {
        return new Caller.User(Actor.Kind.USER, Long.toString(id), name, organization, permissions);
    }
}
