package io.iotflow.server.shadow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/// All SQL about shadows. Stateless; the caller holds the connection and the transaction.
final class ShadowStore {

    /// One change of a desired half.
    ///
    /// @param version of the desired half
    record Change(long version, JsonNode patch, String author, Instant at) {}

    /// A place in the log, and when that was received.
    record Heard(long position, long micros) {
        static final Heard NOTHING = new Heard(0, 0);
    }

    Shadow find(Handle handle, DeviceId device) {
        var reported = handle.createQuery("""
                SELECT state, marks, version, position, heard_micros FROM shadow_reported WHERE device_id = :device""")
                .bind("device", device.value()).map((row, _) -> Shadow.none(device).withReported(half(row),
                        row.getLong("position"), row.getLong("heard_micros")))
                .findOne().orElseGet(() -> Shadow.none(device));
        return reported.withDesired(desired(handle, device));
    }

    Half desired(Handle handle, DeviceId device) {
        return handle.createQuery("SELECT state, marks, version FROM shadow_desired WHERE device_id = :device")
                .bind("device", device.value()).map((row, _) -> half(row)).findOne().orElse(Half.EMPTY);
    }

    /// How often each desired half has been changed, of those that have one.
    Map<DeviceId, Long> desiredVersions(Handle handle) {
        var versions = new HashMap<DeviceId, Long>();
        handle.createQuery("SELECT device_id, version FROM shadow_desired").setFetchSize(1_000)
                .map((row, _) -> versions.put(new DeviceId(row.getLong("device_id")), row.getLong("version"))).list();
        return versions;
    }

    /// Until the transaction ends nobody else changes this device's desired half.
    void lock(Handle handle, DeviceId device) {
        handle.createQuery("SELECT id FROM devices WHERE id = :device FOR NO KEY UPDATE")
                .bind("device", device.value()).mapTo(Long.class).findOne();
    }

    /// Whether the device's own wish at this place of the log was done before.
    boolean hasHeard(Handle handle, DeviceId device, Heard heard) {
        return heard.position() > 0 && handle.createQuery("""
                SELECT position >= :position AND heard_micros >= :micros FROM shadow_desired
                WHERE device_id = :device""").bind("device", device.value()).bind("position", heard.position())
                .bind("micros", heard.micros()).mapTo(Boolean.class).findOne().orElse(false);
    }

    void putDesired(Handle handle, DeviceId device, Half half, JsonNode patch, Heard heard, String author,
            Instant now) {
        handle.createUpdate("""
                INSERT INTO shadow_desired AS kept
                    (device_id, organization, state, marks, version, position, heard_micros)
                SELECT id, organization, :state::jsonb, :marks::jsonb, :version, :position, :micros FROM devices
                WHERE id = :device
                ON CONFLICT (device_id) DO UPDATE
                SET state = excluded.state, marks = excluded.marks, version = excluded.version,
                    position = CASE WHEN excluded.position > 0 THEN excluded.position ELSE kept.position END,
                    heard_micros = greatest(kept.heard_micros, excluded.heard_micros)""")
                .bind("position", heard.position()).bind("micros", heard.micros())
                .bind("device", device.value()).bind("state", half.state().toString())
                .bind("marks", half.marks().toString()).bind("version", half.version()).execute();
        handle.createUpdate("""
                INSERT INTO shadow_history (device_id, organization, version, patch, author, changed_at)
                SELECT id, organization, :version, :patch::jsonb, :author, :now FROM devices WHERE id = :device""")
                .bind("device", device.value()).bind("version", half.version()).bind("patch", patch.toString())
                .bind("author", author).bind("now", now.atOffset(ZoneOffset.UTC)).execute();
        handle.createUpdate("DELETE FROM shadow_history WHERE device_id = :device AND version <= :old")
                .bind("device", device.value()).bind("old", half.version() - ShadowLimits.SHADOW_HISTORY).execute();
    }

    /// The newest first.
    List<Change> history(Handle handle, DeviceId device, long before, int limit) {
        return handle.createQuery("""
                SELECT version, patch, author, changed_at FROM shadow_history
                WHERE device_id = :device AND version < :before ORDER BY version DESC LIMIT :limit""")
                .bind("device", device.value()).bind("before", before).bind("limit", limit)
                .map((row, _) -> new Change(row.getLong("version"), tree(row.getString("patch")),
                        row.getString("author"), row.getObject("changed_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    /// Keeps the reported halves; an older one never takes the place of a newer one.
    void putReported(Handle handle, Collection<Shadow> shadows) {
        var ids = new Long[shadows.size()];
        var states = new String[ids.length];
        var marks = new String[ids.length];
        var numbers = new Long[3][ids.length];
        var at = 0;
        for (var shadow : shadows) {
            ids[at] = shadow.device().value();
            states[at] = shadow.reported().state().toString();
            marks[at] = shadow.reported().marks().toString();
            numbers[0][at] = shadow.reported().version();
            numbers[1][at] = shadow.position();
            numbers[2][at++] = shadow.heardMicros();
        }
        handle.createUpdate("""
                INSERT INTO shadow_reported AS kept
                    (device_id, organization, state, marks, version, position, heard_micros)
                SELECT devices.id, devices.organization, state::jsonb, marks::jsonb, version, at, heard
                FROM unnest(:ids, :states, :marks, :versions, :positions, :heard)
                    AS new (device, state, marks, version, at, heard)
                JOIN devices ON devices.id = new.device
                ON CONFLICT (device_id) DO UPDATE SET state = excluded.state, marks = excluded.marks,
                    version = excluded.version, position = excluded.position, heard_micros = excluded.heard_micros
                WHERE kept.version < excluded.version""")
                .bindArray("ids", Long.class, (Object[]) ids).bindArray("states", String.class, (Object[]) states)
                .bindArray("marks", String.class, (Object[]) marks)
                .bindArray("versions", Long.class, (Object[]) numbers[0])
                .bindArray("positions", Long.class, (Object[]) numbers[1])
                .bindArray("heard", Long.class, (Object[]) numbers[2]).execute();
    }

    private static Half half(ResultSet row) throws SQLException {
        return Half.kept(object(row.getString("state")), object(row.getString("marks")), row.getLong("version"));
    }

    private static ObjectNode object(String text) {
        return (ObjectNode) tree(text);
    }

    private static JsonNode tree(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a shadow that is not JSON", e);
        }
    }
}
