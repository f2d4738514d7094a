package io.iotflow.server.firmware;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.PlainSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// All SQL about updates. Stateless; the caller holds the connection and the transaction.
final class UpdateStore {
    private static final String SELECT = """
            SELECT u.*, i.version AS to_version, i.sha256 FROM firmware_updates u
            JOIN firmware_images i ON i.id = u.image_id\s""";
    private static final String OPEN = SELECT + "WHERE u.device_id = ? AND u.ended_at IS NULL";

    /// A new one.
    record Offer(OrganizationPath organization, DeviceId device, String fromVersion) {}

    /// A line of the timeline.
    record Step(long update, Instant at, String state, String detail) {}

    /// What an offer is made under.
    record Terms(long image, Optional<Long> rollout, boolean isRollback, int mostAttempts, Duration patience) {}

    /// Offers to those devices that have no open update.
    ///
    /// @return the device and the new update's number, for each that was made
    List<Made> insert(Handle handle, Collection<Offer> offers, Terms terms, Instant now) {
        if (offers.isEmpty()) return List.of();
        return handle.createQuery("""
                INSERT INTO firmware_updates (organization, device_id, image_id, rollout_id, is_rollback, from_version,
                    state, most_attempts, patience_ms, offered_at, changed_at)
                SELECT o.organization, o.device, :image, :rollout, :rollback, o.version, 'offered', :attempts,
                    :patience, :now, :now
                FROM unnest(:organizations::text[], :devices::bigint[], :versions::text[])
                    AS o(organization, device, version)
                ON CONFLICT (device_id) WHERE ended_at IS NULL DO NOTHING
                RETURNING id, device_id, organization""")
                .bind("image", terms.image()).bind("rollout", terms.rollout().orElse(null))
                .bind("rollback", terms.isRollback()).bind("attempts", terms.mostAttempts())
                .bind("patience", terms.patience().toMillis()).bind("now", utc(now))
                .bindArray("organizations", String.class, offers.stream().map(o -> o.organization().text()).toArray())
                .bindArray("devices", Long.class, offers.stream().map(o -> o.device().value()).toArray())
                .bindArray("versions", String.class, offers.stream().map(Offer::fromVersion).toArray())
                .map((row, _) -> new Made(row.getLong("id"), new DeviceId(row.getLong("device_id")),
                        new OrganizationPath(row.getString("organization")))).list();
    }

    record Made(long id, DeviceId device, OrganizationPath organization) {}

    /// The newest update of each of these devices, locked until the transaction ends; in the order of their numbers, so
    /// that no two transactions wait for each other. One by one: for a list PostgreSQL would plan anew each time, which
    /// takes longer than to look.
    List<Update> lockedNewest(Handle handle, Collection<DeviceId> devices) {
        return devices.stream().mapToLong(DeviceId::value).sorted().boxed().flatMap(device -> PlainSql.first(handle,
                SELECT + "WHERE u.device_id = ? ORDER BY u.id DESC LIMIT 1 FOR NO KEY UPDATE OF u",
                UpdateStore::update, device).stream()).toList();
    }

    Optional<Update> open(Handle handle, DeviceId device) {
        return PlainSql.first(handle, OPEN, UpdateStore::update, device.value());
    }

    /// By itself.
    Optional<Update> open(Database database, DeviceId device) {
        return database.first(OrganizationPath.ROOT, OPEN, UpdateStore::update, device.value());
    }

    List<DeviceId> devicesWithOpen(Handle handle) {
        return handle.createQuery("SELECT device_id FROM firmware_updates WHERE ended_at IS NULL")
                .mapTo(Long.class).map(DeviceId::new).list();
    }

    /// The image of each open update.
    Map<DeviceId, Long> open(Handle handle, Collection<DeviceId> devices) {
        var images = new HashMap<DeviceId, Long>();
        handle.createQuery("""
                SELECT device_id, image_id FROM firmware_updates
                WHERE device_id = ANY(:devices) AND ended_at IS NULL""")
                .bindArray("devices", Long.class, devices.stream().map(DeviceId::value).toArray())
                .map((row, _) -> images.put(new DeviceId(row.getLong("device_id")), row.getLong("image_id"))).list();
        return images;
    }

    Optional<Update> find(Handle handle, DeviceId device, long id) {
        return handle.createQuery(SELECT + "WHERE u.device_id = :device AND u.id = :id")
                .bind("device", device.value()).bind("id", id).map((row, _) -> update(row)).findOne();
    }

    /// Newest first.
    List<Update> of(Handle handle, DeviceId device, int most) {
        return handle.createQuery(SELECT + "WHERE u.device_id = :device ORDER BY u.id DESC LIMIT :most")
                .bind("device", device.value()).bind("most", most).map((row, _) -> update(row)).list();
    }

    /// What becomes of an update.
    ///
    /// @param mostSteps it is a line of its timeline if that has fewer
    record Move(Update after, int mostSteps) {
        private Object[] values() {
            return new Object[] {after.state().word(), after.progress(), after.detail(), after.attempts(),
                    after.dueAt().map(UpdateStore::utc).orElse(null), after.isUntold(), utc(after.changedAt()),
                    after.endedAt().map(UpdateStore::utc).orElse(null), after.id(), mostSteps};
        }
    }

    /// In their order.
    void save(Handle handle, List<Move> moves) {
        PlainSql.runAll(handle, """
                WITH saved AS (
                    UPDATE firmware_updates SET state = ?, progress = ?, detail = ?, attempts = ?,
                        due_at = ?::timestamptz, is_untold = ?, changed_at = ?, ended_at = ?::timestamptz
                    WHERE id = ? RETURNING id, organization, changed_at, state, detail)
                INSERT INTO firmware_update_steps (update_id, organization, at, state, detail)
                SELECT id, organization, changed_at, state, detail FROM saved
                WHERE ? > (SELECT count(*) FROM firmware_update_steps WHERE update_id = saved.id)""",
                moves.stream().map(Move::values).toList());
    }

    /// The first line of the timeline of each new update.
    void tellOffers(Handle handle, Collection<Made> made, Instant now) {
        if (made.isEmpty()) return;
        handle.createUpdate("""
                INSERT INTO firmware_update_steps (update_id, organization, at, state, detail)
                SELECT id, organization, :at, 'offered', '' FROM firmware_updates WHERE id = ANY(:made)""")
                .bind("at", utc(now)).bindArray("made", Long.class, made.stream().map(Made::id).toArray()).execute();
    }

    List<Step> steps(Handle handle, Collection<Long> updates) {
        return handle.createQuery("SELECT * FROM firmware_update_steps WHERE update_id = ANY(:updates) ORDER BY id")
                .bindArray("updates", Long.class, updates.toArray())
                .map((row, _) -> new Step(row.getLong("update_id"), instant(row, "at").orElseThrow(),
                        row.getString("state"), row.getString("detail"))).list();
    }

    /// Devices that were not told what is new, the oldest first.
    List<Update> untold(Handle handle, int most) {
        return handle.createQuery(SELECT + "WHERE u.is_untold ORDER BY u.id LIMIT :most").bind("most", most)
                .map((row, _) -> update(row)).list();
    }

    /// Unless there is something new again.
    void told(Handle handle, List<Update> those) {
        handle.createUpdate("""
                UPDATE firmware_updates u SET is_untold = false
                FROM unnest(:ids::bigint[], :changed::timestamptz[]) AS t(id, changed)
                WHERE u.id = t.id AND u.changed_at = t.changed""")
                .bindArray("ids", Long.class, those.stream().map(Update::id).toArray())
                .bindArray("changed", String.class, those.stream().map(it -> it.changedAt().toString()).toArray())
                .execute();
    }

    /// Devices whose attempt is over, whose life is, or that run something else than their newest update says, and what
    /// they run.
    ///
    /// @param since updates that ended earlier are settled
    List<Seen> due(Handle handle, Instant now, Instant since, int most) {
        return handle.createQuery("""
                SELECT u.device_id, d.firmware_version, d.status FROM firmware_updates u
                    JOIN devices d ON d.id = u.device_id
                WHERE u.ended_at IS NULL AND (u.due_at <= :now OR d.status = 'decommissioned')
                UNION ALL
                SELECT u.device_id, d.firmware_version, d.status FROM firmware_updates u
                    JOIN devices d ON d.id = u.device_id JOIN firmware_images i ON i.id = u.image_id
                WHERE u.ended_at IS NULL AND d.firmware_version = i.version
                UNION ALL
                SELECT u.device_id, d.firmware_version, d.status FROM firmware_updates u
                    JOIN devices d ON d.id = u.device_id JOIN firmware_images i ON i.id = u.image_id
                WHERE u.state = 'installed' AND u.ended_at > :since AND d.firmware_version = u.from_version
                    AND u.from_version <> i.version
                    AND NOT EXISTS (SELECT 1 FROM firmware_updates n WHERE n.device_id = u.device_id AND n.id > u.id)
                LIMIT :most""").bind("now", utc(now)).bind("since", utc(since)).bind("most", most)
                .map((row, _) -> new Seen(new DeviceId(row.getLong("device_id")), row.getString("firmware_version"),
                        row.getString("status").equals("decommissioned"))).list();
    }

    record Seen(DeviceId device, String version, boolean isGone) {}

    /// Devices of a rollout whose updates are open, and may still be called off.
    List<DeviceId> recallable(Handle handle, long rollout, int most) {
        return handle.createQuery("""
                SELECT device_id FROM firmware_updates WHERE rollout_id = :rollout AND ended_at IS NULL
                    AND NOT is_rollback AND state <> 'installing' ORDER BY id LIMIT :most""")
                .bind("rollout", rollout).bind("most", most).mapTo(Long.class).map(DeviceId::new).list();
    }

    /// Ended updates beyond those kept of each device, some at a time; those of rollouts stay with these.
    int forget(Handle handle, DeviceId device) {
        return handle.createUpdate("""
                DELETE FROM firmware_updates WHERE device_id = :device AND ended_at IS NOT NULL AND rollout_id IS NULL
                    AND id NOT IN (SELECT id FROM firmware_updates WHERE device_id = :device
                                   ORDER BY id DESC LIMIT :keep)""")
                .bind("device", device.value()).bind("keep", FirmwareLimits.FIRMWARE_UPDATES_KEPT).execute();
    }

    private static Update update(ResultSet row) throws SQLException {
        return new Update(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                new DeviceId(row.getLong("device_id")), row.getLong("image_id"),
                Optional.ofNullable(row.getObject("rollout_id", Long.class)), row.getBoolean("is_rollback"),
                row.getString("from_version"), row.getString("to_version"), row.getString("sha256"),
                UpdateState.find(row.getString("state")).orElseThrow(), row.getInt("progress"),
                row.getString("detail"), row.getInt("attempts"), row.getInt("most_attempts"),
                Duration.ofMillis(row.getLong("patience_ms")), instant(row, "due_at"), row.getBoolean("is_untold"),
                instant(row, "offered_at").orElseThrow(), instant(row, "changed_at").orElseThrow(),
                instant(row, "ended_at"));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
