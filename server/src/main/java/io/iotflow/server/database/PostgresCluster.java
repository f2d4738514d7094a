package io.iotflow.server.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/// The files of the embedded PostgreSQL: `lock`, `password` and the folder `cluster`. Whoever holds one of these holds
/// the lock, so any PostgreSQL still running there has lost its platform.
final class PostgresCluster implements AutoCloseable {
    static final String ROLE = "iotflow";

    private final Path folder;
    private final FileChannel lock;
    private final PostgresPrograms programs;
    private final String password;

    private PostgresCluster(Path folder, FileChannel lock, PostgresPrograms programs, String password) {
        this.folder = folder;
        this.lock = lock;
        this.programs = programs;
        this.password = password;
    }

    /// Takes the folder for this process and makes it a cluster if it is none yet.
    static PostgresCluster open(Path folder) throws IOException {
        Files.createDirectories(folder);
        var home = folder.toRealPath();
        var lock = lock(home);
        try {
            var programs = PostgresPrograms.forFolder(home);
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
            programs.give(home);
            var cluster = home.resolve("cluster");
            if (!Files.isDirectory(cluster)) create(home, cluster, programs);
            return new PostgresCluster(home, lock, programs, Files.readString(home.resolve("password")).strip());
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /// What PostgreSQL calls its data directory.
    Path data() {
        return folder.resolve("cluster");
    }

    PostgresPrograms programs() {
        return programs;
    }

    String password() {
        return password;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel lock(Path home) throws IOException {
        var channel = FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) return channel;
        } catch (OverlappingFileLockException e) {
            // Held by this process: answered below, like a lock that another one holds.
        }
        channel.close();
        throw new DatabaseException("Another platform is using the database in " + home + ". Stop it first, "
                + "or choose another data folder.");
    }

    /// Makes the cluster beside its place and renames it, so that a start that was killed leaves nothing half made.
    private static void create(Path home, Path cluster, PostgresPrograms programs) throws IOException {
        var making = home.resolve("cluster.new");
        PostgresBinaries.deleteTree(making);
        var password = newPassword(home, programs);
        Files.createDirectory(making, mode("rwx------"));
        programs.give(making);
        programs.run(making, "initdb", List.of("-D", PostgresPrograms.HERE, "-U", "postgres", "--pwfile=../password",
                "-A", "scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--no-instructions", "--no-sync"), "");
        // The platform signs in as a role that is no superuser: what it is tricked into, it may not do. Iterations make
        // guessable passwords costlier to guess; this one is 192 bits of chance, so they would only slow each start.
        programs.run(making, "postgres", List.of("--single", "-D", PostgresPrograms.HERE, "-c", "log_checkpoints=off",
                "-c", "scram_iterations=1", "postgres"), """
                CREATE ROLE %1$s LOGIN PASSWORD '%2$s';
                CREATE DATABASE %1$s OWNER %1$s;
                """.formatted(ROLE, password));
        programs.run(making, "initdb", List.of("-D", PostgresPrograms.HERE, "--sync-only"), "");
        Files.move(making, cluster, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String newPassword(Path home, PostgresPrograms programs) throws IOException {
        var random = new byte[24];
        new SecureRandom().nextBytes(random);
        var password = Base64.getUrlEncoder().encodeToString(random);
        var file = home.resolve("password");
        Files.deleteIfExists(file);
        Files.createFile(file, mode("rw-------"));
        try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(password.getBytes(StandardCharsets.US_ASCII)));
            out.force(true);
        }
        programs.give(file);
        return password;
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }
}
