package io.iotflow.server.database;

import io.iotflow.server.core.Setting;
import java.time.Duration;
import java.util.Optional;

/// Where the records are kept.
public record DatabaseConfig(
        @Setting(value = "", doc = "JDBC URL of a PostgreSQL 15 or newer, such as"
                + " jdbc:postgresql://db.example.org/iotflow; empty runs the embedded PostgreSQL in the data folder.")
        Optional<String> url,
        @Setting(value = "iotflow", doc = "The role to sign in as at database.url;"
                + " the embedded PostgreSQL makes its own.")
        String user,
        @Setting(value = "", secret = true, doc = "The role's password at database.url;"
                + " the embedded PostgreSQL makes its own.")
        Optional<String> password,
        @Setting(value = "12", doc = "Connections at the most, besides one that listens for notifications;"
                + " more rarely help, because requests wait for one another inside PostgreSQL instead.")
        int poolSize,
        @Setting(value = "5s", doc = "How long a request waits for a free connection before it is answered 503.")
        Duration connectionTimeout,
        @Setting(value = "30s", doc = "A single statement is cancelled after this long.")
        Duration statementTimeout) {

    public DatabaseConfig {
        url.filter(text -> !text.startsWith("jdbc:postgresql:")).ifPresent(_ -> {
            throw new IllegalArgumentException("database.url must begin with jdbc:postgresql:");
        });
        if (poolSize < 2 || poolSize > 500) {
            throw new IllegalArgumentException("database.pool_size must be 2 to 500, not " + poolSize);
        }
        if (connectionTimeout.toMillis() < 250) {
            throw new IllegalArgumentException("database.connection_timeout must be at least 250 ms");
        }
        if (statementTimeout.toMillis() < 100) {
            throw new IllegalArgumentException("database.statement_timeout must be at least 100 ms");
        }
    }

    /// The embedded PostgreSQL, as it runs when nothing is configured.
    public static DatabaseConfig embedded() {
        return new DatabaseConfig(Optional.empty(), "iotflow", Optional.empty(), 12,
                Duration.ofSeconds(5), Duration.ofSeconds(30));
    }
}
