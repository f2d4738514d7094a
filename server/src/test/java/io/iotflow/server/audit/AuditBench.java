package io.iotflow.server.audit;

import static io.iotflow.server.core.OrganizationPath.ROOT;

import io.iotflow.server.core.Actor;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.DatabaseConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Executors;

/// Not a test: measures how fast the log grows and how long a proof takes. Arguments: an empty folder and how many
/// entries (a million by default).
final class AuditBench {
    private static final int PROOFS = 1_000;
    private static final int ACTS = 20_000;

    private AuditBench() {}

    public static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[0]);
        var count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        var clock = InstantSource.system();
        try (var database = Database.open(DatabaseConfig.embedded(), folder.resolve("database"))) {
            fill(database, count);
            try (var log = AuditLog.open(database, AuditConfig.standard(), folder.resolve("audit-key"), clock)) {
                var began = System.nanoTime();
                if (!log.catchUp(Duration.ofMinutes(8))) throw new IllegalStateException(log.fault());
                say("numbered %,d entries: %,.0f a second", log.size(), log.size() / seconds(began));
                prove(log);
                record(database, log, clock);
            }
        }
    }

    /// Entries of the usual length, as if they had all been recorded and none numbered yet.
    private static void fill(Database database, int count) {
        var began = System.nanoTime();
        for (int from = 0; from < count; from += 50_000) {
            var first = from;
            database.transaction(ROOT, handle -> handle.execute("""
                    INSERT INTO audit_entries (organization, body)
                    SELECT '/1/', '{"action":"device.updated","actor":{"id":"3","name":"anna","type":"user"},'
                        || '"after":{"location":"Hall ' || n || '"},"before":{"location":"Hall 1"},"organization":1,'
                        || '"source":{"address":"192.0.2.7","protocol":"http"},"target":{"id":"' || n
                        || '","name":"device-' || n || '","type":"device"},'
                        || '"time":"2026-01-01T00:00:00.000000Z","v":1}'
                    FROM generate_series(?, ?) AS n""", first, Math.min(first + 50_000, count) - 1));
        }
        say("filled %,d entries: %,.0f a second", count, count / seconds(began));
    }

    private static void prove(AuditLog log) {
        var random = new Random(7);
        var nanos = new long[PROOFS];
        for (int round = 0; round < 2; round++) { // the first warms up
            for (int i = 0; i < PROOFS; i++) {
                var began = System.nanoTime();
                log.proof(ROOT, 1 + random.nextLong(log.size()));
                nanos[i] = System.nanoTime() - began;
            }
        }
        Arrays.sort(nanos);
        say("proof at %,d entries: p50 %.2f ms, p99 %.2f ms, max %.2f ms", log.size(), nanos[PROOFS / 2] / 1e6,
                nanos[PROOFS * 99 / 100] / 1e6, nanos[PROOFS - 1] / 1e6);
    }

    /// Acts that do nothing but record, twelve at a time, each in a transaction of its own, until all are in the tree.
    private static void record(Database database, AuditLog log, InstantSource clock) throws Exception {
        var audit = new Audit(database, clock);
        var target = new Audit.Target("lamp", "1", "porch", ROOT);
        var began = System.nanoTime();
        try (var threads = Executors.newFixedThreadPool(12)) {
            for (int i = 0; i < ACTS; i++) {
                threads.submit(() -> audit.record(Actor.PLATFORM, "lamp.lit", target, Audit.NOTHING, Audit.NOTHING));
            }
        }
        say("recorded %,d acts in transactions of their own: %,.0f a second", ACTS, ACTS / seconds(began));
        if (!log.catchUp(Duration.ofMinutes(1))) throw new IllegalStateException(log.fault());
        say("and numbered: %,.0f a second, %,d entries", ACTS / seconds(began), log.size());
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static void say(String text, Object... values) {
        System.out.println(String.format(Locale.ROOT, text, values));
    }
}
