package io.iotflow.server.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL whose platform was killed. It usually stops by itself; whatever is left is stopped before the next
/// start, and a `postmaster.pid` whose number now belongs to somebody else is taken away.
final class OrphanedPostmaster {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedPostmaster.class);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

    private OrphanedPostmaster() {}

    /// Must be called only by the holder of the folder's lock.
    static void stop(PostgresCluster cluster) throws IOException {
        var file = cluster.data().resolve("postmaster.pid");
        var process = firstLine(file).flatMap(OrphanedPostmaster::number).flatMap(ProcessHandle::of);
        if (process.isEmpty()) return;  // PostgreSQL itself deals with the file of a process that is gone.
        if (!isPostmasterOf(process.get(), cluster)) {
            LOG.info("event=postmaster_pid_stale pid={} now=another_process", process.get().pid());
            Files.deleteIfExists(file);
            return;
        }
        LOG.warn("event=postgres_orphan_found pid={}", process.get().pid());
        stop(process.get(), cluster);
    }

    /// Fast shutdown; if that takes too long an immediate one, from which PostgreSQL recovers at its next start.
    static void stop(ProcessHandle process, PostgresCluster cluster) throws IOException {
        for (var attempt : List.of(Attempt.FAST, Attempt.IMMEDIATE)) {
            if (!isPostmasterOf(process, cluster)) return;
            try {
                cluster.programs().run(cluster.data(), "pg_ctl",
                        List.of("kill", attempt.signal, Long.toString(process.pid())), "");
            } catch (DatabaseException e) {
                if (!isPostmasterOf(process, cluster)) return;
                throw e;
            }
            if (ended(process, cluster, attempt.patience)) return;
            LOG.warn("event=postgres_stop_slow pid={} after={}", process.pid(), attempt.patience);
        }
        process.destroyForcibly();
        ended(process, cluster, Duration.ofSeconds(5));
    }

    private enum Attempt {
        FAST("INT", Duration.ofSeconds(15)),
        IMMEDIATE("QUIT", Duration.ofSeconds(5));

        private final String signal;
        private final Duration patience;

        Attempt(String signal, Duration patience) {
            this.signal = signal;
            this.patience = patience;
        }
    }

    /// Not [ProcessHandle#onExit()]: a process whose new parent never asks for its end stays as a zombie for ever, and
    /// counts as alive there.
    private static boolean ended(ProcessHandle process, PostgresCluster cluster, Duration patience) {
        var deadline = System.nanoTime() + patience.toNanos();
        while (isPostmasterOf(process, cluster)) {
            if (System.nanoTime() - deadline > 0) return false;
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return true;
    }

    /// Our command line names the folder, and anyone may read a command line: unlike `/proc/<pid>/cwd`, which root
    /// without CAP_SYS_PTRACE (a container) may not. A zombie has none.
    private static boolean isPostmasterOf(ProcessHandle process, PostgresCluster cluster) {
        try {
            var words = List.of(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                    .split("\0", -1));
            return words.contains(EmbeddedPostgres.folderMark(cluster));
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<String> firstLine(Path file) throws IOException {
        if (!Files.exists(file)) return Optional.empty();
        try (var lines = Files.lines(file)) {
            return lines.findFirst();
        }
    }

    private static Optional<Long> number(String text) {
        try {
            return Optional.of(Long.parseLong(text.strip())).filter(pid -> pid > 1);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
