package io.iotflow.server.sensor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/// Sensors, their calibrations and certificates in PostgreSQL.
final class SensorStore {
    private static final String SENSORS = """
            SELECT s.*, c.file_name, c.media_type, length(c.content) AS bytes, c.sha256, c.created_at AS stored_at
            FROM sensors s LEFT JOIN sensor_certificates c ON c.sensor_id = s.id
            """;

    /// @param author in words
    record Calibrated(long id, String author, JsonNode before, JsonNode after, String note,
                      Optional<Instant> calibratedAt, Instant createdAt) {}

    /// A file as it was given.
    record File(String name, String mediaType, byte[] content) {}

    List<Sensor> all(Handle handle) {
        return handle.createQuery(SENSORS + "ORDER BY s.id").map((row, _) -> sensor(row)).list();
    }

    List<Sensor> of(Handle handle, DeviceId device) {
        return handle.createQuery(SENSORS + "WHERE s.device_id = :device ORDER BY s.id")
                .bind("device", device.value()).map((row, _) -> sensor(row)).list();
    }

    Sensor insert(Handle handle, Device device, Sensor.Content content, Instant now) {
        var id = bound(handle.createQuery("""
                INSERT INTO sensors (device_id, organization, name, metric, unit, description, multiplier, zero_offset,
                    valid_min, valid_max, interval_days, calibrated_at, due_at, created_at, updated_at)
                VALUES (:device, :organization, :name, :metric, :unit, :description, :multiplier, :offset,
                    :min, :max, :interval, :calibrated, :due, :now, :now) RETURNING id"""), content)
                .bind("device", device.id().value()).bind("organization", device.organization().text())
                .bind("now", utc(now)).mapTo(Long.class).one();
        return find(handle, id);
    }

    Sensor update(Handle handle, long id, Sensor.Content content, Instant now) {
        bound(handle.createUpdate("""
                UPDATE sensors SET name = :name, metric = :metric, unit = :unit, description = :description,
                    multiplier = :multiplier, zero_offset = :offset, valid_min = :min, valid_max = :max,
                    interval_days = :interval, calibrated_at = :calibrated, due_at = :due, version = version + 1,
                    updated_at = :now
                WHERE id = :id"""), content).bind("id", id).bind("now", utc(now)).execute();
        return find(handle, id);
    }

    /// After a change of what lies beside it.
    Sensor touch(Handle handle, long id, Instant now) {
        handle.createUpdate("UPDATE sensors SET version = version + 1, updated_at = :now WHERE id = :id")
                .bind("id", id).bind("now", utc(now)).execute();
        return find(handle, id);
    }

    private static <S extends SqlStatement<S>> S bound(S statement, Sensor.Content content) {
        var calibration = content.calibration();
        return statement.bind("name", content.name()).bind("metric", content.metric()).bind("unit", content.unit())
                .bind("description", content.description()).bind("multiplier", calibration.multiplier())
                .bind("offset", calibration.offset()).bind("min", finite(calibration.validMin()))
                .bind("max", finite(calibration.validMax())).bind("interval", content.interval().orElse(null))
                .bind("calibrated", content.calibratedAt().map(SensorStore::utc).orElse(null))
                .bind("due", content.dueAt().map(SensorStore::utc).orElse(null));
    }

    private static Double finite(double bound) {
        return Double.isFinite(bound) ? bound : null;
    }

    private static Sensor find(Handle handle, long id) {
        return handle.createQuery(SENSORS + "WHERE s.id = :id").bind("id", id).map((row, _) -> sensor(row)).one();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM sensors WHERE id = :id").bind("id", id).execute();
    }

    void calibrated(Handle handle, Sensor sensor, String author, JsonNode before, JsonNode after, String note,
            Instant now) {
        handle.createUpdate("""
                INSERT INTO sensor_calibrations (sensor_id, organization, author, before, after, note, calibrated_at,
                    created_at)
                VALUES (:sensor, :organization, :author, :before::jsonb, :after::jsonb, :note, :at, :now)""")
                .bind("sensor", sensor.id()).bind("organization", sensor.organization().text())
                .bind("author", author).bind("before", before.toString()).bind("after", after.toString())
                .bind("note", note).bind("at", sensor.content().calibratedAt().map(SensorStore::utc).orElse(null))
                .bind("now", utc(now)).execute();
        handle.createUpdate("""
                DELETE FROM sensor_calibrations WHERE sensor_id = :sensor AND id <= (
                    SELECT id FROM sensor_calibrations WHERE sensor_id = :sensor
                    ORDER BY id DESC OFFSET :kept LIMIT 1)""")
                .bind("sensor", sensor.id()).bind("kept", FleetLimits.SENSOR_CALIBRATIONS).execute();
    }

    /// The newest first.
    Page<Calibrated> calibrations(Handle handle, long sensor, Page.Wish wish) {
        return Page.of(handle.createQuery("""
                SELECT * FROM sensor_calibrations WHERE sensor_id = :sensor AND (:after = 0 OR id < :after)
                ORDER BY id DESC LIMIT :limit""")
                .bind("sensor", sensor).bind("after", wish.after()).bind("limit", wish.limit() + 1)
                .map((row, _) -> new Calibrated(row.getLong("id"), row.getString("author"),
                        tree(row.getString("before")), tree(row.getString("after")), row.getString("note"),
                        time(row, "calibrated_at"), time(row, "created_at").orElseThrow())).list(), wish,
                Calibrated::id);
    }

    void keep(Handle handle, Sensor sensor, File file, byte[] sha256, String author, Instant now) {
        handle.createUpdate("""
                INSERT INTO sensor_certificates (sensor_id, organization, file_name, media_type, sha256, content,
                    author, created_at)
                VALUES (:sensor, :organization, :name, :type, :sha256, :content, :author, :now)
                ON CONFLICT (sensor_id) DO UPDATE SET file_name = :name, media_type = :type, sha256 = :sha256,
                    content = :content, author = :author, created_at = :now""")
                .bind("sensor", sensor.id()).bind("organization", sensor.organization().text())
                .bind("name", file.name()).bind("type", file.mediaType()).bind("sha256", sha256)
                .bind("content", file.content()).bind("author", author).bind("now", utc(now)).execute();
    }

    Optional<File> certificate(Handle handle, long sensor) {
        return handle.createQuery("SELECT * FROM sensor_certificates WHERE sensor_id = :sensor").bind("sensor", sensor)
                .map((row, _) -> new File(row.getString("file_name"), row.getString("media_type"),
                        row.getBytes("content"))).findOne();
    }

    void removeCertificate(Handle handle, long sensor) {
        handle.createUpdate("DELETE FROM sensor_certificates WHERE sensor_id = :sensor").bind("sensor", sensor)
                .execute();
    }

    private static Sensor sensor(ResultSet row) throws SQLException {
        var calibration = new Calibration(row.getDouble("multiplier"), row.getDouble("zero_offset"),
                bound(row, "valid_min", Double.NEGATIVE_INFINITY), bound(row, "valid_max", Double.POSITIVE_INFINITY));
        var content = new Sensor.Content(row.getString("name"), row.getString("metric"), row.getString("unit"),
                row.getString("description"), calibration,
                Optional.ofNullable(row.getObject("interval_days", Integer.class)), time(row, "calibrated_at"),
                time(row, "due_at"));
        return new Sensor(row.getLong("id"), new DeviceId(row.getLong("device_id")),
                new OrganizationPath(row.getString("organization")), content, certificate(row), row.getLong("version"),
                time(row, "created_at").orElseThrow(), time(row, "updated_at").orElseThrow());
    }

    private static Optional<Sensor.Certificate> certificate(ResultSet row) throws SQLException {
        var name = row.getString("file_name");
        return name == null ? Optional.empty() : Optional.of(new Sensor.Certificate(name, row.getString("media_type"),
                row.getLong("bytes"), HexFormat.of().formatHex(row.getBytes("sha256")),
                time(row, "stored_at").orElseThrow()));
    }

    private static double bound(ResultSet row, String column, double none) throws SQLException {
        var bound = row.getObject(column, Double.class);
        return bound == null ? none : bound;
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static JsonNode tree(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a calibration that is not JSON", e);
        }
    }
}
