package io.iotflow.server;

import io.iotflow.server.access.AccessMemory;
import io.iotflow.server.access.AccessRoutes;
import io.iotflow.server.access.AccessTokens;
import io.iotflow.server.access.AdminToken;
import io.iotflow.server.access.Directory;
import io.iotflow.server.access.OidcRoutes;
import io.iotflow.server.access.OidcSignIn;
import io.iotflow.server.access.OrganizationRoutes;
import io.iotflow.server.access.Organizations;
import io.iotflow.server.access.Roles;
import io.iotflow.server.access.ServiceTokens;
import io.iotflow.server.access.Sessions;
import io.iotflow.server.access.SigningKeys;
import io.iotflow.server.access.TokenRoutes;
import io.iotflow.server.access.UserRoutes;
import io.iotflow.server.access.Users;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Credentials;
import io.iotflow.server.encryption.KeyRing;
import io.iotflow.server.http.Authentication;
import io.iotflow.server.http.Routes;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// The part of the platform that people and programs come in by, wired like [Platform] itself.
final class People implements AutoCloseable {
    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final AccessMemory memory;
    private final Organizations organizations;
    private final Users users;
    private final AccessTokens accessTokens;
    private final Sessions sessions;
    private final Optional<OidcSignIn> oidc;
    private final ServiceTokens serviceTokens;

    People(PlatformConfig config, Database database, KeyRing keyRing, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
        memory = new AccessMemory(database);
        organizations = new Organizations(database, keyRing, audit, clock);
        users = new Users(database, memory, audit, clock);
        accessTokens = new AccessTokens(new SigningKeys(database, keyRing, memory, config.access(), clock),
                config.access(), clock);
        sessions = new Sessions(database, keyRing, memory, users, accessTokens,
                Directory.of(config.ldap(), organizations), config.access(), clock);
        oidc = OidcSignIn.of(config.oidc(), organizations, sessions, clock);
        serviceTokens = new ServiceTokens(database, memory, audit, clock);
    }

    Organizations organizations() {
        return organizations;
    }

    /// Whoever says who calls, in the order of asking.
    List<Authentication> authentications(Credentials devices, AdminToken operator) {
        return List.of(devices, sessions::caller, serviceTokens::caller, operator::caller);
    }

    /// Calls back when what somebody may do has changed.
    void onChange(Runnable listener) {
        memory.onChange(listener);
    }

    List<Routes> routes() {
        return List.of(new AccessRoutes(sessions, users, accessTokens), new OidcRoutes(sessions, oidc),
                new OrganizationRoutes(organizations),
                new UserRoutes(users, new Roles(database, memory, audit, clock), organizations, clock),
                new TokenRoutes(serviceTokens, organizations));
    }

    @Override
    public void close() {
        oidc.ifPresent(OidcSignIn::close);
    }
}
