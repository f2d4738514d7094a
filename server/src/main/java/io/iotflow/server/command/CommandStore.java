package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// The commands in the database.
final class CommandStore {

    /// @param wakesAt when time alone changes something next; empty once it has ended
    record Row(Command command, Optional<Instant> wakesAt) {}

    /// Keeps those that are not there yet, by their ids and their keys.
    ///
    /// @return the ids of those that were not, with their numbers
    Map<UUID, Long> insert(Handle handle, Collection<Command> commands) {
        var rows = Json.mapper().createArrayNode();
        for (var command : commands) {
            var terms = command.life().terms();
            var row = life(rows.addObject(), command, command.life().wakesAt(command.createdAt()), command.createdAt())
                    .put("id", command.id().toString()).put("organization", command.organization().text())
                    .put("device_id", command.device().value()).put("type", command.type())
                    .put("author", command.author()).put("priority", command.priority())
                    .put("not_before", terms.notBefore().toString()).put("expires_at", terms.expires().toString())
                    .put("delivery_ms", terms.delivery().toMillis()).put("timeout_ms", terms.timeout().toMillis())
                    .put("attempts_most", terms.attempts()).put("backoff_ms", terms.backoff().toMillis())
                    .put("created_at", command.createdAt().toString());
            row.set("parameters", command.parameters());
            command.job().ifPresent(job -> row.put("job_id", job));
            command.key().ifPresent(key -> row.put("idempotency_key", key));
        }
        return handle.createQuery("""
                INSERT INTO commands (id, organization, device_id, job_id, type, parameters, author, priority,
                    idempotency_key, not_before, expires_at, delivery_ms, timeout_ms, attempts_most, backoff_ms, state,
                    way, attempts, due_at, wakes_at, steps, created_at, updated_at, ended_at)
                SELECT id, organization, device_id, job_id, type, parameters, author, priority,
                    idempotency_key, not_before, expires_at, delivery_ms, timeout_ms, attempts_most, backoff_ms, state,
                    way, attempts, due_at, wakes_at, steps, created_at, updated_at, ended_at
                FROM json_populate_recordset(NULL::commands, :rows::json)
                ON CONFLICT DO NOTHING RETURNING id, number""").bind("rows", rows.toString())
                .reduceRows(new HashMap<>(), (all, row) -> {
                    all.put(row.getColumn("id", UUID.class), row.getColumn("number", Long.class));
                    return all;
                });
    }

    void update(Handle handle, Collection<Row> changed, Instant now) {
        if (changed.isEmpty()) return;
        var rows = Json.mapper().createArrayNode();
        for (var row : changed) {
            life(rows.addObject().put("number", row.command().number()), row.command(), row.wakesAt(), now);
        }
        handle.createUpdate("""
                UPDATE commands SET state = new.state, way = new.way, attempts = new.attempts, due_at = new.due_at,
                    wakes_at = new.wakes_at, steps = new.steps, updated_at = new.updated_at, ended_at = new.ended_at
                FROM json_populate_recordset(NULL::commands, :rows::json) AS new
                WHERE commands.number = new.number""").bind("rows", rows.toString()).execute();
    }

    private static ObjectNode life(ObjectNode row, Command command, Optional<Instant> wakesAt, Instant now) {
        var life = command.life();
        row.put("state", life.state().word()).put("way", life.way().word()).put("attempts", life.attempts())
                .put("updated_at", now.toString());
        life.due().ifPresent(due -> row.put("due_at", due.toString()));
        wakesAt.ifPresent(at -> row.put("wakes_at", at.toString()));
        if (life.state().isEnded()) row.put("ended_at", endOf(life).toString());
        row.set("steps", CommandJson.steps(life));
        return row;
    }

    private static Instant endOf(CommandLife life) {
        return life.steps().stream().filter(step -> !step.isLate()).reduce((_, last) -> last).orElseThrow().at();
    }

    Optional<Command> find(Handle handle, UUID id) {
        return handle.createQuery("SELECT * FROM commands WHERE id = :id").bind("id", id)
                .map((row, _) -> command(row)).findOne();
    }

    Optional<Command> findByKey(Handle handle, DeviceId device, String key) {
        return handle.createQuery("SELECT * FROM commands WHERE device_id = :device AND idempotency_key = :key")
                .bind("device", device.value()).bind("key", key).map((row, _) -> command(row)).findOne();
    }

    /// How many of a device have not ended.
    long open(Handle handle, DeviceId device) {
        return handle.createQuery("SELECT count(*) FROM commands WHERE device_id = :device AND ended_at IS NULL")
                .bind("device", device.value()).mapTo(Long.class).one();
    }

    /// Those of these devices that have as many as they may.
    Set<DeviceId> crowded(Handle handle, Collection<DeviceId> devices) {
        return handle.createQuery("""
                SELECT device_id FROM commands WHERE device_id = ANY(:devices) AND ended_at IS NULL
                GROUP BY device_id HAVING count(*) >= :most""")
                .bind("devices", devices.stream().map(DeviceId::value).toArray(Long[]::new))
                .bind("most", CommandLimits.COMMANDS_OPEN).mapTo(Long.class).list().stream().map(DeviceId::new)
                .collect(Collectors.toSet());
    }

    /// Those of these ids, locked, in the order in which every transaction locks.
    List<Command> lock(Handle handle, Collection<UUID> ids) {
        return handle.createQuery("SELECT * FROM commands WHERE id = ANY(:ids) ORDER BY number FOR NO KEY UPDATE")
                .bind("ids", ids.toArray(UUID[]::new)).map((row, _) -> command(row)).list();
    }

    /// Those for which time has changed something, locked.
    List<Command> lockWoken(Handle handle, Instant now, int most) {
        return handle.createQuery("""
                SELECT * FROM commands WHERE ended_at IS NULL AND wakes_at <= :now
                ORDER BY wakes_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED""")
                .bind("now", utc(now)).bind("most", most).map((row, _) -> command(row)).list();
    }

    /// What waits for these devices and may go out, or went out and was not delivered: of each the first ones, locked.
    List<Command> lockWaiting(Handle handle, Collection<DeviceId> devices, Instant now, int mostOfEach) {
        return handle.createQuery("""
                SELECT waiting.* FROM unnest(:devices) AS device(id) CROSS JOIN LATERAL (
                    SELECT * FROM commands WHERE device_id = device.id AND state IN ('queued', 'sent')
                        AND (state = 'sent' OR due_at <= :now)
                    ORDER BY priority DESC, number LIMIT :most FOR NO KEY UPDATE SKIP LOCKED) AS waiting""")
                .bind("devices", devices.stream().map(DeviceId::value).toArray(Long[]::new)).bind("now", utc(now))
                .bind("most", mostOfEach).map((row, _) -> command(row)).list();
    }

    /// Those of a device that have not reached it yet, locked.
    List<Command> lockUndelivered(Handle handle, DeviceId device) {
        return handle.createQuery("""
                SELECT * FROM commands WHERE device_id = :device AND state IN ('queued', 'sent')
                ORDER BY number FOR NO KEY UPDATE""").bind("device", device.value())
                .map((row, _) -> command(row)).list();
    }

    /// Ended ones from before that time, the oldest first; and jobs of which nothing is left.
    int forget(Handle handle, Instant before, int most) {
        handle.createUpdate("""
                DELETE FROM command_jobs WHERE created_at < :before
                    AND NOT EXISTS (SELECT 1 FROM commands WHERE job_id = command_jobs.id)""")
                .bind("before", utc(before)).execute();
        return handle.createUpdate("""
                DELETE FROM commands WHERE number IN (
                    SELECT number FROM commands WHERE ended_at < :before ORDER BY ended_at LIMIT :most)""")
                .bind("before", utc(before)).bind("most", most).execute();
    }

    static Command command(ResultSet row) throws SQLException {
        var job = row.getLong("job_id");
        var hasJob = !row.wasNull();
        var terms = new Terms(time(row, "not_before").orElseThrow(), time(row, "expires_at").orElseThrow(),
                Duration.ofMillis(row.getLong("delivery_ms")), Duration.ofMillis(row.getLong("timeout_ms")),
                row.getInt("attempts_most"), Duration.ofMillis(row.getLong("backoff_ms")));
        return new Command(row.getLong("number"), row.getObject("id", UUID.class),
                new OrganizationPath(row.getString("organization")), new DeviceId(row.getLong("device_id")),
                hasJob ? OptionalLong.of(job) : OptionalLong.empty(), row.getString("type"),
                (ObjectNode) json(row.getString("parameters")), row.getString("author"), row.getInt("priority"),
                Optional.ofNullable(row.getString("idempotency_key")), time(row, "created_at").orElseThrow(),
                new CommandLife(CommandState.of(row.getString("state")), terms,
                        CommandEvent.Way.of(row.getString("way")), row.getInt("attempts"), time(row, "due_at"),
                        steps((ArrayNode) json(row.getString("steps")))));
    }

    private static List<Step> steps(ArrayNode array) {
        var steps = new ArrayList<Step>(array.size());
        for (var step : array) {
            steps.add(new Step(Instant.parse(step.path("at").textValue()),
                    CommandState.of(step.path("state").textValue()), step.path("late").asBoolean(),
                    step.path("proof")));
        }
        return steps;
    }

    static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
