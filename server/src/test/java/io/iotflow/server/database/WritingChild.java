package io.iotflow.server.database;

import java.nio.file.Path;

/// A platform of its own JVM that writes rows as fast as it can and prints the number of each one once it is
/// committed, until it is killed.
public final class WritingChild {

    private WritingChild() {}

    public static void main(String[] arguments) {
        var postgres = EmbeddedPostgres.start(Path.of(arguments[0]), 10);
        System.out.println("pid " + postgres.pid());
        try (var connection = EmbeddedPostgresTest.connect(postgres); var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS written (number bigint PRIMARY KEY)");
            for (var number = 1L; ; number++) {
                statement.execute("INSERT INTO written VALUES (" + number + ") ON CONFLICT DO NOTHING");
                System.out.println(number);
            }
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
