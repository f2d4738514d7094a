package io.iotflow.server.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/// All SQL about rollouts. Stateless; the caller holds the connection and the transaction.
final class RolloutStore {

    /// The newest first.
    List<Rollout> list(Handle handle, Page.Wish wish, Optional<RolloutState> state) {
        return handle.createQuery("""
                SELECT * FROM rollouts WHERE (:after = 0 OR id < :after) AND (:state::text IS NULL OR state = :state)
                ORDER BY id DESC LIMIT :limit""").bind("after", wish.after()).bind("limit", wish.limit() + 1)
                .bind("state", state.map(RolloutState::word).orElse(null)).map((row, _) -> rollout(row)).list();
    }

    Optional<Rollout> find(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM rollouts WHERE id = :id").bind("id", id)
                .map((row, _) -> rollout(row)).findOne();
    }

    Optional<Rollout> findForUpdate(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM rollouts WHERE id = :id FOR NO KEY UPDATE").bind("id", id)
                .map((row, _) -> rollout(row)).findOne();
    }

    /// Unless somebody else has it in hand.
    Optional<Rollout> take(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM rollouts WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED").bind("id", id)
                .map((row, _) -> rollout(row)).findOne();
    }

    List<Long> alive(Handle handle) {
        return handle.createQuery("SELECT id FROM rollouts WHERE ended_at IS NULL ORDER BY id").mapTo(Long.class)
                .list();
    }

    /// Those that were taken back, with a device that has installed after all since.
    ///
    /// @param since what ended earlier is settled
    List<Long> reopenable(Handle handle, Instant since) {
        return handle.createQuery("""
                SELECT r.id FROM rollouts r WHERE r.state = 'rolled_back' AND r.ended_at > :since
                    AND EXISTS (SELECT 1 FROM firmware_updates u WHERE u.rollout_id = r.id AND NOT u.is_rollback
                                AND u.state = 'installed' AND u.ended_at > r.ended_at)
                ORDER BY r.id""").bind("since", utc(since)).mapTo(Long.class).list();
    }

    long count(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT count(*) FROM rollouts WHERE organization = :organization")
                .bind("organization", organization.text()).mapTo(Long.class).one();
    }

    Rollout insert(Handle handle, Rollout draft) {
        return handle.createQuery("""
                INSERT INTO rollouts (organization, name, image_id, content, state, author, author_name, created_at,
                    updated_at)
                VALUES (:organization, :name, :image, :content::jsonb, :state, :author, :authorName, :now, :now)
                RETURNING *""")
                .bind("organization", draft.organization().text()).bind("name", draft.name())
                .bind("image", draft.image()).bind("content", draft.plan().document().toString())
                .bind("state", draft.state().word()).bind("author", draft.author())
                .bind("authorName", draft.authorName()).bind("now", utc(draft.createdAt()))
                .map((row, _) -> rollout(row)).one();
    }

    /// A state in which devices are still concerned.
    Rollout move(Handle handle, Rollout rollout, RolloutState state, int stage, String reason, Instant now) {
        return handle.createQuery("""
                UPDATE rollouts SET state = :state, stage = :stage, reason = :reason, revision = revision + 1,
                    updated_at = :now, ended_at = NULL,
                    started_at = CASE WHEN :state = 'running' THEN coalesce(started_at, :now) ELSE started_at END
                WHERE id = :id RETURNING *""")
                .bind("id", rollout.id()).bind("state", state.word()).bind("stage", stage).bind("reason", reason)
                .bind("now", utc(now)).map((row, _) -> rollout(row)).one();
    }

    Rollout end(Handle handle, Rollout rollout, RolloutState state, Instant now) {
        return handle.createQuery("""
                UPDATE rollouts SET state = :state, revision = revision + 1, updated_at = :now, ended_at = :now
                WHERE id = :id RETURNING *""").bind("id", rollout.id()).bind("state", state.word())
                .bind("now", utc(now)).map((row, _) -> rollout(row)).one();
    }

    Rollout approve(Handle handle, Rollout rollout, String approver, Instant now) {
        return handle.createQuery("""
                UPDATE rollouts SET state = 'scheduled', approver_name = :approver, revision = revision + 1,
                    updated_at = :now WHERE id = :id RETURNING *""").bind("id", rollout.id())
                .bind("approver", approver).bind("now", utc(now)).map((row, _) -> rollout(row)).one();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM rollouts WHERE id = :id").bind("id", id).execute();
    }

    /// Those that take part already stay where they are.
    ///
    /// @return how many were added
    int add(Handle handle, long rollout, Collection<Device> devices, Map<DeviceId, Integer> stages) {
        return handle.createUpdate("""
                INSERT INTO rollout_devices (rollout_id, device_id, organization, stage)
                SELECT :rollout, d.id, d.organization, d.stage
                FROM unnest(:ids::bigint[], :organizations::text[], :stages::integer[]) AS d(id, organization, stage)
                ON CONFLICT (rollout_id, device_id) DO NOTHING""")
                .bind("rollout", rollout)
                .bindArray("ids", Long.class, devices.stream().map(it -> it.id().value()).toArray())
                .bindArray("organizations", String.class,
                        devices.stream().map(it -> it.organization().text()).toArray())
                .bindArray("stages", Integer.class, devices.stream().map(it -> stages.get(it.id())).toArray())
                .execute();
    }

    /// Devices up to a stage that were offered nothing yet, and are free to be.
    List<DeviceId> waiting(Handle handle, Rollout rollout, int most) {
        return handle.createQuery("""
                SELECT m.device_id FROM rollout_devices m
                WHERE m.rollout_id = :rollout AND m.stage <= :stage AND m.update_id IS NULL
                    AND NOT EXISTS (SELECT 1 FROM firmware_updates u
                                    WHERE u.device_id = m.device_id AND u.ended_at IS NULL)
                ORDER BY m.stage, m.device_id LIMIT :most""")
                .bind("rollout", rollout.id()).bind("stage", rollout.stage()).bind("most", most)
                .mapTo(Long.class).map(DeviceId::new).list();
    }

    /// They have what they need already, or are not what they were.
    void drop(Handle handle, long rollout, Collection<DeviceId> devices) {
        if (devices.isEmpty()) return;
        handle.createUpdate("DELETE FROM rollout_devices WHERE rollout_id = :rollout AND device_id = ANY(:devices)")
                .bind("rollout", rollout)
                .bindArray("devices", Long.class, devices.stream().map(DeviceId::value).toArray()).execute();
    }

    void offered(Handle handle, long rollout, Map<DeviceId, Long> updates) {
        if (updates.isEmpty()) return;
        var ids = new ArrayList<>(updates.keySet());
        handle.createUpdate("""
                UPDATE rollout_devices m SET update_id = o.made
                FROM unnest(:devices::bigint[], :made::bigint[]) AS o(device, made)
                WHERE m.rollout_id = :rollout AND m.device_id = o.device""").bind("rollout", rollout)
                .bindArray("devices", Long.class, ids.stream().map(DeviceId::value).toArray())
                .bindArray("made", Long.class, ids.stream().map(updates::get).toArray()).execute();
    }

    /// How many devices of a stage are at a state of their update; `waiting` are those without one.
    record Standing(int stage, String status, long devices) {}

    record Standings(List<Standing> all) {
        /// Of each stage, in their order.
        List<Counts> counts(Rollout rollout) {
            return IntStream.range(0, rollout.plan().stages().size()).mapToObj(stage -> all.stream()
                    .filter(it -> it.stage == stage).map(it -> Counts.of(it.status, it.devices))
                    .reduce(Counts.NONE, Counts::plus)).toList();
        }

        Map<String, Long> statuses() {
            return all.stream().collect(Collectors.toMap(Standing::status, Standing::devices, Long::sum,
                    TreeMap::new));
        }
    }

    Standings standings(Handle handle, long rollout) {
        return new Standings(handle.createQuery("""
                SELECT m.stage, coalesce(u.state, 'waiting') AS status, count(*) AS devices
                FROM rollout_devices m LEFT JOIN firmware_updates u ON u.id = m.update_id
                WHERE m.rollout_id = :rollout GROUP BY 1, 2""").bind("rollout", rollout)
                .map((row, _) -> new Standing(row.getInt("stage"), row.getString("status"), row.getLong("devices")))
                .list());
    }

    /// @param revertible  see `revertible`, but only how many
    /// @param reverted    that run again what they ran before
    record Movement(long recent, long recallable, long revertible, long reverting, long reverted) {}

    Movement movement(Handle handle, long rollout, Set<String> versions, Instant since) {
        return handle.createQuery("""
                SELECT count(*) FILTER (WHERE NOT is_rollback AND offered_at > :since) AS recent,
                    count(*) FILTER (WHERE NOT is_rollback AND ended_at IS NULL AND state <> 'installing')
                        AS recallable,
                    count(*) FILTER (WHERE is_rollback AND ended_at IS NULL) AS reverting,
                    count(*) FILTER (WHERE is_rollback AND state = 'installed') AS reverted
                FROM firmware_updates WHERE rollout_id = :rollout""").bind("rollout", rollout)
                .bind("since", utc(since)).map((row, _) -> new Movement(row.getLong("recent"),
                        row.getLong("recallable"), revertible(handle, rollout, versions, 1).size(),
                        row.getLong("reverting"), row.getLong("reverted"))).one();
    }

    /// What devices ran before, among those that have installed.
    List<String> formerVersions(Handle handle, long rollout) {
        return handle.createQuery("""
                SELECT DISTINCT from_version FROM firmware_updates
                WHERE rollout_id = :rollout AND NOT is_rollback AND state = 'installed' LIMIT 1000""")
                .bind("rollout", rollout).mapTo(String.class).list();
    }

    record Revertible(DeviceId device, String version) {}

    /// Devices that have installed, run the image still, and have not been offered the one before.
    ///
    /// @param versions that there are images of
    List<Revertible> revertible(Handle handle, long rollout, Set<String> versions, int most) {
        if (versions.isEmpty()) return List.of();
        return handle.createQuery("""
                SELECT u.device_id, u.from_version FROM firmware_updates u
                    JOIN firmware_images i ON i.id = u.image_id JOIN devices d ON d.id = u.device_id
                WHERE u.rollout_id = :rollout AND NOT u.is_rollback AND u.state = 'installed'
                    AND u.from_version = ANY(:versions) AND d.firmware_version = i.version
                    AND d.status IN ('active', 'inactive', 'maintenance')
                    AND NOT EXISTS (SELECT 1 FROM firmware_updates b WHERE b.device_id = u.device_id
                                    AND (b.ended_at IS NULL OR b.rollout_id = :rollout AND b.is_rollback))
                ORDER BY u.id LIMIT :most""").bind("rollout", rollout)
                .bindArray("versions", String.class, versions.toArray()).bind("most", most)
                .map((row, _) -> new Revertible(new DeviceId(row.getLong("device_id")), row.getString("from_version")))
                .list();
    }

    /// One device of a rollout.
    record Member(DeviceId device, String name, int stage, Optional<Long> update, String status, String detail,
                  int attempts, int progress) {}

    List<Member> members(Handle handle, long rollout, Page.Wish wish, Optional<String> status) {
        return handle.createQuery("""
                SELECT * FROM (
                    SELECT m.device_id, d.name, m.stage, u.id AS update_id, coalesce(u.state, 'waiting') AS status,
                        coalesce(u.detail, '') AS detail, coalesce(u.attempts, 0) AS attempts,
                        coalesce(u.progress, 0) AS progress
                    FROM rollout_devices m JOIN devices d ON d.id = m.device_id
                        LEFT JOIN firmware_updates u ON u.id = m.update_id
                    WHERE m.rollout_id = :rollout AND m.device_id > :after) AS found
                WHERE :status::text IS NULL OR status = :status ORDER BY device_id LIMIT :limit""")
                .bind("rollout", rollout).bind("after", wish.after()).bind("limit", wish.limit() + 1)
                .bind("status", status.orElse(null)).map((row, _) -> new Member(new DeviceId(row.getLong("device_id")),
                        row.getString("name"), row.getInt("stage"),
                        Optional.ofNullable(row.getObject("update_id", Long.class)), row.getString("status"),
                        row.getString("detail"), row.getInt("attempts"), row.getInt("progress"))).list();
    }

    private static Rollout rollout(ResultSet row) throws SQLException {
        var created = instant(row, "created_at").orElseThrow();
        return new Rollout(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                row.getString("name"), row.getLong("image_id"), plan(row.getString("content"), created),
                RolloutState.of(row.getString("state")), row.getInt("stage"), row.getString("reason"),
                row.getString("author"), row.getString("author_name"), row.getString("approver_name"),
                row.getLong("revision"), created, instant(row, "started_at"), instant(row, "ended_at"),
                instant(row, "updated_at").orElseThrow());
    }

    private static Plan plan(String content, Instant now) {
        try {
            return PlanReader.read(Fields.of("", Json.mapper().readTree(content)), now);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a rollout that is not JSON", e);
        }
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
