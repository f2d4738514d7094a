package io.iotflow.server.encryption;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import io.iotflow.server.encryption.KeyStore.Purpose;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;

/// The keys, unwrapped in memory as they are needed: one of the platform for its own secrets, and for each organization
/// the versions of its key, of which the newest seals and all open. A destroyed one is forgotten on every node within
/// milliseconds, and nothing that it has sealed can be opened any more.
public final class KeyRing implements Notifications.Listener {
    private static final String CHANNEL = "encryption";
    /// There is a key that was not there before; nothing else has changed.
    private static final String NEW_KEY = "key";

    private final Database database;
    private final InstantSource clock;
    private final KeyStore store = new KeyStore();
    private final Wrapping wrapping;
    private final SealingKey platform;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Cache<Integer, Optional<SealingKey>> keys = newCache();

    /// Unwraps the wrapping key, or makes the first one.
    ///
    /// @throws CannotStart when the master key is not the one that wraps what the database has
    public KeyRing(Database database, MasterKeys masterKeys, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        wrapping = database.transaction(OrganizationPath.ROOT, store::wrappingKey)
                .map(it -> new Wrapping(it.id(), masterKeys.unwrap(it.wrapped())))
                .orElseGet(() -> firstWrapping(masterKeys));
        platform = database.transaction(OrganizationPath.ROOT,
                handle -> sealing(handle, OrganizationPath.ROOT, Purpose.PLATFORM));
        database.notifications().subscribe(CHANNEL, this);
    }

    /// Of several nodes that start for the first time, one makes it.
    private Wrapping firstWrapping(MasterKeys masterKeys) {
        var master = masterKeys.first();
        var key = Xaes.random(Xaes.KEY_BYTES);
        var wrapped = master.wrap(key);
        var kept = database.transaction(OrganizationPath.ROOT, handle -> {
            store.lock(handle);
            var others = store.wrappingKey(handle);
            return others.isPresent() ? others.get() : new KeyStore.WrappingKey(
                    store.insertWrappingKey(handle, wrapped, clock.instant()), wrapped);
        });
        return new Wrapping(kept.id(), kept.wrapped().equals(wrapped) ? key : masterKeys.unwrap(kept.wrapped()));
    }

    /// Seals a secret of the platform's own.
    ///
    /// @param kind  a word for what kind of secret it is
    /// @param whose what tells it from others of its kind; it opens for the same only
    public byte[] seal(String kind, String whose, byte[] secret) {
        return platform.seal(secret, context(kind, whose));
    }

    /// Empty when it was sealed for another or was changed.
    public Optional<byte[]> open(String kind, String whose, byte[] sealed) {
        return platform.open(sealed, context(kind, whose));
    }

    private static byte[] context(String kind, String whose) {
        return SealingKey.context(kind, whose.getBytes(StandardCharsets.UTF_8));
    }

    /// The key that seals for an organization; made if there is none.
    SealingKey sealing(OrganizationPath organization) {
        var key = database.transaction(OrganizationPath.ROOT, handle ->
                sealing(handle, organization, Purpose.ORGANIZATION));
        keys.put(key.id(), Optional.of(key));
        return key;
    }

    /// The keys that seal, of all organizations that have one.
    Map<OrganizationPath, SealingKey> sealing() {
        var found = new HashMap<OrganizationPath, SealingKey>();
        for (var row : database.transaction(OrganizationPath.ROOT, store::sealing)) {
            wrapping.find(row).ifPresent(key ->
                    found.put(row.organization(), new SealingKey(row.id(), row.organization(), key)));
        }
        return found;
    }

    private SealingKey sealing(Handle handle, OrganizationPath organization, Purpose purpose) {
        var known = store.sealing(handle, organization, purpose);
        if (known.isPresent()) return unwrapped(known.get());
        store.lock(handle);
        var others = store.sealing(handle, organization, purpose);
        return others.isPresent() ? unwrapped(others.get()) : made(handle, organization, purpose);
    }

    private SealingKey made(Handle handle, OrganizationPath organization, Purpose purpose) {
        var id = store.nextId(handle);
        var key = Xaes.random(Xaes.KEY_BYTES);
        store.insert(handle, id, organization, purpose, wrapping.wrap(id, key), wrapping.id(), clock.instant());
        database.notifications().publish(handle, CHANNEL, NEW_KEY);
        return new SealingKey(id, organization, key);
    }

    /// The key of a number; empty when there is none, or it is destroyed or was changed in the database.
    Optional<SealingKey> find(int id) {
        var cache = keys;
        var known = cache.getIfPresent(id);
        if (known != null) return known;
        return cache.get(id, unknown -> database.transaction(OrganizationPath.ROOT, handle ->
                store.find(handle, unknown)).flatMap(row -> wrapping.find(row)
                .map(unwrapped -> new SealingKey(row.id(), row.organization(), unwrapped))));
    }

    /// Retires the key that seals for an organization and makes the next version.
    void rotate(Handle handle, OrganizationPath organization) {
        store.lock(handle);
        store.retire(handle, organization, clock.instant());
        made(handle, organization, Purpose.ORGANIZATION);
        publish(handle);
    }

    /// Destroys every version of an organization's key. Call [#forget] after the commit.
    ///
    /// @return which versions that were
    public List<Integer> destroy(Handle handle, OrganizationPath organization) {
        store.lock(handle);
        var versions = store.destroy(handle, organization, clock.instant());
        publish(handle);
        return versions;
    }

    /// Of one organization, the newest first.
    List<KeyStore.Version> versions(Handle handle, OrganizationPath organization) {
        return store.versions(handle, organization);
    }

    private SealingKey unwrapped(KeyStore.Version row) {
        return new SealingKey(row.id(), row.organization(), wrapping.unwrap(row));
    }

    /// Calls back on every node when keys, or what is sealed, may have changed. The listener must not block.
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// Tells every node when the transaction commits.
    void publish(Handle handle) {
        database.notifications().publish(handle, CHANNEL, "");
    }

    /// Forgets here what is unwrapped; other nodes do when the transaction has committed.
    public void forget() {
        keys = newCache();
    }

    @Override
    public void received(String payload) {
        forget();
        if (!payload.equals(NEW_KEY)) listeners.forEach(Runnable::run);
    }

    @Override
    public void missed() {
        received("");
    }

    private static Cache<Integer, Optional<SealingKey>> newCache() {
        return Caffeine.newBuilder().maximumSize(Limits.ENCRYPTION_KEYS).build();
    }
}
