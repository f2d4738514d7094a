package io.iotflow.server.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Short messages between the platform's nodes, through PostgreSQL's LISTEN and NOTIFY; made for telling every node's
/// caches what has changed.
///
/// One thread with one connection of its own listens, and reconnects when that breaks. What was published while it was
/// away is lost, so every listener is then told to forget all it has cached.
public final class Notifications implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final String WIRE_CHANNEL = "iotflow";
    /// The same as [#publish] within another [plain statement](PlainSql).
    public static final String PUBLISH = "pg_notify('" + WIRE_CHANNEL + "', ?)";
    private static final Duration PROBE_EVERY = Duration.ofSeconds(20);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /// PostgreSQL refuses payloads of 8,000 bytes and more.
    private static final int MAX_CHARACTERS = 1_900;

    /// Called on the listening thread, one call after the other: it must be quick and must not block.
    public interface Listener {

        /// Somebody, perhaps this node itself, has published `payload`.
        void received(String payload);

        /// Messages may have been missed: take nothing cached for granted.
        void missed();
    }

    private final String url;
    private final Properties properties;
    private final Map<String, List<Listener>> listeners = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile Connection connection;
    private volatile boolean isListening;

    Notifications(String url, Properties properties) {
        this.url = url;
        this.properties = new Properties();
        this.properties.putAll(properties);
        this.properties.setProperty("socketTimeout", "30");
        try {
            connection = listen();
        } catch (SQLException e) {
            throw new DatabaseException("PostgreSQL refused a connection for notifications: " + e.getMessage(), e);
        }
        thread = Thread.ofPlatform().name("database-notifications").daemon().start(this::run);
    }

    /// @param channel a feature's word such as `device`, without a colon
    public void subscribe(String channel, Listener listener) {
        checkChannel(channel);
        listeners.computeIfAbsent(channel, _ -> new CopyOnWriteArrayList<>()).add(listener);
    }

    /// Publishes when the transaction of `handle` commits, and not at all when it does not.
    public void publish(Handle handle, String channel, String payload) {
        PlainSql.run(handle, "SELECT " + PUBLISH, message(channel, payload));
    }

    /// The same of several, in their order.
    public void publish(Handle handle, String channel, Collection<String> payloads) {
        if (payloads.size() < 2) { // PostgreSQL plans lists anew each time
            payloads.forEach(payload -> publish(handle, channel, payload));
            return;
        }
        PlainSql.run(handle, "SELECT pg_notify('" + WIRE_CHANNEL + "', payload) FROM unnest(?) AS payload",
                (Object) payloads.stream().map(payload -> message(channel, payload)).toArray(String[]::new));
    }

    /// The value of [#PUBLISH].
    public static String message(String channel, String payload) {
        checkChannel(channel);
        if (payload.length() > MAX_CHARACTERS) {
            throw new IllegalStateException("BUG: a notification of " + payload.length() + " characters");
        }
        return channel + ":" + payload;
    }

    /// False while the connection is broken; changes made on other nodes are then not heard of.
    public boolean isListening() {
        return isListening;
    }

    @Override
    public void close() {
        closing.countDown();
        closeConnection();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void checkChannel(String channel) {
        if (channel.isEmpty() || channel.indexOf(':') >= 0) {
            throw new IllegalStateException("BUG: not a channel: " + channel);
        }
    }

    private void run() {
        while (isOpen()) {
            try {
                receive(connection);
            } catch (SQLException e) {
                isListening = false;
                if (isOpen()) {
                    LOG.warn("event=notifications_lost cause=\"{}\"", e.getMessage());
                    reconnect();
                }
            }
        }
        closeConnection();
        isListening = false;
    }

    private void receive(Connection source) throws SQLException {
        var postgres = source.unwrap(PGConnection.class);
        while (isOpen()) {
            var arrived = postgres.getNotifications((int) PROBE_EVERY.toMillis());
            for (var notification : arrived) deliver(notification.getParameter());
            if (arrived.length == 0) probe(source);
        }
    }

    /// A peer that vanished says nothing; asking it something brings that to light.
    private static void probe(Connection source) throws SQLException {
        try (var statement = source.createStatement()) {
            statement.execute("SELECT 1");
        }
    }

    private void reconnect() {
        closeConnection();
        for (var pause = FIRST_PAUSE; isOpen(); pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE)) {
            try {
                if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) return;
                connection = listen();
                if (!isOpen()) closeConnection();
                listeners.values().forEach(list -> list.forEach(listener -> guarded(listener::missed)));
                LOG.info("event=notifications_resumed");
                return;
            } catch (SQLException e) {
                LOG.debug("event=notifications_still_lost cause=\"{}\"", e.getMessage());
            } catch (InterruptedException e) {
                closing.countDown();
            }
        }
    }

    private Connection listen() throws SQLException {
        var fresh = DriverManager.getConnection(url, properties);
        try (var statement = fresh.createStatement()) {
            statement.execute("LISTEN " + WIRE_CHANNEL);
        } catch (SQLException e) {
            fresh.close();
            throw e;
        }
        isListening = true;
        return fresh;
    }

    private void deliver(String text) {
        var colon = text.indexOf(':');
        if (colon < 0) return;
        var payload = text.substring(colon + 1);
        for (var listener : listeners.getOrDefault(text.substring(0, colon), List.of())) {
            guarded(() -> listener.received(payload));
        }
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.error("event=notification_listener_failed", e);
        }
    }

    private void closeConnection() {
        try {
            // Not close(): that would wait for the thread that is reading from it.
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("event=notifications_close_failed cause=\"{}\"", e.getMessage());
        }
    }

    private boolean isOpen() {
        return closing.getCount() > 0;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
