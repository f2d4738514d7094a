package io.iotflow.server.audit;

import io.iotflow.server.database.Notifications;
import io.iotflow.server.database.PlainSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/// All SQL about entries and checkpoints. The caller holds the connection and the transaction.
final class AuditStore {
    /// The advisory lock of whichever node lets the log grow.
    private static final long LOCK = 0x10f1_a0d1L;

    /// An entry.
    ///
    /// @param index its place in the log; empty until the sequencer has come by
    /// @param body  canonical JSON, as it is hashed
    record Row(long id, OptionalLong index, String body) {}

    private AuditStore() {}

    /// And tells the sequencers.
    ///
    /// @param organizations of each of the bodies
    static void insert(Handle handle, String[] organizations, String[] bodies) {
        var message = Notifications.message(Audit.CHANNEL, "");
        if (bodies.length == 1) { // PostgreSQL plans lists anew each time
            PlainSql.run(handle, "INSERT INTO audit_entries (organization, body) VALUES (?, ?) RETURNING "
                    + Notifications.PUBLISH, organizations[0], bodies[0], message);
            return;
        }
        PlainSql.run(handle, """
                WITH inserted AS (INSERT INTO audit_entries (organization, body) SELECT * FROM unnest(?, ?))
                SELECT """ + " " + Notifications.PUBLISH, organizations, bodies, message);
    }

    /// Until the end of the transaction; false if another one has it.
    static boolean lock(Handle handle) {
        return handle.createQuery("SELECT pg_try_advisory_xact_lock(:lock)").bind("lock", LOCK)
                .mapTo(Boolean.class).one();
    }

    /// Entries without a number, by id. Of an act that was committed late the id may be lower than those that have a
    /// number already: it gets the next number all the same.
    static List<Row> unnumbered(Handle handle, int limit) {
        return handle.createQuery("""
                SELECT id, leaf_index, body FROM audit_entries WHERE leaf_index IS NULL ORDER BY id LIMIT :limit""")
                .bind("limit", limit).map(AuditStore::row).list();
    }

    static long countUnnumbered(Handle handle) {
        return handle.createQuery("SELECT count(*) FROM audit_entries WHERE leaf_index IS NULL")
                .mapTo(Long.class).one();
    }

    static void number(Handle handle, List<Row> rows, long first) {
        handle.createUpdate("""
                UPDATE audit_entries SET leaf_index = :first + numbered.place - 1
                FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS numbered (id, place)
                WHERE audit_entries.id = numbered.id""")
                .bind("first", first).bind("ids", rows.stream().mapToLong(Row::id).toArray()).execute();
    }

    /// The newest.
    static Optional<String> checkpoint(Handle handle) {
        return handle.createQuery("SELECT note FROM audit_checkpoints ORDER BY size DESC LIMIT 1")
                .mapTo(String.class).findOne();
    }

    static void insertCheckpoint(Handle handle, long size, String note, Instant now) {
        handle.createUpdate("INSERT INTO audit_checkpoints (size, note, created_at) VALUES (:size, :note, :now)")
                .bind("size", size).bind("note", note).bind("now", now.atOffset(ZoneOffset.UTC)).execute();
    }

    static Optional<Row> find(Handle handle, long id) {
        return handle.createQuery("SELECT id, leaf_index, body FROM audit_entries WHERE id = :id")
                .bind("id", id).map(AuditStore::row).findOne();
    }

    static List<Row> list(Handle handle, AuditQuery query) {
        var statement = handle.createQuery("SELECT id, leaf_index, body FROM audit_entries WHERE "
                + query.condition() + " ORDER BY id DESC LIMIT :limit");
        query.bind(statement);
        return statement.map(AuditStore::row).list();
    }

    /// By index, from one to before another, as far as the transaction's scope goes.
    static List<Row> numbered(Handle handle, long from, long to, int limit) {
        return handle.createQuery("""
                SELECT id, leaf_index, body FROM audit_entries WHERE leaf_index >= :from AND leaf_index < :to
                ORDER BY leaf_index LIMIT :limit""")
                .bind("from", from).bind("to", to).bind("limit", limit).map(AuditStore::row).list();
    }

    private static Row row(ResultSet row, StatementContext context) throws SQLException {
        var index = row.getLong("leaf_index");
        return new Row(row.getLong("id"), row.wasNull() ? OptionalLong.empty() : OptionalLong.of(index),
                row.getString("body"));
    }
}
