package io.iotflow.server.encryption;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What each organization wants sealed, and the only door for changing that and its keys. What an organization names
/// holds for those below it too; they can name more, not less.
///
/// All of it is in memory, so that a message costs one look; and nothing when nobody has named anything. A change is
/// there before its call is answered, and on other nodes within milliseconds: what is known goes on being used until
/// what is new has been read, however long that takes.
public final class SensitiveFields implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SensitiveFields.class);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

    private final Database database;
    private final KeyRing keyRing;
    private final Audit audit;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    /// Whether a reload will begin that sees all changes up to now.
    private final AtomicBoolean isAsked = new AtomicBoolean();
    private volatile Known known = new Known(Map.of());

    /// @param named    by whoever has named something
    /// @param resolved for each organization that was asked for
    private record Known(Map<OrganizationPath, SensitiveNames> named,
                         ConcurrentHashMap<OrganizationPath, Optional<Sealing>> resolved) {
        Known(Map<OrganizationPath, SensitiveNames> named) {
            this(named, new ConcurrentHashMap<>());
        }
    }

    /// What stands about one organization.
    ///
    /// @param inherited what those above it have named
    /// @param keys      the newest first
    record State(SensitiveNames own, SensitiveNames inherited, List<KeyStore.Version> keys) {}

    public SensitiveFields(Database database, KeyRing keyRing, Audit audit, InstantSource clock) {
        this.database = database;
        this.keyRing = keyRing;
        this.audit = audit;
        this.clock = clock;
        reload();
        keyRing.onChange(() -> {
            if (isAsked.compareAndSet(false, true)) {
                Thread.ofVirtual().name("encryption-reload").start(this::reloadUntilDone);
            }
        });
    }

    /// Empty when nothing of it is sensitive.
    Optional<Sealing> of(OrganizationPath organization) {
        var now = known;
        if (now.named().isEmpty()) return Optional.empty();
        var resolved = now.resolved().get(organization);
        return resolved != null ? resolved : resolve(now, organization, Map.of());
    }

    /// The very first message of an organization waits here until it has a key.
    ///
    /// @param keys those that are known
    private Optional<Sealing> resolve(Known now, OrganizationPath organization,
            Map<OrganizationPath, SealingKey> keys) {
        var names = inherited(now.named(), organization).and(own(now.named(), organization));
        var resolved = Optional.<Sealing>empty();
        if (!names.isEmpty()) {
            var key = keys.get(organization);
            resolved = Optional.of(new Sealing(names, key == null ? keyRing.sealing(organization) : key));
        }
        now.resolved().put(organization, resolved);
        return resolved;
    }

    private static SensitiveNames own(Map<OrganizationPath, SensitiveNames> named, OrganizationPath organization) {
        return named.getOrDefault(organization, SensitiveNames.NONE);
    }

    private static SensitiveNames inherited(Map<OrganizationPath, SensitiveNames> named,
            OrganizationPath organization) {
        var names = SensitiveNames.NONE;
        for (var above = organization.parent(); above.isPresent(); above = above.get().parent()) {
            names = names.and(own(named, above.get()));
        }
        return names;
    }

    /// Whoever has a key, or was asked for before, is resolved before it takes effect, so that messages do not wait.
    private synchronized void reload() {
        var fresh = new Known(database.transaction(OrganizationPath.ROOT, SensitiveFields::load));
        if (!fresh.named().isEmpty()) {
            var keys = keyRing.sealing();
            var organizations = new HashSet<>(known.resolved().keySet());
            organizations.addAll(keys.keySet());
            organizations.retainAll(database.transaction(OrganizationPath.ROOT, SensitiveFields::organizations));
            organizations.forEach(organization -> resolveAhead(fresh, organization, keys));
        }
        known = fresh;
    }

    /// A key that somebody has changed in the database is a fault of its organization's messages, not of the others'.
    private void resolveAhead(Known fresh, OrganizationPath organization, Map<OrganizationPath, SealingKey> keys) {
        try {
            resolve(fresh, organization, keys);
        } catch (KeyDamaged e) {
            LOG.error("event=encryption_key_damaged organization={} effect=\"what it wants sealed is refused\""
                    + " cause=\"{}\"", organization.text(), e.getMessage());
        }
    }

    private void reloadUntilDone() {
        try {
            do {
                try {
                    isAsked.set(false);
                    reload();
                    return;
                } catch (RuntimeException e) {
                    LOG.warn("event=encryption_not_reloaded effect=\"trying again\" cause=\"{}\"", e.getMessage());
                }
            } while (!closing.await(TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    State state(OrganizationPath organization) {
        return database.transaction(OrganizationPath.ROOT, handle -> state(handle, organization));
    }

    private State state(Handle handle, OrganizationPath organization) {
        var named = load(handle);
        return new State(own(named, organization), inherited(named, organization),
                keyRing.versions(handle, organization));
    }

    /// From now on, for what arrives and is written from now on.
    State name(Actor by, OrganizationPath organization, SensitiveNames names) {
        var state = database.transaction(by.organization(), handle -> {
            name(handle, by, organization, own(load(handle), organization), names);
            return organization;
        });
        reload();
        return state(state);
    }

    private void name(Handle handle, Actor by, OrganizationPath organization, SensitiveNames before,
            SensitiveNames names) {
        handle.createUpdate("""
                INSERT INTO sensitive_fields (organization, metrics, metadata, updated_at)
                VALUES (:organization, :metrics, :metadata, :now)
                ON CONFLICT (organization) DO UPDATE
                SET metrics = :metrics, metadata = :metadata, updated_at = :now""")
                .bind("organization", organization.text())
                .bindArray("metrics", String.class, names.metrics().toArray())
                .bindArray("metadata", String.class, names.metadata().toArray())
                .bind("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC)).execute();
        audit.record(handle, by, "encryption.changed", target(organization), document(before), document(names));
        keyRing.publish(handle);
    }

    /// Names more metrics, in somebody else's transaction. Call [#taken] when that has ended well.
    ///
    /// @return those that were not named yet, here or above
    public List<String> include(Handle handle, Actor by, OrganizationPath organization, Collection<String> metrics) {
        var named = load(handle);
        var own = own(named, organization);
        var all = inherited(named, organization).and(own);
        var fresh = metrics.stream().filter(metric -> !all.metrics().contains(metric)).sorted().toList();
        if (fresh.isEmpty()) return fresh;
        var wanted = new ArrayList<>(own.metrics());
        wanted.addAll(fresh);
        name(handle, by, organization, own, SensitiveNames.checked(wanted, List.copyOf(own.metadata())));
        return fresh;
    }

    /// Takes up what [#include] has named.
    public void taken() {
        reload();
    }

    /// From now on another version seals; what older ones have sealed they go on opening.
    State rotate(Actor by, OrganizationPath organization) {
        database.transaction(by.organization(), handle -> {
            keyRing.rotate(handle, organization);
            var version = keyRing.versions(handle, organization).getFirst().version();
            audit.record(handle, by, "encryption.key_rotated", target(organization), Audit.NOTHING,
                    JsonNodeFactory.instance.objectNode().put("version", version));
            return null;
        });
        reload();
        return state(organization);
    }

    /// Nothing that an organization has sealed can be opened any more, by anybody.
    ///
    /// @return the versions destroyed
    List<Integer> destroy(Actor by, OrganizationPath organization) {
        var versions = database.transaction(by.organization(), handle -> {
            var destroyed = keyRing.destroy(handle, organization);
            var what = JsonNodeFactory.instance.objectNode();
            destroyed.forEach(what.putArray("versions")::add);
            audit.record(handle, by, "encryption.keys_destroyed", target(organization), Audit.NOTHING, what);
            return destroyed;
        });
        keyRing.forget();
        reload();
        return versions;
    }

    private static Audit.Target target(OrganizationPath organization) {
        return new Audit.Target("organization", Long.toString(organization.id()), "", organization);
    }

    private static ObjectNode document(SensitiveNames names) {
        var document = JsonNodeFactory.instance.objectNode();
        names.metrics().forEach(document.putArray("metrics")::add);
        names.metadata().forEach(document.putArray("metadata")::add);
        return document;
    }

    private static Set<OrganizationPath> organizations(Handle handle) {
        return handle.createQuery("SELECT path FROM organizations")
                .map((row, _) -> new OrganizationPath(row.getString("path"))).set();
    }

    private static Map<OrganizationPath, SensitiveNames> load(Handle handle) {
        var named = new HashMap<OrganizationPath, SensitiveNames>();
        handle.createQuery("SELECT organization, metrics, metadata FROM sensitive_fields")
                .map((row, _) -> Map.entry(new OrganizationPath(row.getString("organization")),
                        new SensitiveNames(texts(row, "metrics"), texts(row, "metadata"))))
                .forEach(row -> {
                    if (!row.getValue().isEmpty()) named.put(row.getKey(), row.getValue());
                });
        return named;
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
