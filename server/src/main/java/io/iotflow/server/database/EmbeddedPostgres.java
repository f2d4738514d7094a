package io.iotflow.server.database;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL that lives and dies with this process. It listens on the loopback address only, on a free port, and
/// asks for a password that stands in a file of mode 0600 in its folder. What it acknowledges is synced to the disk.
///
/// A thread of its own starts it, reads what it says and waits for its end: `--pdeathsig` follows the thread that
/// started a process, so that thread must live as long.
final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int ATTEMPTS = 40;
    private static final int REMEMBERED_LINES = 20;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /// About 90 MB in all; everything synced.
    private static final Map<String, String> SETTINGS = new TreeMap<>(Map.ofEntries(
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("shared_buffers", "32MB"),
            Map.entry("work_mem", "4MB"),
            Map.entry("maintenance_work_mem", "32MB"),
            Map.entry("effective_cache_size", "128MB"),
            Map.entry("min_wal_size", "32MB"),
            Map.entry("max_wal_size", "256MB"),
            Map.entry("max_wal_senders", "0"),
            Map.entry("wal_level", "minimal"),
            Map.entry("io_method", "sync"),
            Map.entry("huge_pages", "off"),
            Map.entry("jit", "off"),
            Map.entry("max_worker_processes", "2"),
            Map.entry("max_parallel_workers_per_gather", "0"),
            Map.entry("max_logical_replication_workers", "0"),
            Map.entry("autovacuum_worker_slots", "2"),
            Map.entry("autovacuum_max_workers", "1"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC"),
            Map.entry("lc_messages", "C"),
            Map.entry("log_line_prefix", ""),
            Map.entry("log_checkpoints", "off"),
            // Errors reach us through JDBC; repeating them here would let a device's mistakes fill the log.
            Map.entry("log_min_messages", "log")));

    private final PostgresCluster cluster;
    private final Postmaster postmaster;

    private EmbeddedPostgres(PostgresCluster cluster, Postmaster postmaster) {
        this.cluster = cluster;
        this.postmaster = postmaster;
    }

    /// @param folder taken for this process; made when absent
    /// @param connections how many the platform will open at the most
    static EmbeddedPostgres start(Path folder, int connections) {
        var began = System.nanoTime();
        try {
            var cluster = PostgresCluster.open(folder);
            try {
                OrphanedPostmaster.stop(cluster);
                var postgres = new EmbeddedPostgres(cluster, startPostmaster(cluster, connections));
                LOG.info("event=postgres_started pid={} port={} ms={}", postgres.pid(), postgres.postmaster.port,
                        (System.nanoTime() - began) / 1_000_000);
                return postgres;
            } catch (IOException | RuntimeException e) {
                cluster.close();
                throw e;
            }
        } catch (IOException e) {
            throw new DatabaseException("The embedded PostgreSQL in " + folder + " cannot be started: " + e, e);
        }
    }

    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + postmaster.port + "/" + PostgresCluster.ROLE;
    }

    String user() {
        return PostgresCluster.ROLE;
    }

    String password() {
        return cluster.password();
    }

    long pid() {
        return postmaster.process().pid();
    }

    @Override
    public void close() {
        try (cluster) {
            OrphanedPostmaster.stop(postmaster.stopping().toHandle(), cluster);
            postmaster.keeper.join(Duration.ofSeconds(5));
            LOG.info("event=postgres_stopped pid={}", pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A word of the command line that says which folder a process serves, for people and for [OrphanedPostmaster].
    static String folderMark(PostgresCluster cluster) {
        return "iotflow.folder=" + cluster.data();
    }

    /// Tries again when the port was taken in the meantime, or when server processes of a killed postmaster have not
    /// yet noticed its death and still hold the shared memory.
    private static Postmaster startPostmaster(PostgresCluster cluster, int connections) throws IOException {
        for (var attempt = 1; ; attempt++) {
            var postmaster = new Postmaster(cluster, connections, freePort());
            if (postmaster.isReady()) return postmaster;
            var said = postmaster.lastLines();
            var passes = said.contains("could not bind") || said.contains("pre-existing shared memory block");
            if (!passes || attempt == ATTEMPTS) {
                throw new DatabaseException("PostgreSQL in " + cluster.data() + " did not start. It said: " + said);
            }
            LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
        }
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// The server process and the thread that keeps it.
    private static final class Postmaster {
        private final int port;
        private final Thread keeper;
        private final ProcessBuilder builder;
        private final CompletableFuture<Void> started = new CompletableFuture<>();
        private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
        private final Deque<String> lines = new ArrayDeque<>();
        private Process process;
        private boolean isStopping;

        Postmaster(PostgresCluster cluster, int connections, int port) throws IOException {
            this.port = port;
            var words = new ArrayList<>(List.of("-D", PostgresPrograms.HERE, "-p", Integer.toString(port),
                    "-c", folderMark(cluster), "-c", "max_connections=" + (connections + 8)));
            SETTINGS.forEach((name, value) -> words.addAll(List.of("-c", name + "=" + value)));
            builder = cluster.programs().command(cluster.data(), "postgres", words);
            keeper = Thread.ofPlatform().name("postgres-keeper").daemon().start(this::keep);
            try {
                started.get();
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while PostgreSQL started", e);
            }
        }

        /// False when it has ended instead.
        boolean isReady() throws IOException {
            try {
                if (ready.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) return true;
                keeper.join();
                return false;
            } catch (TimeoutException e) {
                stopping().destroy();
                throw new IOException("it was not ready after " + START_LIMIT + ": " + lastLines(), e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("BUG: the keeper of PostgreSQL failed", e);
            } catch (InterruptedException e) {
                stopping().destroy();
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while PostgreSQL started", e);
            }
        }

        String lastLines() {
            synchronized (lines) {
                return String.join(" | ", lines);
            }
        }

        synchronized Process process() {
            return process;
        }

        /// From now on its end is meant.
        synchronized Process stopping() {
            isStopping = true;
            return process;
        }

        /// Starts it, and starts it again on the same port when it ends although nobody asked it to: killed for want
        /// of memory, say. The pool reconnects by itself.
        private void keep() {
            for (var pause = FIRST_PAUSE; ; pause = longer(pause)) {
                var exit = run();
                if (!ready.getNow(false) || isStopping()) {
                    ready.complete(false);
                    return;
                }
                LOG.error("event=postgres_ended_by_itself exit={} said=\"{}\" next_start_in={}", exit, lastLines(),
                        pause);
                LockSupport.parkNanos(pause.toNanos());
            }
        }

        private int run() {
            try {
                var child = start();
                if (child.isEmpty()) return 0;
                try (var reader = child.get().inputReader(StandardCharsets.UTF_8)) {
                    listen(reader);
                }
                return child.get().waitFor();
            } catch (IOException e) {
                if (!started.completeExceptionally(e)) LOG.warn("event=postgres_lost cause=\"{}\"", e.toString());
                return -1;
            } catch (InterruptedException e) {
                stopping();
                return -1;
            }
        }

        private synchronized Optional<Process> start() throws IOException {
            if (isStopping) return Optional.empty();
            process = builder.start();
            process.getOutputStream().close();
            started.complete(null);
            return Optional.of(process);
        }

        private static Duration longer(Duration pause) {
            return pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
        }

        private synchronized boolean isStopping() {
            return isStopping;
        }

        private void listen(BufferedReader reader) throws IOException {
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (lines) {
                    if (lines.size() == REMEMBERED_LINES) lines.removeFirst();
                    lines.addLast(line);
                }
                LOG.debug("event=postgres said=\"{}\"", line);
                if (line.endsWith("database system is ready to accept connections")) ready.complete(true);
            }
        }
    }
}
