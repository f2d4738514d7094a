package io.iotflow.server.device;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// Devices, names, keys and certificates in memory, what does not exist included, so that the hot path never asks
/// PostgreSQL.
///
/// Every change is published in its own transaction and dropped here, on this node at once and on every other when the
/// notification arrives. A load that began before a change cannot put the old state back: dropping waits for loads of
/// the same key, and dropping everything replaces the caches themselves.
final class DeviceCache implements Notifications.Listener {
    private static final String CHANNEL = "device";
    private static final String PROCESS = UUID.randomUUID() + ".";
    private static final AtomicLong MARKS = new AtomicLong();
    private static final int MOST_ECHOES = 10_000;
    private static final Duration ECHO_TIME = Duration.ofMinutes(1);

    private final Database database;
    private final DeviceConfig config;
    private final List<Consumer<DeviceId>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> clearings = new CopyOnWriteArrayList<>();
    /// Marks of changes that were dropped here before PostgreSQL has told this node, too.
    private final Cache<String, Boolean> echoes =
            Caffeine.newBuilder().maximumSize(MOST_ECHOES).expireAfterWrite(ECHO_TIME).build();
    private volatile Caches caches;

    private record Caches(Cache<DeviceId, Optional<Device>> devices,
                          Cache<String, Optional<List<DeviceStore.Named>>> names,
                          Cache<ApiKey.Hash, Optional<DeviceStore.KeyOwner>> keys,
                          Cache<Fingerprint, Optional<CertificateStore.Owner>> certificates) {}

    /// What a change makes invalid.
    ///
    /// @param mark  of this change alone
    /// @param names the device's name, and its name before if that was another
    record Change(String mark, DeviceId id, Set<String> names, List<ApiKey.Hash> keys,
                  List<Fingerprint> certificates) {
        Change(DeviceId id, Set<String> names, List<ApiKey.Hash> keys, List<Fingerprint> certificates) {
            this(PROCESS + MARKS.incrementAndGet(), id, names, keys, certificates);
        }
    }

    DeviceCache(Database database, DeviceConfig config) {
        this.database = database;
        this.config = config;
        this.caches = newCaches();
        database.notifications().subscribe(CHANNEL, this);
    }

    Optional<Device> device(DeviceId id, Function<DeviceId, Optional<Device>> load) {
        return find(caches.devices(), id, load);
    }

    /// As far as it is in here.
    Optional<Device> known(DeviceId id) {
        var found = caches.devices().getIfPresent(id);
        return found == null ? Optional.empty() : found;
    }

    /// Every living device of that name, in whichever organization.
    List<DeviceStore.Named> named(String name, Function<String, List<DeviceStore.Named>> load) {
        return find(caches.names(), name, unknown -> Optional.of(load.apply(unknown)).filter(all -> !all.isEmpty()))
                .orElse(List.of());
    }

    Optional<DeviceStore.KeyOwner> owner(ApiKey.Hash hash,
                                         Function<ApiKey.Hash, Optional<DeviceStore.KeyOwner>> load) {
        return find(caches.keys(), hash, load);
    }

    Optional<CertificateStore.Owner> owner(Fingerprint fingerprint,
                                           Function<Fingerprint, Optional<CertificateStore.Owner>> load) {
        return find(caches.certificates(), fingerprint, load);
    }

    /// Calls back on every node after a device has changed; at least once, on the changing thread or on the one that
    /// hears notifications, so it must be quick.
    void onChange(Consumer<DeviceId> listener) {
        listeners.add(listener);
    }

    /// Calls back when changes may have been missed.
    void onClear(Runnable listener) {
        clearings.add(listener);
    }

    /// Tells the other nodes when the transaction commits; keys and certificates first, so that a listener who hears of
    /// the device finds them gone.
    void publish(Handle handle, List<Change> changes) {
        var payloads = new ArrayList<String>();
        for (var change : changes) {
            for (var key : change.keys()) payloads.add(change.mark() + " key " + HexFormat.of().formatHex(key.bytes()));
            for (var it : change.certificates()) payloads.add(change.mark() + " certificate " + it.hex());
            for (var name : change.names()) payloads.add(change.mark() + " device " + change.id() + " " + name);
        }
        database.notifications().publish(handle, CHANNEL, payloads);
    }

    /// Forgets here. Call it after the commit.
    void drop(Change change) {
        echoes.put(change.mark(), true);
        for (var key : change.keys()) caches.keys().invalidate(key);
        for (var certificate : change.certificates()) caches.certificates().invalidate(certificate);
        for (var name : change.names()) dropDevice(change.id(), name);
    }

    /// Forgets one device everywhere in here, without any change.
    void drop(DeviceId id, String name) {
        caches.keys().asMap().values().removeIf(owner -> owner.filter(known -> known.device().equals(id)).isPresent());
        caches.certificates().asMap().values()
                .removeIf(owner -> owner.filter(known -> known.device().equals(id)).isPresent());
        dropDevice(id, name);
    }

    void clear() {
        caches = newCaches();
        clearings.forEach(Runnable::run);
    }

    CacheStats deviceStats() {
        return caches.devices().stats();
    }

    CacheStats keyStats() {
        return caches.keys().stats();
    }

    long size() {
        return caches.devices().estimatedSize();
    }

    @Override
    public void received(String payload) {
        var words = payload.split(" ", 4);
        if (echoes.getIfPresent(words[0]) != null) return;
        switch (words.length < 3 ? "" : words[1]) {
            case "device" -> dropDevice(new DeviceId(Long.parseLong(words[2])), words[3]);
            case "key" -> caches.keys().invalidate(ApiKey.Hash.of(HexFormat.of().parseHex(words[2])));
            case "certificate" -> caches.certificates().invalidate(new Fingerprint(words[2]));
            default -> clear();  // A newer node says something we do not know yet: forget everything.
        }
    }

    @Override
    public void missed() {
        clear();
    }

    private void dropDevice(DeviceId id, String name) {
        caches.devices().invalidate(id);
        caches.names().invalidate(name);
        listeners.forEach(listener -> listener.accept(id));
    }

    private static <K, V> Optional<V> find(Cache<K, Optional<V>> cache, K key, Function<K, Optional<V>> load) {
        var known = cache.getIfPresent(key);
        return known != null ? known : cache.get(key, load);
    }

    private Caches newCaches() {
        return new Caches(newCache(), newCache(), newCache(), newCache());
    }

    private <K, V> Cache<K, Optional<V>> newCache() {
        return Caffeine.newBuilder().maximumSize(config.cacheSize()).recordStats()
                .expireAfter(Expiry.<K, Optional<V>>writing((_, value) ->
                        value.isPresent() ? config.cacheTime() : config.unknownTime()))
                .build();
    }
}
