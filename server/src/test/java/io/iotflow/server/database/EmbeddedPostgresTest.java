package io.iotflow.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
    private static final int ROWS_BEFORE_THE_KILL = 300;
    private static final String NOBODY = "65534";

    @TempDir
    Path folder;

    @Test
    void whatWasCommittedIsThereAfterKillUnderLoad() throws Exception {
        killUnderLoadAndCheck(List.of(), System.getProperty("java.class.path"), folder.resolve("data"));
    }

    /// The other user can reach neither the build's jars nor this folder, so it gets its own copies in an open one.
    @Test
    void anotherUserRunsItToo() throws Exception {
        assumeTrue(new UnixSystem().getUid() == 0, "only root can start a program as another user");
        var open = Files.createTempDirectory("iotflow-nobody-");
        try {
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
            var classPath = copiedClassPath(open);
            var asNobody = List.of("/usr/bin/setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups",
                    "env", "XDG_CACHE_HOME=" + open.resolve("cache"));
            killUnderLoadAndCheck(asNobody, classPath, open.resolve("data"));
            assertThat(Files.getAttribute(open.resolve("data/cluster"), "unix:uid")).isEqualTo(65534);
            assertThat(open.resolve("cache")).isDirectoryContaining("glob:**/iotflow");
        } finally {
            PostgresBinaries.deleteTree(open);
        }
    }

    @Test
    void secondOpenIsRefusedInPlainWordsAndHarmsNothing() throws Exception {
        try (var first = EmbeddedPostgres.start(folder, 10)) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(folder, 10)).isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("Another platform is using the database in");
            assertThat(select(first, "SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void pidFileOfAnotherProcessIsTakenAway() throws Exception {
        EmbeddedPostgres.start(folder, 10).close();
        var other = new ProcessBuilder("tail", "-f", "/dev/null").start();
        try {
            var pidFile = folder.resolve("cluster/postmaster.pid");
            Files.writeString(pidFile, other.pid() + "\n/proc/self/cwd\n1700000000\n5432\n\n127.0.0.1\n1 2\nready\n");
            Files.setAttribute(pidFile, "unix:uid", Files.getAttribute(folder.resolve("cluster"), "unix:uid"));
            try (var postgres = EmbeddedPostgres.start(folder, 10)) {
                assertThat(select(postgres, "SELECT 1")).isEqualTo(1);
            }
            assertThat(other.isAlive()).as("the other process").isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void orphanThatStillRunsIsStoppedFirst() throws Exception {
        EmbeddedPostgres.start(folder, 10).close();
        Process orphan;
        try (var cluster = PostgresCluster.open(folder)) {
            orphan = cluster.programs().command(cluster.data(), "postgres", List.of("-D", PostgresPrograms.HERE,
                    "-p", Integer.toString(EmbeddedPostgres.freePort()),
                    "-c", EmbeddedPostgres.folderMark(cluster), "-c", "unix_socket_directories=")).start();
            waitForLine(orphan, "ready to accept connections");
        }
        try (var postgres = EmbeddedPostgres.start(folder, 10)) {
            assertThat(orphan.waitFor(5, TimeUnit.SECONDS)).as("the orphan has ended").isTrue();
            assertThat(select(postgres, "SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void startsAfterThePostmasterAloneWasKilled() throws Exception {
        var first = EmbeddedPostgres.start(folder, 10);
        try (var busy = connect(first); var statement = busy.createStatement()) {
            statement.execute("CREATE TABLE kept AS SELECT 7 AS number");
            ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
            first.close();
        }
        try (var second = EmbeddedPostgres.start(folder, 10)) {
            assertThat(select(second, "SELECT number FROM kept")).isEqualTo(7);
        }
    }

    @Test
    void halfMadeClusterIsMadeAgain() throws Exception {
        Files.createDirectories(folder.resolve("cluster.new/base"));
        Files.writeString(folder.resolve("cluster.new/PG_VERSION"), "18");
        try (var postgres = EmbeddedPostgres.start(folder, 10)) {
            assertThat(select(postgres, "SELECT 1")).isEqualTo(1);
            assertThat(folder.resolve("cluster.new")).doesNotExist();
        }
    }

    @Test
    void keepsItsPasswordToItselfAndTheDiskInSync() throws Exception {
        try (var postgres = EmbeddedPostgres.start(folder, 10)) {
            assertThat(Files.getPosixFilePermissions(folder.resolve("password")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), "wrong"))
                    .hasMessageContaining("password authentication failed");
            assertThat(select(postgres, """
                    SELECT count(*) FROM pg_settings WHERE (name, setting) IN
                    (('fsync', 'on'), ('synchronous_commit', 'on'), ('full_page_writes', 'on'),
                     ('data_checksums', 'on'), ('listen_addresses', '127.0.0.1'))""")).isEqualTo(5);
            assertThat(select(postgres, "SELECT count(*) FROM pg_roles WHERE rolname = current_user AND rolsuper"))
                    .as("the platform's role is no superuser").isZero();
        }
    }

    @Test
    void warmStartIsQuick() {
        EmbeddedPostgres.start(folder, 10).close();
        var best = Long.MAX_VALUE;
        for (var round = 0; round < 3; round++) {
            var began = System.nanoTime();
            EmbeddedPostgres.start(folder, 10).close();
            best = Math.min(best, (System.nanoTime() - began) / 1_000_000);
        }
        assertThat(best).as("milliseconds for a warm start and stop").isLessThan(3_000);
    }

    static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    private static long select(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = connect(postgres); var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void killUnderLoadAndCheck(List<String> prefix, String classPath, Path data) throws Exception {
        var committed = 0L;
        var pids = new ArrayList<Long>();
        for (var round = 0; round < 2; round++) {
            var child = startChild(prefix, classPath, data);
            try (var output = child.inputReader()) {
                var words = output.lines().filter(line -> line.matches("(pid )?[0-9]+")).iterator();
                pids.add(Long.parseLong(words.next().substring("pid ".length())));
                var target = committed + ROWS_BEFORE_THE_KILL;
                while (committed < target) committed = Long.parseLong(words.next());
                child.toHandle().destroyForcibly(); // unlike the process's own call, this leaves its output to be read
                while (words.hasNext()) committed = Long.parseLong(words.next());
            }
        }
        try (var postgres = EmbeddedPostgres.start(data, 10)) {
            assertThat(select(postgres, "SELECT count(*) FROM written WHERE number <= " + committed))
                    .isEqualTo(committed);
            assertThat(pids).noneMatch(EmbeddedPostgresTest::isRunning);
            pids.add(postgres.pid());
        }
        assertThat(pids).noneMatch(EmbeddedPostgresTest::isRunning);
    }

    /// A zombie that nobody has asked for yet has no command line.
    private static boolean isRunning(long pid) {
        try {
            return !Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private static Process startChild(List<String> prefix, String classPath, Path data) throws IOException {
        var words = new ArrayList<>(prefix);
        words.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
                "-cp", classPath, WritingChild.class.getName(), data.toString()));
        return new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static void waitForLine(Process process, String words) throws IOException {
        var reader = process.inputReader();
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.contains(words)) return;
        }
        throw new IllegalStateException("the process ended without saying: " + words);
    }

    private static String copiedClassPath(Path target) throws IOException {
        var copies = new ArrayList<String>();
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            var source = Path.of(entry);
            var isWanted = Stream.of("classes", "postgres", "xz", "slf4j", "logback", "HikariCP")
                    .anyMatch(source.getFileName().toString()::contains);
            if (!isWanted || !Files.exists(source)) continue;
            var copy = target.resolve(copies.size() + "-" + source.getFileName());
            try (var files = Files.walk(source)) {
                for (var file : files.toList()) Files.copy(file, copy.resolve(source.relativize(file).toString()));
            }
            copies.add(copy.toString());
        }
        return String.join(File.pathSeparator, copies);
    }
}
