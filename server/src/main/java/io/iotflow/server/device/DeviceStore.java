package io.iotflow.server.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.PlainSql;
import io.iotflow.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterable;
import org.jdbi.v3.core.statement.Query;

/// All SQL about devices and their keys. Stateless; the caller holds the connection and the transaction.
final class DeviceStore {
    private static final String COLUMNS = """
            id, organization, name, device_type, description, location, firmware_version, hardware_version,
            metadata, capabilities, user_id, status, quarantine_reason, quarantined_at, revision, created_at,
            updated_at""";

    private static final String UPDATE = """
            UPDATE devices SET name = ?, device_type = ?, description = ?, location = ?, firmware_version = ?,
                hardware_version = ?, metadata = ?::jsonb, capabilities = ?::jsonb, user_id = ?, status = ?,
                quarantine_reason = ?, revision = revision + 1, updated_at = ?,
                quarantined_at = CASE WHEN ? = 'quarantined' THEN coalesce(quarantined_at, ?) END
            WHERE id = ?""";

    private static final String FIND = "SELECT " + COLUMNS + " FROM devices WHERE id = ?";

    private static final String LINE = "id, organization, name, device_type, status, description, location";

    /// What is remembered of a key. The hash itself does not leave the database.
    ///
    /// @param rotateAfter when it is due to be replaced; empty for never
    record KeyRecord(long id, Instant createdAt, Optional<Instant> expiresAt, Optional<Instant> revokedAt,
                     Optional<Instant> rotateAfter) {}

    /// Whom a key belongs to, and until when.
    ///
    /// @param rotateAfter when it is due to be replaced; [Instant#MAX] for never
    record KeyOwner(DeviceId device, Instant validUntil, Instant rotateAfter) {
        /// @param grace for which a key that is due is still taken
        KeyOwner ending(Duration grace) {
            if (rotateAfter.equals(Instant.MAX)) return this;
            var end = rotateAfter.plus(grace);
            return new KeyOwner(device, end.isBefore(validUntil) ? end : validUntil, rotateAfter);
        }
    }

    /// The numbers of the next devices.
    List<DeviceId> nextIds(Handle handle, int count) {
        return handle.createQuery("""
                SELECT nextval(pg_get_serial_sequence('devices', 'id')) FROM generate_series(1, :count)""")
                .bind("count", count).mapTo(Long.class).map(DeviceId::new).list();
    }

    /// New devices, by their numbers; without those whose name a living device has. In the order of names, so that two
    /// who register the same ones wait for one another in turn.
    List<Device> insert(Handle handle, OrganizationPath organization, Map<DeviceId, Draft> drafts, Instant now) {
        var profiles = drafts.values().stream().map(Draft::profile).toList();
        var query = handle.createQuery("""
                INSERT INTO devices (id, organization, name, device_type, description, location, firmware_version,
                                     hardware_version, metadata, capabilities, user_id, status, created_at, updated_at)
                OVERRIDING SYSTEM VALUE
                SELECT id, :organization, name, type, description, location, firmware, hardware, metadata::jsonb,
                       capabilities::jsonb, user_id, status, :now, :now
                FROM unnest(:ids::bigint[], :names::text[], :statuses::text[], :types::text[], :descriptions::text[],
                            :locations::text[], :firmwares::text[], :hardwares::text[], :metadatas::text[],
                            :capabilities::text[], :users::text[])
                    AS new(id, name, status, type, description, location, firmware, hardware, metadata, capabilities,
                           user_id)
                ORDER BY name
                ON CONFLICT (name, organization) WHERE status <> 'decommissioned' DO NOTHING
                RETURNING """ + " " + COLUMNS)
                .bind("organization", organization.text()).bind("now", utc(now))
                .bindArray("ids", Long.class, drafts.keySet().stream().map(DeviceId::value).toArray());
        texts(query, "names", drafts.values(), Draft::name);
        texts(query, "statuses", drafts.values(), draft -> draft.status().word());
        texts(query, "types", profiles, Profile::type);
        texts(query, "descriptions", profiles, Profile::description);
        texts(query, "locations", profiles, Profile::location);
        texts(query, "firmwares", profiles, Profile::firmwareVersion);
        texts(query, "hardwares", profiles, Profile::hardwareVersion);
        texts(query, "metadatas", profiles, profile -> profile.metadata().toString());
        texts(query, "capabilities", profiles, profile -> profile.capabilities().toString());
        texts(query, "users", profiles, Profile::userId);
        return query.map((row, _) -> device(row)).list();
    }

    private static <T> void texts(Query query, String name, Collection<T> of, Function<T, String> text) {
        query.bindArray(name, String.class, of.stream().map(text).toArray());
    }

    Optional<Device> find(Handle handle, DeviceId id) {
        return PlainSql.first(handle, FIND, DeviceStore::device, id.value());
    }

    /// By itself, in whichever organization.
    Optional<Device> find(Database database, DeviceId id) {
        return database.first(OrganizationPath.ROOT, FIND, DeviceStore::device, id.value());
    }

    /// Locks the device's row until the transaction ends.
    Optional<Device> findForUpdate(Handle handle, DeviceId id) {
        return PlainSql.first(handle, "SELECT " + COLUMNS + " FROM devices WHERE id = ? FOR NO KEY UPDATE",
                DeviceStore::device, id.value());
    }

    /// The same of several, in the order of their numbers, so that no two transactions wait for each other.
    Map<DeviceId, Device> findForUpdate(Handle handle, Collection<DeviceId> ids) {
        if (ids.size() == 1) { // PostgreSQL plans lists anew each time
            return findForUpdate(handle, ids.iterator().next()).map(it -> Map.of(it.id(), it)).orElse(Map.of());
        }
        return handle.createQuery("SELECT " + COLUMNS
                + " FROM devices WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
                .bind("ids", ids.stream().mapToLong(DeviceId::value).toArray()).map((row, _) -> device(row)).list()
                .stream().collect(Collectors.toMap(Device::id, Function.identity()));
    }

    /// The living devices of an organization that have these names.
    List<Device> findLiving(Handle handle, OrganizationPath organization, Collection<String> names) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM devices "
                + "WHERE name = ANY(:names) AND organization = :organization AND status <> 'decommissioned'")
                .bindArray("names", String.class, names.toArray()).bind("organization", organization.text())
                .map((row, _) -> device(row)).list();
    }

    /// A device that has a name in an organization.
    record Named(DeviceId id, OrganizationPath organization) {}

    /// Only among living devices: names of decommissioned ones may have been given again. Organizations that stand
    /// higher come first.
    List<Named> findByName(Handle handle, String name) {
        return handle.createQuery("""
                SELECT id, organization FROM devices WHERE name = :name AND status <> 'decommissioned'
                ORDER BY length(organization), id LIMIT :most""")
                .bind("name", name).bind("most", Limits.SAME_NAMES)
                .map((row, _) -> new Named(new DeviceId(row.getLong("id")), organization(row))).list();
    }

    /// One row of a list and where it stands in the order, for a cursor.
    record Listed(Device device, String position) {}

    /// For statements of which PostgreSQL does best when it knows what is looked for; until the transaction ends.
    void planEachAnew(Handle handle) {
        handle.execute("SET LOCAL plan_cache_mode = force_custom_plan");
    }

    /// For pages of which there are many: they are found in their order, and not all of them sorted first. Row-level
    /// security makes PostgreSQL expect few. Until the transaction ends.
    void expectMany(Handle handle) {
        handle.execute("SET LOCAL enable_sort = off");
    }

    List<Listed> list(Handle handle, DeviceQuery query, Narrowing narrowing, int atMost) {
        return listed(handle, query, narrowing, atMost, 0).list();
    }

    /// The same by the page, as long as the transaction lasts. To be closed.
    Stream<Listed> stream(Handle handle, DeviceQuery query, Narrowing narrowing, int atMost) {
        return listed(handle, query, narrowing, atMost, Math.max(query.limit(), Limits.PAGE_DEFAULT) + 1).stream();
    }

    private static ResultIterable<Listed> listed(Handle handle, DeviceQuery query, Narrowing narrowing, int atMost,
            int fetched) {
        var select = handle.createQuery("SELECT " + COLUMNS + ", " + query.position() + "::text AS position"
                + " FROM devices WHERE " + query.condition() + " AND " + narrowing.condition()
                + query.afterCursor() + " ORDER BY " + query.order()
                + " LIMIT :limit OFFSET :offset").setFetchSize(fetched);
        query.bind(select);
        query.bindPage(select, atMost);
        narrowing.bind(select);
        return select.map((row, _) -> new Listed(device(row), row.getString("position")));
    }

    List<Device> living(Handle handle, Collection<DeviceId> ids) {
        return handle.createQuery("SELECT " + COLUMNS
                + " FROM devices WHERE id = ANY(:ids) AND status <> 'decommissioned'")
                .bind("ids", ids.stream().mapToLong(DeviceId::value).toArray()).map((row, _) -> device(row)).list();
    }

    /// By id.
    List<Device> living(Handle handle, Narrowing narrowing, long after, int atMost) {
        var select = handle.createQuery("SELECT " + COLUMNS + " FROM devices WHERE status <> 'decommissioned'"
                + " AND id > :after AND " + narrowing.condition() + " ORDER BY id LIMIT :most")
                .bind("after", after).bind("most", atMost);
        narrowing.bind(select);
        return select.map((row, _) -> device(row)).list();
    }

    long count(Handle handle, DeviceQuery query, Narrowing narrowing, long atMost) {
        var select = handle.createQuery("SELECT count(*) FROM (SELECT FROM devices WHERE " + query.condition()
                + " AND " + narrowing.condition() + " LIMIT :most) AS hits").bind("most", atMost);
        query.bind(select);
        narrowing.bind(select);
        return select.mapTo(Long.class).one();
    }

    Device update(Handle handle, DeviceId id, Draft draft, Instant now) {
        return PlainSql.first(handle, UPDATE + " RETURNING " + COLUMNS, DeviceStore::device, values(id, draft, now))
                .orElseThrow();
    }

    void update(Handle handle, List<DeviceEditor.Edit> edits, Instant now) {
        PlainSql.runAll(handle, UPDATE, edits.stream().map(edit -> values(edit.device().id(), edit.draft(), now))
                .toList());
    }

    private static Object[] values(DeviceId id, Draft draft, Instant now) {
        var profile = draft.profile();
        var status = draft.status().word();
        return new Object[] {draft.name(), profile.type(), profile.description(), profile.location(),
                profile.firmwareVersion(), profile.hardwareVersion(), profile.metadata().toString(),
                profile.capabilities().toString(), profile.userId(), status, draft.quarantineReason(), utc(now), status,
                utc(now), id.value()};
    }

    void insertKeys(Handle handle, Collection<Device> devices, Function<Device, ApiKey.Hash> hashes, Instant now,
            Optional<Instant> rotateAfter) {
        PlainSql.runAll(handle, """
                INSERT INTO device_keys (device_id, organization, hash, created_at, rotate_after)
                VALUES (?, ?, ?, ?, ?::timestamptz)""", devices.stream().map(device -> new Object[] {
                    device.id().value(), device.organization().text(), hashes.apply(device).bytes(), utc(now),
                    rotateAfter.map(DeviceStore::utc).orElse(null)}).toList());
    }

    /// Says of keys that were made while they might grow as old as they like when they are due, or, without an age, of
    /// no key any more.
    int setDue(Handle handle, Duration maxAge, Instant now) {
        if (maxAge.isZero()) {
            return handle.execute("UPDATE device_keys SET rotate_after = NULL WHERE rotate_after IS NOT NULL");
        }
        return handle.createUpdate("""
                UPDATE device_keys SET rotate_after = greatest(created_at + make_interval(secs => :age), :now)
                WHERE rotate_after IS NULL AND revoked_at IS NULL""")
                .bind("age", maxAge.toSeconds()).bind("now", utc(now)).execute();
    }

    /// A key that works at `now`, or is empty.
    /// By itself, in whichever organization.
    Optional<KeyOwner> findKeyOwner(Database database, ApiKey.Hash hash, Instant now) {
        return database.first(OrganizationPath.ROOT, """
                SELECT device_id, hash, expires_at, rotate_after FROM device_keys
                WHERE hash = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)""",
                row -> ApiKey.Hash.of(row.getBytes("hash")).equals(hash)
                        ? Optional.of(new KeyOwner(new DeviceId(row.getLong("device_id")),
                                instant(row, "expires_at").orElse(Instant.MAX),
                                instant(row, "rotate_after").orElse(Instant.MAX)))
                        : Optional.<KeyOwner>empty(), hash.bytes(), utc(now)).flatMap(Function.identity());
    }

    /// Lets every valid key of the device end at `end` at the latest. Answers the hashes concerned.
    List<ApiKey.Hash> expireKeys(Handle handle, DeviceId device, Instant end) {
        return handle.createQuery("""
                UPDATE device_keys SET expires_at = :end
                WHERE device_id = :device AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :end)
                RETURNING hash""")
                .bind("device", device.value()).bind("end", utc(end))
                .map((row, _) -> ApiKey.Hash.of(row.getBytes("hash"))).list();
    }

    /// Ends every key of the device at once. Answers the hashes concerned.
    List<ApiKey.Hash> revokeKeys(Handle handle, DeviceId device, Instant now) {
        return revokeKeys(handle, List.of(device), now).getOrDefault(device, List.of());
    }

    Map<DeviceId, List<ApiKey.Hash>> revokeKeys(Handle handle, List<DeviceId> devices, Instant now) {
        if (devices.isEmpty()) return Map.of();
        return handle.createQuery("""
                UPDATE device_keys SET revoked_at = :now WHERE device_id = ANY(:devices) AND revoked_at IS NULL
                RETURNING device_id, hash""")
                .bind("devices", devices.stream().mapToLong(DeviceId::value).toArray()).bind("now", utc(now))
                .map((row, _) -> Map.entry(new DeviceId(row.getLong("device_id")),
                        ApiKey.Hash.of(row.getBytes("hash")))).list().stream()
                .collect(Collectors.groupingBy(Map.Entry::getKey,
                        Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
    }

    /// Drops all but the newest keys. Answers the hashes dropped.
    List<ApiKey.Hash> dropOldKeys(Handle handle, DeviceId device) {
        return handle.createQuery("""
                DELETE FROM device_keys WHERE device_id = :device AND id NOT IN
                    (SELECT id FROM device_keys WHERE device_id = :device ORDER BY id DESC LIMIT :keep)
                RETURNING hash""")
                .bind("device", device.value()).bind("keep", Limits.DEVICE_KEYS)
                .map((row, _) -> ApiKey.Hash.of(row.getBytes("hash"))).list();
    }

    /// Newest first.
    List<KeyRecord> keys(Handle handle, DeviceId device) {
        return handle.createQuery("""
                SELECT id, created_at, expires_at, revoked_at, rotate_after FROM device_keys
                WHERE device_id = :device ORDER BY id DESC""")
                .bind("device", device.value())
                .map((row, _) -> new KeyRecord(row.getLong("id"), instant(row, "created_at").orElseThrow(),
                        instant(row, "expires_at"), instant(row, "revoked_at"), instant(row, "rotate_after"))).list();
    }

    List<Statuses.Line> statusLines(Handle handle) {
        return handle.createQuery("SELECT " + LINE + " FROM devices WHERE status <> 'decommissioned'")
                .map((row, _) -> statusLine(row)).list();
    }

    List<Statuses.Line> statusLines(Handle handle, Collection<DeviceId> ids) {
        return handle.createQuery("SELECT " + LINE
                + " FROM devices WHERE id = ANY(:ids) AND status <> 'decommissioned'")
                .bind("ids", ids.stream().mapToLong(DeviceId::value).toArray())
                .map((row, _) -> statusLine(row)).list();
    }

    /// Devices of one organization in a state; nobody else counts them until the transaction ends.
    long lockedCount(Handle handle, OrganizationPath organization, DeviceStatus status) {
        handle.createQuery("SELECT pg_advisory_xact_lock(hashtext(:organization || :status))::text")
                .bind("organization", organization.text()).bind("status", status.word()).mapTo(String.class).one();
        return handle.createQuery("""
                SELECT count(*) FROM devices WHERE organization = :organization AND status = :status""")
                .bind("organization", organization.text()).bind("status", status.word()).mapTo(Long.class).one();
    }

    /// Living devices that speak through a gateway; nobody else counts them until the transaction ends.
    long lockedCountBehind(Handle handle, DeviceId gateway) {
        handle.createQuery("SELECT pg_advisory_xact_lock(hashtext('behind ' || :gateway))::text")
                .bind("gateway", gateway.toString()).mapTo(String.class).one();
        return handle.createQuery("""
                SELECT count(*) FROM devices WHERE metadata->>'gateway' = :gateway AND status <> 'decommissioned'
                    AND metadata->>'gateway' IS NOT NULL""")
                .bind("gateway", gateway.toString()).mapTo(Long.class).one();
    }

    Map<String, Long> countByStatus(Handle handle) {
        return counts(handle.createQuery("SELECT status, count(*) FROM devices GROUP BY status ORDER BY status"));
    }

    Map<String, Long> countByType(Handle handle) {
        return counts(handle.createQuery("""
                SELECT device_type, count(*) FROM devices WHERE status <> 'decommissioned'
                GROUP BY device_type ORDER BY count(*) DESC, device_type LIMIT 1000"""));
    }

    long countRegistered(Handle handle, Instant from, Instant to) {
        return handle.createQuery("SELECT count(*) FROM devices WHERE created_at >= :from AND created_at < :to")
                .bind("from", utc(from)).bind("to", utc(to)).mapTo(Long.class).one();
    }

    List<Presence.Kept> presence(Handle handle) {
        return handle.createQuery("SELECT id, last_seen, telemetry_count FROM devices WHERE status <> 'decommissioned'")
                .map((row, _) -> kept(row)).list();
    }

    /// Adds what each living device has sent and moves last seen forward, in one statement. Answers the new totals.
    List<Presence.Kept> addPresence(Handle handle, long[] ids, long[] seenMillis, long[] counts) {
        return handle.createQuery("""
                UPDATE devices SET
                    last_seen = CASE WHEN new.seen = 0 THEN last_seen
                        ELSE greatest(last_seen, to_timestamp(new.seen / 1000.0)) END,
                    telemetry_count = telemetry_count + new.count
                FROM unnest(:ids, :seen, :counts) AS new(number, seen, count)
                WHERE id = new.number AND status <> 'decommissioned'
                RETURNING id, last_seen, telemetry_count""")
                .bind("ids", ids).bind("seen", seenMillis).bind("counts", counts)
                .map((row, _) -> kept(row)).list();
    }

    private static Map<String, Long> counts(Query query) {
        var counts = new LinkedHashMap<String, Long>();
        query.map((row, _) -> Map.entry(row.getString(1), row.getLong(2)))
                .forEach(line -> counts.put(line.getKey(), line.getValue()));
        return counts;
    }

    private static Presence.Kept kept(ResultSet row) throws SQLException {
        return new Presence.Kept(new DeviceId(row.getLong("id")),
                instant(row, "last_seen").map(Instant::toEpochMilli).orElse(0L), row.getLong("telemetry_count"));
    }

    private static Device device(ResultSet row) throws SQLException {
        var status = DeviceStatus.of(row.getString("status"));
        return new Device(new DeviceId(row.getLong("id")), organization(row), row.getString("name"),
                row.getString("device_type"), row.getString("description"), row.getString("location"),
                row.getString("firmware_version"), row.getString("hardware_version"), json(row, "metadata"),
                json(row, "capabilities"), row.getString("user_id"), status,
                quarantine(row, status), row.getLong("revision"), instant(row, "created_at").orElseThrow(),
                instant(row, "updated_at").orElseThrow());
    }

    private static Optional<Device.Quarantine> quarantine(ResultSet row, DeviceStatus status) throws SQLException {
        if (status != DeviceStatus.QUARANTINED) return Optional.empty();
        var since = instant(row, "quarantined_at");
        return Optional.of(new Device.Quarantine(row.getString("quarantine_reason"),
                since.isPresent() ? since.get() : instant(row, "updated_at").orElseThrow()));
    }

    private static Statuses.Line statusLine(ResultSet row) throws SQLException {
        return Statuses.Line.of(new DeviceId(row.getLong("id")), organization(row), row.getString("name"),
                row.getString("device_type"), DeviceStatus.of(row.getString("status")), row.getString("description"),
                row.getString("location"));
    }

    private static OrganizationPath organization(ResultSet row) throws SQLException {
        return new OrganizationPath(row.getString("organization"));
    }

    private static JsonNode json(ResultSet row, String column) throws SQLException {
        try {
            return Json.mapper().readTree(row.getString(column));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: the column " + column + " is not JSON", e);
        }
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
