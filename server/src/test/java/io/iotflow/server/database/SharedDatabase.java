package io.iotflow.server.database;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.encryption.EncryptionConfig;
import io.iotflow.server.encryption.KeyRing;
import io.iotflow.server.encryption.MasterKeys;
import io.iotflow.server.encryption.SealedMetadata;
import io.iotflow.server.encryption.SensitiveFields;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.InstantSource;

/// One embedded PostgreSQL for all tests of a JVM, started when first asked for. Tests share its tables, so they use
/// names of their own.
public final class SharedDatabase {
    private static Database database;
    private static KeyRing keyRing;

    private SharedDatabase() {}

    public static synchronized Database open() {
        if (database == null) database = start();
        return database;
    }

    /// The keys in it.
    public static synchronized KeyRing keyRing() {
        open();
        return keyRing;
    }

    /// What seals devices' metadata in it.
    public static SealedMetadata metadata() {
        var clock = InstantSource.system();
        return new SealedMetadata(new SensitiveFields(open(), keyRing(), new Audit(open(), clock), clock), keyRing());
    }

    private static Database start() {
        try {
            var home = Files.createTempDirectory("iotflow-database-");
            var folder = home.resolve("database");
            EmptyDatabase.putInto(folder);
            var opened = Database.open(DatabaseConfig.embedded(), folder);
            keyRing = new KeyRing(opened, new MasterKeys(EncryptionConfig.standard(), folder.resolve("master-key")),
                    InstantSource.system());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                opened.close();
                try {
                    PostgresBinaries.deleteTree(home);
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
