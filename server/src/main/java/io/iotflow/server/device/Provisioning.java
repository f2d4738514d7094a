package io.iotflow.server.device;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Provisioning keys, and the devices that register with them.
public final class Provisioning {
    private final Database database;
    private final DeviceRegistry registry;
    private final Audit audit;
    private final InstantSource clock;
    private final ProvisioningStore store = new ProvisioningStore();

    /// A new key and its secret, which is shown this once and kept nowhere.
    record Created(ProvisioningKey key, String secret) {}

    public Provisioning(Database database, DeviceRegistry registry, Audit audit, InstantSource clock) {
        this.database = database;
        this.registry = registry;
        this.audit = audit;
        this.clock = clock;
    }

    /// Makes a key for the organization of whoever makes it.
    Created create(Actor by, ProvisioningRoutes.Wish wish) {
        var secret = ApiKey.generate();
        var now = now();
        return database.transactionInTurn(by.organization(), by.organization().id(), handle -> {
            if (store.makeRoom(handle, by.organization(), now) >= Limits.PROVISIONING_KEYS) {
                throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + Limits.PROVISIONING_KEYS
                        + " provisioning keys; revoke one that is not needed any more.");
            }
            var key = store.insert(handle, by.organization(), wish, ApiKey.hashOf(secret).orElseThrow(), now);
            audit.record(handle, by, "provisioning_key.created", key.target(), Audit.NOTHING, key.document());
            return new Created(key, secret);
        });
    }

    List<ProvisioningKey> list(OrganizationPath scope, int limit, int offset) {
        return database.transaction(scope, handle -> store.list(handle, limit, offset));
    }

    /// Devices that have registered with the key stay.
    Optional<ProvisioningKey> revoke(Actor by, long id) {
        return database.transaction(by.organization(), handle -> {
            var revoked = store.revoke(handle, id, now());
            revoked.ifPresent(key -> audit.record(handle, by, "provisioning_key.revoked", key.target(),
                    Audit.NOTHING, Audit.NOTHING));
            return revoked;
        });
    }

    /// The key whose secret was shown, if it opens anything now.
    Optional<ProvisioningKey> find(String secret) {
        return ApiKey.hashOf(secret).flatMap(hash -> database.transaction(OrganizationPath.ROOT,
                        handle -> store.find(handle, hash)))
                .filter(key -> key.state(now()) == ProvisioningKey.State.ACTIVE);
    }

    /// Registers a device into the key's organization and counts it, both or neither.
    ///
    /// @param by     who shows the key
    /// @param sequel done as whoever has the key, in the same transaction
    /// @throws PlatformException `REGISTRATION_CLOSED` if the key has ended meanwhile, and those of
    ///                           [DeviceRegistry#register]
    DeviceRegistry.Registered register(Actor by, ProvisioningKey key, String name, Profile profile,
            DeviceRegistry.Sequel sequel) {
        var bearer = new Actor(by.kind(), "", "provisioning key " + key.name(), key.organization(), by.address(),
                by.protocol());
        return registry.register(bearer, name, profile, DeviceStatus.ACTIVE, handle -> {
            if (!store.use(handle, key.id(), now())) throw notValid();
        }, sequel);
    }

    static PlatformException notValid() {
        return RegistrationGate.closed("The provisioning key is not valid, or not any more.");
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
