package io.iotflow.server.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

/// The PostgreSQL programs, unpacked once for each version from the archive on the class path.
///
/// Two processes may unpack at the same time and either may be killed half way: each unpacks into its own temporary
/// folder and renames it into place, and whoever comes second uses what the first has put there.
final class PostgresBinaries {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresBinaries.class);
    private static final Map<String, String> ARCHIVES = Map.of(
            "amd64", "postgres-linux-x86_64.txz",
            "aarch64", "postgres-linux-arm_64.txz");

    private PostgresBinaries() {}

    /// The `bin` folder, readable by every user of the machine.
    ///
    /// @param caches where to keep the programs: the first that can be written is used
    static Path unpacked(List<Path> caches) {
        var archive = archive();
        IOException failure = null;
        for (var cache : caches) {
            try {
                var home = cache.resolve(versionOf(archive));
                if (!Files.isDirectory(home)) unpack(archive, home);
                return home.resolve("bin");
            } catch (IOException e) {
                if (failure == null) failure = e;
                else failure.addSuppressed(e);
            }
        }
        throw new DatabaseException("PostgreSQL's programs could not be unpacked into any of " + caches
                + ": " + failure, failure);
    }

    private static URL archive() {
        var name = ARCHIVES.get(System.getProperty("os.arch"));
        var url = name == null || !System.getProperty("os.name").equals("Linux")
                ? null : PostgresBinaries.class.getResource("/" + name);
        if (url == null) {
            throw new DatabaseException("There is no embedded PostgreSQL for " + System.getProperty("os.name") + " on "
                    + System.getProperty("os.arch") + ". Set database.url to a PostgreSQL of your own.");
        }
        return url;
    }

    /// The archive's size and check sum stand in the jar's directory, so naming its content costs no reading of it.
    private static String versionOf(URL archive) throws IOException {
        if (!(archive.openConnection() instanceof JarURLConnection connection)) {
            throw new IllegalStateException("BUG: the PostgreSQL archive is not in a jar: " + archive);
        }
        var entry = connection.getJarEntry();
        return "postgres-%08x-%x".formatted(entry.getCrc(), entry.getSize());
    }

    private static void unpack(URL archive, Path home) throws IOException {
        var began = System.nanoTime();
        Files.createDirectories(home.getParent());
        deleteAbandoned(home.getParent());
        var temporary = Files.createTempDirectory(home.getParent(), ".unpacking-");
        try {
            try (var in = new XZInputStream(archive.openStream())) {
                TarReader.unpack(in, temporary);
            }
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(temporary, home, StandardCopyOption.ATOMIC_MOVE);
            LOG.info("event=postgres_unpacked folder={} ms={}", home, (System.nanoTime() - began) / 1_000_000);
        } catch (IOException e) {
            deleteTree(temporary);
            if (!Files.isDirectory(home)) throw e;
        }
    }

    /// What a killed process left behind. An hour is far more than any unpacking takes.
    private static void deleteAbandoned(Path cache) throws IOException {
        var longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        try (var folders = Files.newDirectoryStream(cache, ".unpacking-*")) {
            for (var folder : folders) {
                if (Files.getLastModifiedTime(folder).compareTo(longAgo) < 0) deleteTree(folder);
            }
        }
    }

    /// Deletes a folder and all in it; links are removed, not followed. Nothing happens when it is absent.
    static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (var files = Files.walk(folder)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
