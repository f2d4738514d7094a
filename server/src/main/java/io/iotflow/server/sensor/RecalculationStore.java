package io.iotflow.server.sensor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// The recalculations in the database. Stateless; the caller holds the connection and the transaction.
final class RecalculationStore {

    /// @param content as it was when whoever runs it said so last
    record Kept(OrganizationPath organization, boolean isRunning, ObjectNode content, Instant seenAt) {}

    /// The oldest of the organization that have ended go, if there are too many.
    long insert(Handle handle, Recalculation recalculation, Instant now) {
        var task = recalculation.task();
        handle.createUpdate("""
                DELETE FROM recalculations WHERE organization = :organization AND NOT is_running AND id <= (
                    SELECT id FROM recalculations WHERE organization = :organization
                    ORDER BY id DESC OFFSET :kept LIMIT 1)""").bind("organization", task.organization().text())
                .bind("kept", FleetLimits.RECALCULATIONS - 1).execute();
        return handle.createQuery("""
                INSERT INTO recalculations (device_id, organization, sensor_id, is_running, content, seen_at)
                VALUES (:device, :organization, :sensor, true, :content::jsonb, :now) RETURNING id""")
                .bind("device", task.device().value()).bind("organization", task.organization().text())
                .bind("sensor", task.sensor().id()).bind("content", recalculation.json(0).toString())
                .bind("now", utc(now)).mapTo(Long.class).one();
    }

    void save(Handle handle, long id, Recalculation recalculation, Instant now) {
        handle.createUpdate("""
                UPDATE recalculations SET is_running = :running, content = :content::jsonb, seen_at = :now
                WHERE id = :id""").bind("running", recalculation.state() == Recalculation.State.RUNNING)
                .bind("content", recalculation.json(id).toString()).bind("now", utc(now)).bind("id", id).execute();
    }

    Optional<Kept> find(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM recalculations WHERE id = :id").bind("id", id)
                .map((row, _) -> kept(row)).findOne();
    }

    /// Whether one of the sensor runs, by what was said of it since.
    ///
    /// @param here those of this node
    boolean isRunningElsewhere(Handle handle, Recalculation.Task task, Collection<Long> here, Instant since) {
        return handle.createQuery("""
                SELECT 1 FROM recalculations WHERE device_id = :device AND sensor_id = :sensor AND is_running
                    AND seen_at > :since AND id <> ALL(:here) LIMIT 1""")
                .bind("device", task.device().value()).bind("sensor", task.sensor().id()).bind("since", utc(since))
                .bindArray("here", Long.class, here.toArray()).mapTo(Integer.class).findOne().isPresent();
    }

    private static Kept kept(ResultSet row) throws SQLException {
        try {
            return new Kept(new OrganizationPath(row.getString("organization")), row.getBoolean("is_running"),
                    ((ObjectNode) Json.mapper().readTree(row.getString("content"))).put("id", row.getLong("id")),
                    row.getObject("seen_at", OffsetDateTime.class).toInstant());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a recalculation that is not JSON", e);
        }
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
