package io.iotflow.server.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A database folder in which every migration has run, made once in a JVM: a copy is there sooner than another one made
/// from nothing. The tests of the start itself make their own.
public final class EmptyDatabase {
    private static Path made;

    private EmptyDatabase() {}

    /// Puts one where there is none yet.
    public static void putInto(Path folder) {
        if (Files.exists(folder)) return;
        try {
            Files.createDirectories(folder.getParent());
            // It keeps owners and rights, without which PostgreSQL does not start.
            var copying = new ProcessBuilder("cp", "-a", made().toString(), folder.toString()).inheritIO().start();
            if (copying.waitFor() != 0) throw new IllegalStateException("cannot copy to " + folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized Path made() throws IOException {
        if (made != null) return made;
        var home = Files.createTempDirectory("iotflow-empty-database-");
        var folder = home.resolve("database");
        Database.open(DatabaseConfig.embedded(), folder).close();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                PostgresBinaries.deleteTree(home);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
        made = folder;
        return made;
    }
}
