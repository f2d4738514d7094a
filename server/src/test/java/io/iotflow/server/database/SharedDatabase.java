package io.iotflow.server.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/// One embedded PostgreSQL for all tests of a JVM, started when first asked for. Tests share its tables, so they use
/// names of their own.
public final class SharedDatabase {
    private static Database database;

    private SharedDatabase() {}

    public static synchronized Database open() {
        if (database == null) database = start();
        return database;
    }

    private static Database start() {
        try {
            var folder = Files.createTempDirectory("iotflow-database-");
            var opened = Database.open(DatabaseConfig.embedded(), folder);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                opened.close();
                try {
                    PostgresBinaries.deleteTree(folder);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
