package io.iotflow.server.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.batch.Batch.Line;
import io.iotflow.server.batch.Batch.Outcome;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.PlainSql;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/// The batches in the database.
final class BatchStore {

    Batch insert(Handle handle, Actor by, String operation, ObjectNode params, boolean isAtomic, List<Device> devices,
            Instant now) {
        var actor = Json.mapper().createObjectNode().put("kind", by.kind().name()).put("id", by.id())
                .put("name", by.name()).put("address", by.address())
                .put("protocol", by.protocol());
        var batch = handle.createQuery("""
                INSERT INTO batches (organization, operation, params, actor, is_atomic, devices, created_at)
                VALUES (:organization, :operation, :params::jsonb, :actor::jsonb, :atomic, :devices, :now)
                RETURNING *""").bind("organization", by.organization().text()).bind("operation", operation)
                .bind("params", params.toString()).bind("actor", actor.toString()).bind("atomic", isAtomic)
                .bind("devices", devices.size()).bind("now", utc(now)).map((row, _) -> batch(row)).one();
        var rows = Json.mapper().createArrayNode();
        for (var device : devices) {
            rows.addObject().put("place", rows.size()).put("device_id", device.id().value())
                    .put("device_name", device.name());
        }
        handle.createUpdate("""
                INSERT INTO batch_outcomes (batch_id, organization, place, device_id, device_name, outcome)
                SELECT :batch, :organization, place, device_id, device_name, 'waiting'
                FROM json_populate_recordset(NULL::batch_outcomes, :rows::json)""").bind("batch", batch.id())
                .bind("organization", batch.organization().text()).bind("rows", rows.toString()).execute();
        return batch;
    }

    Optional<Batch> find(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM batches WHERE id = :id").bind("id", id)
                .map((row, _) -> batch(row)).findOne();
    }

    List<Batch> list(Handle handle, long before, int most) {
        return handle.createQuery("SELECT * FROM batches WHERE id < :before ORDER BY id DESC LIMIT :most")
                .bind("before", before).bind("most", most).map((row, _) -> batch(row)).list();
    }

    /// Those that have not ended, the oldest first.
    List<Batch> open(Handle handle) {
        return handle.createQuery("SELECT * FROM batches WHERE ended_at IS NULL ORDER BY id LIMIT 100")
                .map((row, _) -> batch(row)).list();
    }

    /// False if another node is at it, or it has ended.
    boolean isLocked(Handle handle, Batch batch) {
        return handle.createQuery("SELECT id FROM batches WHERE id = :id AND ended_at IS NULL FOR UPDATE SKIP LOCKED")
                .bind("id", batch.id()).mapTo(Long.class).findOne().isPresent();
    }

    /// The next devices.
    List<Line> waiting(Handle handle, Batch batch, int most) {
        return handle.createQuery("""
                SELECT * FROM batch_outcomes WHERE batch_id = :batch AND outcome = 'waiting'
                ORDER BY place LIMIT :most""").bind("batch", batch.id()).bind("most", most)
                .map((row, _) -> line(row)).list();
    }

    List<Line> lines(Handle handle, long batch, Optional<Outcome> outcome, long after, int most) {
        return handle.createQuery("""
                SELECT * FROM batch_outcomes WHERE batch_id = :batch AND place >= :after
                    AND (:outcome = '' OR outcome = :outcome) ORDER BY place LIMIT :most""")
                .bind("batch", batch).bind("outcome", outcome.map(Outcome::word).orElse(""))
                .bind("after", after).bind("most", most).map((row, _) -> line(row)).list();
    }

    Map<Outcome, Long> counts(Handle handle, long batch) {
        var counts = new TreeMap<Outcome, Long>();
        handle.createQuery("SELECT outcome, count(*) AS count FROM batch_outcomes WHERE batch_id = :batch"
                + " GROUP BY outcome").bind("batch", batch)
                .map((row, _) -> counts.put(outcome(row), row.getLong("count"))).list();
        return counts;
    }

    void write(Handle handle, Batch batch, Collection<Line> lines) {
        PlainSql.runAll(handle, "UPDATE batch_outcomes SET outcome = ?, detail = ? WHERE batch_id = ? AND place = ?",
                lines.stream().map(line -> new Object[] {line.outcome().word(), line.detail(), batch.id(),
                        line.place()}).toList());
    }

    /// Nothing of what waits is done any more.
    void failAll(Handle handle, Batch batch, String why) {
        handle.createUpdate("UPDATE batch_outcomes SET outcome = 'failed', detail = :why"
                + " WHERE batch_id = :batch AND outcome = 'waiting'").bind("why", why).bind("batch", batch.id())
                .execute();
    }

    void end(Handle handle, Batch batch, Instant now) {
        handle.createUpdate("UPDATE batches SET ended_at = :now WHERE id = :id").bind("now", utc(now))
                .bind("id", batch.id()).execute();
    }

    void forget(Handle handle, Instant before) {
        handle.createUpdate("DELETE FROM batches WHERE ended_at < :before").bind("before", utc(before)).execute();
    }

    private static Batch batch(ResultSet row) throws SQLException {
        var actor = json(row.getString("actor"));
        return new Batch(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                row.getString("operation"), json(row.getString("params")),
                new Actor(Actor.Kind.valueOf(actor.path("kind").textValue()), actor.path("id").textValue(),
                        actor.path("name").textValue(), new OrganizationPath(row.getString("organization")),
                        actor.path("address").textValue(), actor.path("protocol").textValue()),
                row.getBoolean("is_atomic"), row.getInt("devices"), time(row, "created_at").orElseThrow(),
                time(row, "ended_at"));
    }

    private static Line line(ResultSet row) throws SQLException {
        return new Line(row.getInt("place"), new DeviceId(row.getLong("device_id")), row.getString("device_name"),
                outcome(row), row.getString("detail"));
    }

    private static Outcome outcome(ResultSet row) throws SQLException {
        return Outcome.valueOf(row.getString("outcome").toUpperCase(Locale.ROOT));
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) Json.mapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
