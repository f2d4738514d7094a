package io.iotflow.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.iotflow.server.core.Closer;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The records' database: a bounded pool of connections to the embedded PostgreSQL or to one elsewhere, with the
/// migrations of `db/migration` applied.
///
/// Calls block; any thread may make them, virtual ones included. More callers than connections wait for their turn up
/// to `database.connection_timeout` and are then answered 503.
///
/// A connection may turn out to be broken, after a restart of PostgreSQL say. That comes out before the work begins,
/// which is then done on a new one. Work that has begun is never done twice: its COMMIT may have arrived.
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(2);

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final Notifications notifications;
    private final boolean isEmbedded;
    private final Closer closer;
    private final ReentrantLock[] turns = new ReentrantLock[256];
    private final ThreadLocal<Boolean> working = new ThreadLocal<>();

    /// How busy the pool is at this moment.
    ///
    /// @param active connections in use
    /// @param open connections in use or idle
    /// @param waiting callers that wait for one
    /// @param limit the most connections there can be
    public record Load(int active, int open, int waiting, int limit) {}

    private record Address(String url, String user, String password) {}

    private Database(HikariDataSource pool, Notifications notifications, boolean isEmbedded, Closer closer) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        this.notifications = notifications;
        this.isEmbedded = isEmbedded;
        this.closer = closer;
        Arrays.setAll(turns, _ -> new ReentrantLock());
    }

    /// Starts what has to be started, connects and migrates.
    ///
    /// @param folder for the embedded PostgreSQL alone; not touched when `config` names another one
    /// @throws DatabaseException when that is impossible
    public static Database open(DatabaseConfig config, Path folder) {
        var closer = new Closer();
        try {
            var address = config.url()
                    .map(url -> new Address(url, config.user(), config.password().orElse("")))
                    .orElseGet(() -> embedded(closer.add(EmbeddedPostgres.start(folder, config.poolSize() + 1))));
            var pool = closer.add(pool(config, address));
            migrate(address);
            var notifications = closer.add(new Notifications(address.url(), properties(address)));
            return new Database(pool, notifications, config.url().isEmpty(), closer);
        } catch (RuntimeException failure) {
            try {
                closer.close();
            } catch (RuntimeException e) {
                failure.addSuppressed(e);
            }
            throw failure;
        }
    }

    /// Runs `work` in one transaction: all of it is kept, or none. A transaction must be short and must not wait for
    /// anything but the database.
    ///
    /// @param scope only rows of this organization and those below are there
    /// @throws PlatformException `UNAVAILABLE` when no connection is to be had or it breaks; any other failure as it is
    public <T, X extends Exception> T transaction(OrganizationPath scope, HandleCallback<T, X> work) throws X {
        var begun = new AtomicBoolean();
        return renewing(begun::get, () -> run(scope, handle -> {
            begun.set(true);
            return work.withHandle(handle);
        }));
    }

    /// A row by one statement that only reads, in one round trip instead of a transaction's four.
    ///
    /// @param scope as above
    /// @throws PlatformException as above
    public <T> Optional<T> first(OrganizationPath scope, String sql, PlainSql.Row<T> read, Object... values) {
        return renewing(() -> false, () -> {
            requireIdle();
            return jdbi.<Optional<T>, RuntimeException>withHandle(handle ->
                    PlainSql.first(handle, scope, sql, read, values));
        });
    }

    private interface Attempt<T, X extends Exception> {
        T make() throws X;
    }

    /// On new connections, if those in the pool have broken meanwhile.
    ///
    /// @param hasBegun whether the attempt may have done something, so that it is not made again
    private <T, X extends Exception> T renewing(BooleanSupplier hasBegun, Attempt<T, X> attempt) throws X {
        try {
            return attempt.make();
        } catch (JdbiException e) {
            if (hasBegun.getAsBoolean() || !meansBroken(e)) throw translated(e);
            LOG.info("event=database_connections_renewed cause=\"{}\"", rootOf(e).getMessage());
        }
        // What broke one has probably broken all, and those that were just in use are not checked again.
        pool.getHikariPoolMXBean().softEvictConnections();
        try {
            return attempt.make();
        } catch (JdbiException e) {
            throw translated(e);
        }
    }

    /// The same, for changes to one thing: on this node they follow one another, and wait their turn without holding a
    /// connection, so that whoever hammers at one device does not take the pool from all others.
    ///
    /// @param key the thing's number; different things may by chance wait for one another, too
    public <T, X extends Exception> T transactionInTurn(OrganizationPath scope, long key, HandleCallback<T, X> work)
            throws X {
        var turn = turns[Math.floorMod(Long.hashCode(key * 0x9E3779B97F4A7C15L), turns.length)];
        if (!await(turn)) throw unavailable();
        try {
            return transaction(scope, work);
        } finally {
            turn.unlock();
        }
    }

    private <T, X extends Exception> T run(OrganizationPath scope, HandleCallback<T, X> work) throws X {
        requireIdle();
        return jdbi.inTransaction(handle -> {
            working.set(true);
            try {
                PlainSql.narrow(handle, scope);
                return work.withHandle(handle);
            } finally {
                working.remove();
            }
        });
    }

    /// It would go on in the same connection, and leave its scope to the outer one.
    private void requireIdle() {
        if (isInTransaction()) throw new IllegalStateException("BUG: a transaction in a transaction");
    }

    /// Whether this thread is in one. What may ask the database, such as a cache, must not be asked then.
    public boolean isInTransaction() {
        return working.get() != null;
    }

    public Notifications notifications() {
        return notifications;
    }

    public boolean isEmbedded() {
        return isEmbedded;
    }

    public Load load() {
        var bean = pool.getHikariPoolMXBean();
        return new Load(bean.getActiveConnections(), bean.getTotalConnections(),
                bean.getThreadsAwaitingConnection(), pool.getMaximumPoolSize());
    }

    /// One round trip.
    ///
    /// @throws PlatformException `UNAVAILABLE` when the database does not answer
    public Duration ping() {
        var began = System.nanoTime();
        transaction(OrganizationPath.ROOT, handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one());
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /// True when a statement failed because a row of that key exists already.
    public static boolean isDuplicate(Throwable failure) {
        return sqlState(failure).filter("23505"::equals).isPresent();
    }

    /// True when a row was not deleted because others refer to it.
    public static boolean isStillUsed(Throwable failure) {
        return sqlState(failure).filter("23503"::equals).isPresent();
    }

    @Override
    public void close() {
        closer.close();
    }

    private boolean await(ReentrantLock turn) {
        try {
            return turn.tryLock(pool.getConnectionTimeout(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Address embedded(EmbeddedPostgres postgres) {
        return new Address(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    private static Properties properties(Address address) {
        var properties = new Properties();
        properties.setProperty("user", address.user());
        properties.setProperty("password", address.password());
        properties.setProperty("ApplicationName", "iotflow");
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("tcpKeepAlive", "true");
        return properties;
    }

    private static HikariDataSource pool(DatabaseConfig config, Address address) {
        var hikari = new HikariConfig();
        hikari.setPoolName("records");
        hikari.setJdbcUrl(address.url());
        hikari.setDataSourceProperties(properties(address));
        hikari.setMaximumPoolSize(config.poolSize());
        hikari.setMinimumIdle(Math.min(2, config.poolSize()));
        hikari.setConnectionTimeout(config.connectionTimeout().toMillis());
        hikari.setInitializationFailTimeout(config.connectionTimeout().toMillis());
        hikari.setConnectionInitSql("SET statement_timeout = " + config.statementTimeout().toMillis());
        try {
            return new HikariDataSource(hikari);
        } catch (RuntimeException e) {
            throw new DatabaseException("PostgreSQL at " + address.url() + " cannot be reached as user "
                    + address.user() + ": " + rootOf(e).getMessage(), e);
        }
    }

    /// On a connection of its own: a migration of large tables may take longer than any other statement.
    private static void migrate(Address address) {
        try {
            var result = Flyway.configure().dataSource(address.url(), address.user(), address.password())
                    .locations("classpath:db/migration").load().migrate();
            LOG.info("event=database_migrated version={} applied={}", result.targetSchemaVersion,
                    result.migrationsExecuted);
        } catch (FlywayException e) {
            throw new DatabaseException("The database's tables cannot be brought up to date: " + e.getMessage(), e);
        }
    }

    private static RuntimeException translated(JdbiException failure) {
        var isLost = sqlState(failure).filter(Database::meansLost).isPresent()
                || rootOf(failure) instanceof SQLTransientConnectionException;
        if (!isLost) return failure;
        LOG.warn("event=database_unavailable cause=\"{}\"", rootOf(failure).getMessage());
        return unavailable();
    }

    private static PlatformException unavailable() {
        return PlatformException.retryLater(ErrorCode.UNAVAILABLE, "The database did not answer in time.", TRY_AGAIN);
    }

    /// Connection failures, shutdown by the administrator, cancelled statements, too many connections.
    private static boolean meansLost(String state) {
        return state.startsWith("08") || state.startsWith("57") || state.startsWith("53");
    }

    /// Connection failures and shutdowns, but not the failure to get a connection in time.
    private static boolean meansBroken(Throwable failure) {
        return !(rootOf(failure) instanceof SQLTransientConnectionException)
                && sqlState(failure).filter(it -> it.startsWith("08") || it.startsWith("57P0")).isPresent();
    }

    private static Optional<String> sqlState(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) return Optional.of(sql.getSQLState());
        }
        return Optional.empty();
    }

    private static Throwable rootOf(Throwable failure) {
        var root = failure;
        while (root.getCause() != null) root = root.getCause();
        return root;
    }
}
