package io.iotflow.server.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.iotflow.server.core.Limits;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import io.iotflow.server.http.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// Who may do what, in memory, so that a call costs no query; shared by all nodes as far as changes go. Every change is
/// published in its own transaction and dropped here, on this node at once and on every other when the notification
/// arrives.
public final class AccessMemory implements Notifications.Listener {
    private static final String CHANNEL = "access";
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Duration KEPT_UNKNOWN = Duration.ofSeconds(10);

    private final Database database;
    private volatile Caches caches = newCaches();
    private volatile Runnable onKeys = () -> {};
    private volatile Runnable onChange = () -> {};

    /// A user who may sign in.
    record KnownUser(User user, Caller.User caller, Set<UUID> sessions) {}

    /// A service token.
    record KnownToken(Caller.User caller, Instant expiresAt) {}

    private record Caches(Cache<Long, Optional<KnownUser>> users, Cache<String, Optional<KnownToken>> tokens) {}

    public AccessMemory(Database database) {
        this.database = database;
        database.notifications().subscribe(CHANNEL, this);
    }

    Optional<KnownUser> user(long id, Function<Long, Optional<KnownUser>> load) {
        return find(caches.users(), id, load);
    }

    Optional<KnownToken> token(String hash, Function<String, Optional<KnownToken>> load) {
        return find(caches.tokens(), hash, load);
    }

    /// Calls back on every node when somebody may do something else now, or nothing any more. The listener must not
    /// block.
    public void onChange(Runnable listener) {
        onChange = listener;
    }

    /// Calls back when signing keys have changed.
    void onKeys(Runnable listener) {
        onKeys = listener;
    }

    /// Tells the other nodes when the transaction commits.
    void publish(Handle handle, String change) {
        database.notifications().publish(handle, CHANNEL, change);
    }

    static String userChanged(long id) {
        return "user " + id;
    }

    static String tokenChanged(String hash) {
        return "token " + hash;
    }

    /// What changes many users at once, or the signing keys.
    static String allChanged() {
        return "all";
    }

    /// Forgets here. Call it after the commit.
    @Override
    public void received(String change) {
        var space = change.indexOf(' ');
        var what = change.substring(space + 1);
        switch (space < 0 ? change : change.substring(0, space)) {
            case "user" -> forget(Long.parseLong(what));
            case "token" -> caches.tokens().invalidate(what);
            default -> forgetAll();
        }
        onChange.run();
    }

    /// Reads a user again, without any change.
    void forget(long user) {
        caches.users().invalidate(user);
    }

    @Override
    public void missed() {
        forgetAll();
        onChange.run();
    }

    private void forgetAll() {
        caches = newCaches();
        onKeys.run();
    }

    private static <K, V> Optional<V> find(Cache<K, Optional<V>> cache, K key, Function<K, Optional<V>> load) {
        var known = cache.getIfPresent(key);
        return known != null ? known : cache.get(key, load);
    }

    private static Caches newCaches() {
        return new Caches(newCache(), newCache());
    }

    private static <K, V> Cache<K, Optional<V>> newCache() {
        return Caffeine.newBuilder().maximumSize(Limits.ACCESS_CACHE)
                .expireAfter(Expiry.<K, Optional<V>>writing((_, value) -> value.isPresent() ? KEPT : KEPT_UNKNOWN))
                .build();
    }
}
