package io.iotflow.server.database;

import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    private final Database database = SharedDatabase.open();

    private record Heard(BlockingQueue<String> words) implements Notifications.Listener {
        Heard() {
            this(new LinkedBlockingQueue<>());
        }

        @Override
        public void received(String payload) {
            words.add(payload);
        }

        @Override
        public void missed() {
            words.add("(missed)");
        }

        String next() throws InterruptedException {
            return words.poll(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void transactionKeepsAllOrNothing() {
        database.transaction(ROOT, handle -> handle.execute("CREATE TABLE all_or_nothing (number int)"));
        assertThatThrownBy(() -> database.transaction(ROOT, handle -> {
            handle.execute("INSERT INTO all_or_nothing VALUES (1)");
            throw new IllegalArgumentException("no");
        })).hasMessage("no");
        var rows = database.transaction(ROOT, handle ->
                handle.createQuery("SELECT count(*) FROM all_or_nothing").mapTo(Integer.class).one());
        assertThat(rows).isZero();
    }

    @Test
    void answersUnavailableWhenEveryConnectionIsTaken(@TempDir Path folder) throws Exception {
        var config = new DatabaseConfig(Optional.empty(), "iotflow", Optional.empty(), 2,
                Duration.ofMillis(300), Duration.ofSeconds(30));
        try (var small = Database.open(config, folder); var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var taken = new CountDownLatch(2);
            var release = new CountDownLatch(1);
            for (var i = 0; i < 2; i++) {
                callers.submit(() -> small.transaction(ROOT, handle -> {
                    taken.countDown();
                    return release.await(30, TimeUnit.SECONDS);
                }));
            }
            taken.await();
            assertThat(small.load().active()).isEqualTo(2);
            assertThatThrownBy(small::ping).isInstanceOfSatisfying(PlatformException.class, refusal -> {
                assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                assertThat(refusal.retryAfter()).isPresent();
            });
            release.countDown();
        }
    }

    @Test
    void postmasterThatWasKilledIsStartedAgain(@TempDir Path folder) throws Exception {
        try (var own = Database.open(DatabaseConfig.embedded(), folder)) {
            var heard = new Heard();
            own.notifications().subscribe("again", heard);
            own.transaction(ROOT, handle -> handle.execute("CREATE TABLE kept AS SELECT 7 AS number"));
            var pid = Long.parseLong(Files.readAllLines(folder.resolve("cluster/postmaster.pid")).getFirst());
            useEveryConnection(own);
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            assertThat(heard.next()).as("listens again").isEqualTo("(missed)");
            useEveryConnection(own);
            assertThat(keptNumber(own)).isEqualTo(7);
        }
    }

    /// As many reads at one time as the pool has connections, none of them refused.
    private static void useEveryConnection(Database own) throws Exception {
        var size = DatabaseConfig.embedded().poolSize();
        var all = new CountDownLatch(size);
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var reads = new ArrayList<Future<Integer>>();
            for (var i = 0; i < size; i++) {
                reads.add(callers.submit(() -> own.transaction(ROOT, handle -> {
                    var number = handle.createQuery("SELECT number FROM kept").mapTo(Integer.class).one();
                    all.countDown();
                    assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
                    return number;
                })));
            }
            for (var read : reads) assertThat(read.get()).isEqualTo(7);
        }
    }

    private static int keptNumber(Database own) {
        return own.<Integer, RuntimeException>transaction(ROOT, handle ->
                handle.createQuery("SELECT number FROM kept").mapTo(Integer.class).one());
    }

    private static final String BREAK = "SELECT pg_terminate_backend(pg_backend_pid())";

    @Test
    void aConnectionThatBrokeInThePoolIsReplaced() throws Exception {
        var isOther = new CountDownLatch(1);
        var isPooled = new CountDownLatch(1);
        var pooled = new AtomicInteger();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var other = executor.submit(() -> database.transaction(ROOT, handle -> {
                isOther.countDown();
                isPooled.await();
                return handle.execute("SELECT pg_terminate_backend(?)", pooled.get());
            }));
            isOther.await();
            pooled.set(pid());
            isPooled.countDown();
            other.get();
        }
        assertThat(pid()).isNotEqualTo(pooled.get());
    }

    @Test
    void oneStatementReadsWithinItsScope() {
        var scope = ROOT.child(4711);
        assertThat(database.first(scope, "SELECT current_setting('iotflow.organization') AS scope, ?::int AS number",
                row -> row.getString("scope") + " " + row.getInt("number"), 7)).contains(scope.text() + " 7");
        assertThat(database.first(scope, "SELECT 1 WHERE false", row -> row.getInt(1))).isEmpty();
        assertThatThrownBy(() -> database.first(scope, "SELECT no_such_column", row -> row.getInt(1)))
                .isInstanceOf(JdbiException.class);
        assertThatThrownBy(() -> database.transaction(ROOT, _ -> database.first(scope, "SELECT 1",
                row -> row.getInt(1)))).isInstanceOf(IllegalStateException.class);
    }

    private int pid() {
        return database.transaction(ROOT, handle -> handle.createQuery("SELECT pg_backend_pid()").mapTo(Integer.class)
                .one());
    }

    @Test
    void whatMayHaveBeenDoneIsNotDoneAgain() {
        database.transaction(ROOT, handle -> handle.execute("""
                CREATE TABLE once_only (number int);
                CREATE FUNCTION break_at_commit() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON once_only DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION break_at_commit()"""));
        var attempts = new AtomicInteger();
        unavailable(() -> database.transaction(ROOT, handle -> {
            attempts.incrementAndGet();
            return handle.execute("INSERT INTO once_only VALUES (1)");
        }));
        assertThat(attempts).as("broken by its COMMIT").hasValue(1);
        attempts.set(0);
        unavailable(() -> database.transaction(ROOT, handle -> {
            attempts.incrementAndGet();
            return handle.execute(BREAK);
        }));
        assertThat(attempts).as("broken by its first statement").hasValue(1);
    }

    private static void unavailable(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(PlatformException.class, refusal -> {
            assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(refusal.retryAfter()).isPresent();
        });
    }

    @Test
    void databaseElsewhereServesSeveralNodesThatHearOfOneAnother(@TempDir Path folder) throws Exception {
        try (var elsewhere = EmbeddedPostgres.start(folder.resolve("elsewhere"), 20)) {
            var config = new DatabaseConfig(Optional.of(elsewhere.jdbcUrl()), elsewhere.user(),
                    Optional.of(elsewhere.password()), 2, Duration.ofSeconds(5), Duration.ofSeconds(30));
            try (var one = Database.open(config, folder.resolve("one"));
                    var other = Database.open(config, folder.resolve("other"))) {
                assertThat(one.isEmbedded()).isFalse();
                var heard = new Heard();
                other.notifications().subscribe("nodes", heard);
                publish(one, "nodes", "hello");
                assertThat(heard.next()).isEqualTo("hello");
                assertThat(folder.resolve("one")).doesNotExist();
            }
        }
    }

    /// What stands in for a long migration: its tables are locked for longer than a statement may take.
    @Test
    void migrationsTakeAsLongAsTheyNeed(@TempDir Path folder) throws Exception {
        EmptyDatabase.putInto(folder.resolve("elsewhere"));
        try (var elsewhere = EmbeddedPostgres.start(folder.resolve("elsewhere"), 20);
                var opening = Executors.newVirtualThreadPerTaskExecutor();
                var locking = connected(elsewhere)) {
            locking.setAutoCommit(false);
            locking.createStatement().execute("LOCK TABLE flyway_schema_history IN ACCESS EXCLUSIVE MODE");
            var config = new DatabaseConfig(Optional.of(elsewhere.jdbcUrl()), elsewhere.user(),
                    Optional.of(elsewhere.password()), 2, Duration.ofSeconds(5), Duration.ofMillis(200));
            var opened = opening.submit(() -> Database.open(config, folder.resolve("none")));
            TestPlatform.await("it waits for longer", () -> opened.isDone() || isWaiting(locking));
            locking.rollback();
            opened.get().close();
        }
    }

    private static Connection connected(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    private static boolean isWaiting(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                        WHERE NOT l.granted AND clock_timestamp() - a.query_start > interval '400 ms'""")) {
            return rows.next() && rows.getInt(1) > 0;
        }
    }

    @Test
    void tooLongStatementIsCancelledAndAnsweredUnavailable(@TempDir Path folder) {
        var config = new DatabaseConfig(Optional.empty(), "iotflow", Optional.empty(), 2,
                Duration.ofSeconds(5), Duration.ofMillis(200));
        EmptyDatabase.putInto(folder.resolve("database"));
        try (var strict = Database.open(config, folder.resolve("database"))) {
            assertThatThrownBy(() -> strict.transaction(ROOT, handle -> handle
                    .createQuery("SELECT pg_sleep(20)::text")
                    .mapTo(String.class).one())).isInstanceOfSatisfying(PlatformException.class,
                            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE));
            assertThat(strict.ping()).isPositive();
        }
    }

    @Test
    void oneThingsTransactionsWaitWithoutAConnection() throws Exception {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < 40; i++) {
                callers.submit(() -> database.transactionInTurn(ROOT, 7, handle -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    handle.createQuery("SELECT pg_backend_pid()").mapTo(Integer.class).one();
                    return running.decrementAndGet();
                }));
            }
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void serverErrorsPassUnchanged() {
        assertThatThrownBy(() -> database.transaction(ROOT, handle -> handle.execute("SELECT * FROM nowhere")))
                .isNotInstanceOf(PlatformException.class).hasMessageContaining("nowhere");
    }

    @Test
    void notificationArrivesWhenTheTransactionCommitsAndNotWhenItFails() throws Exception {
        var heard = new Heard();
        database.notifications().subscribe("commits", heard);
        assertThatThrownBy(() -> database.transaction(ROOT, handle -> {
            database.notifications().publish(handle, "commits", "rolled back");
            throw new IllegalArgumentException("no");
        })).hasMessage("no");
        publish(database, "commits", "a:b ü");
        assertThat(heard.next()).isEqualTo("a:b ü");
    }

    @Test
    void notificationsResumeAfterTheirConnectionBreaks() throws Exception {
        var heard = new Heard();
        database.notifications().subscribe("resume", heard);
        var broken = database.transaction(ROOT, handle -> handle.createQuery("""
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE query = 'LISTEN iotflow' OR wait_event = 'ClientRead' AND query = 'SELECT 1'
                  AND pid <> pg_backend_pid() AND usename = current_user""").mapTo(Integer.class).one());
        assertThat(broken).isPositive();
        assertThat(heard.next()).isEqualTo("(missed)");
        assertThat(database.notifications().isListening()).isTrue();
        publish(database, "resume", "again");
        assertThat(heard.next()).isEqualTo("again");
    }

    @Test
    void refusesWhatItCannotReachInPlainWords(@TempDir Path folder) {
        var config = new DatabaseConfig(Optional.of("jdbc:postgresql://127.0.0.1:1/none"), "someone",
                Optional.of("secret"), 2, Duration.ofMillis(300), Duration.ofSeconds(30));
        assertThatThrownBy(() -> Database.open(config, folder)).isInstanceOf(DatabaseException.class)
                .hasMessageContaining("cannot be reached as user someone").hasMessageNotContaining("secret");
        assertThat(folder).isEmptyDirectory();
    }

    private static void publish(Database database, String channel, String text) {
        database.transaction(ROOT, handle -> {
            database.notifications().publish(handle, channel, text);
            return null;
        });
    }
}
