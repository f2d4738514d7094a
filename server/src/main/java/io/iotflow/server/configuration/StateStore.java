package io.iotflow.server.configuration;

import io.iotflow.server.configuration.State.Acknowledgement;
import io.iotflow.server.configuration.State.Drift;
import io.iotflow.server.configuration.State.Outcome;
import io.iotflow.server.configuration.State.Reported;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// All SQL about what devices are to have. Stateless; the caller holds the connection and the transaction.
final class StateStore {
    /// The first half of the advisory locks by which changes of one device follow one another.
    private static final int LOCK_SPACE = 0x10f1;
    private static final String MOVED = """
            SELECT d.id FROM devices d LEFT JOIN configuration_states s ON s.device_id = d.id
            WHERE %s d.status <> 'decommissioned' AND (s.device_type <> d.device_type
                OR s.device_id IS NULL AND EXISTS (SELECT 1 FROM configurations c WHERE c.active
                    AND c.target IN ('type:' || d.device_type, 'default:' || d.device_type)
                    AND starts_with(d.organization, c.organization)))""";

    /// In the order of their numbers, so that nobody waits for somebody who waits for him.
    void lock(Handle handle, Collection<DeviceId> devices) {
        handle.createQuery("""
                SELECT count(pg_advisory_xact_lock(:space, device)::text)
                FROM (SELECT (id % 2147483647)::int AS device FROM unnest(:devices) AS id ORDER BY 1) AS sorted""")
                .bind("space", LOCK_SPACE).bindArray("devices", Long.class, values(devices))
                .mapTo(Long.class).one();
    }

    Map<DeviceId, String> names(Handle handle, Collection<DeviceId> devices) {
        return handle.createQuery("SELECT id, name FROM devices WHERE id = ANY(:devices)")
                .bindArray("devices", Long.class, values(devices))
                .map((row, _) -> Map.entry(new DeviceId(row.getLong("id")), row.getString("name"))).list().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    Optional<Member> member(Handle handle, DeviceId device) {
        return members(handle, List.of(device)).stream().findFirst();
    }

    List<Member> members(Handle handle, Collection<DeviceId> devices) {
        return handle.createQuery("""
                SELECT id, organization, device_type FROM devices
                WHERE id = ANY(:devices) AND status <> 'decommissioned'""")
                .bindArray("devices", Long.class, values(devices)).map((row, _) -> member(row)).list();
    }

    /// Living devices of an organization and those below it, by their numbers.
    ///
    /// @param type empty for any
    List<Member> members(Handle handle, OrganizationPath organization, Optional<String> type, long after, int most) {
        return handle.createQuery("""
                SELECT id, organization, device_type FROM devices
                WHERE id > :after AND status <> 'decommissioned' AND starts_with(organization, :organization)
                    AND (:type::text IS NULL OR device_type = :type)
                ORDER BY id LIMIT :most""")
                .bind("after", after).bind("organization", organization.text()).bind("type", type.orElse(null))
                .bind("most", most).map((row, _) -> member(row)).list();
    }

    /// Of those, which have another type than when their levels were found, or may have levels that were never found.
    List<DeviceId> moved(Handle handle, Collection<DeviceId> devices) {
        return handle.createQuery(MOVED.formatted("d.id = ANY(:devices) AND"))
                .bindArray("devices", Long.class, values(devices))
                .map((row, _) -> new DeviceId(row.getLong("id"))).list();
    }

    /// The same of all.
    List<DeviceId> moved(Handle handle) {
        return handle.createQuery(MOVED.formatted("")).map((row, _) -> new DeviceId(row.getLong("id"))).list();
    }

    Map<DeviceId, State> find(Handle handle, Collection<DeviceId> devices) {
        return handle.createQuery("SELECT * FROM configuration_states WHERE device_id = ANY(:devices)")
                .bindArray("devices", Long.class, values(devices)).map((row, _) -> state(row)).list().stream()
                .collect(Collectors.toMap(State::device, it -> it));
    }

    Optional<State> find(Handle handle, DeviceId device) {
        return Optional.ofNullable(find(handle, List.of(device)).get(device));
    }

    /// All but what was published.
    void save(Handle handle, Collection<State> states) {
        if (states.isEmpty()) return;
        var batch = handle.prepareBatch("""
                INSERT INTO configuration_states (device_id, organization, device_type, version, content, changed_at,
                    acked_version, acked_outcome, acked_message, acked_at, reported, reported_hash, reported_at,
                    drift, drift_since, problem)
                VALUES (:device, :organization, :type, :version, :content::jsonb, :changedAt, :ackedVersion, :outcome,
                    :message, :ackedAt, :reported::jsonb, :hash, :reportedAt, :drift, :since, :problem)
                ON CONFLICT (device_id) DO UPDATE SET device_type = :type, version = :version,
                    content = :content::jsonb, changed_at = :changedAt, acked_version = :ackedVersion,
                    acked_outcome = :outcome, acked_message = :message, acked_at = :ackedAt,
                    reported = :reported::jsonb, reported_hash = :hash, reported_at = :reportedAt, drift = :drift,
                    drift_since = :since, problem = :problem""");
        for (var it : states) {
            var ack = it.acknowledgement();
            var reported = it.reported();
            batch.bind("device", it.device().value()).bind("organization", it.organization().text())
                    .bind("type", it.type()).bind("version", it.version()).bind("content", it.entries().toString())
                    .bind("changedAt", VersionStore.utc(it.changedAt()))
                    .bind("ackedVersion", ack.map(Acknowledgement::version).orElse(null))
                    .bind("outcome", ack.map(known -> known.outcome().word()).orElse(null))
                    .bind("message", ack.map(Acknowledgement::message).orElse(""))
                    .bind("ackedAt", ack.map(known -> VersionStore.utc(known.at())).orElse(null))
                    .bind("reported", reported.flatMap(Reported::values).map(Object::toString).orElse(null))
                    .bind("hash", reported.map(Reported::hash).orElse(null))
                    .bind("reportedAt", reported.map(known -> VersionStore.utc(known.at())).orElse(null))
                    .bind("drift", it.drift().word()).bind("since", VersionStore.utc(it.since()))
                    .bind("problem", it.problem()).add();
        }
        batch.execute();
    }

    /// Living devices whose version is not with the broker.
    List<State> unpublished(Handle handle, int most) {
        return handle.createQuery("""
                SELECT s.* FROM configuration_states s JOIN devices d ON d.id = s.device_id
                WHERE s.published < s.version AND d.status <> 'decommissioned'
                ORDER BY s.device_id LIMIT :most""").bind("most", most).map((row, _) -> state(row)).list();
    }

    Optional<State> unpublished(Handle handle, DeviceId device) {
        return handle.createQuery("""
                SELECT s.* FROM configuration_states s JOIN devices d ON d.id = s.device_id
                WHERE s.device_id = :device AND s.published < s.version AND d.status <> 'decommissioned'""")
                .bind("device", device.value()).map((row, _) -> state(row)).findOne();
    }

    void published(Handle handle, Collection<State> states) {
        if (states.isEmpty()) return;
        handle.createUpdate("""
                UPDATE configuration_states s SET published = done.version
                FROM unnest(:devices, :versions) AS done (device, version)
                WHERE s.device_id = done.device AND s.published < done.version""")
                .bindArray("devices", Long.class, states.stream().map(it -> it.device().value()).toArray())
                .bindArray("versions", Long.class, states.stream().map(State::version).toArray()).execute();
    }

    /// Some that were told before that time and have not answered; they are overdue from now on.
    List<DeviceId> overdue(Handle handle, Instant before, Instant now, int most) {
        return handle.createQuery("""
                UPDATE configuration_states SET drift_since = :now,
                    drift = CASE WHEN reported_at > changed_at THEN 'differs' ELSE 'unacknowledged' END
                WHERE device_id IN (SELECT s.device_id FROM configuration_states s
                    JOIN devices d ON d.id = s.device_id AND d.status <> 'decommissioned'
                    WHERE s.drift = 'pending' AND s.changed_at <= :before ORDER BY s.changed_at LIMIT :most
                    FOR UPDATE OF s SKIP LOCKED)
                RETURNING device_id""")
                .bind("now", VersionStore.utc(now)).bind("before", VersionStore.utc(before)).bind("most", most)
                .map((row, _) -> new DeviceId(row.getLong("device_id"))).list();
    }

    /// Of those that are decommissioned nobody needs to know whether they drift.
    ///
    /// @return those that did
    List<DeviceId> endDrift(Handle handle, Collection<DeviceId> devices) {
        return handle.createQuery("""
                UPDATE configuration_states s SET drift = 'in_sync' FROM devices d
                WHERE d.id = s.device_id AND d.status = 'decommissioned' AND s.device_id = ANY(:devices)
                    AND s.drift NOT IN ('in_sync', 'pending') RETURNING s.device_id""")
                .bindArray("devices", Long.class, values(devices))
                .map((row, _) -> new DeviceId(row.getLong("device_id"))).list();
    }

    List<DeviceId> drifting(Handle handle) {
        return handle.createQuery("""
                SELECT device_id FROM configuration_states WHERE drift NOT IN ('in_sync', 'pending')""")
                .map((row, _) -> new DeviceId(row.getLong("device_id"))).list();
    }

    private static Object[] values(Collection<DeviceId> devices) {
        return devices.stream().map(DeviceId::value).toArray();
    }

    private static Member member(ResultSet row) throws SQLException {
        return new Member(new DeviceId(row.getLong("id")), new OrganizationPath(row.getString("organization")),
                row.getString("device_type"));
    }

    static State state(ResultSet row) throws SQLException {
        var ackedAt = row.getObject("acked_at", OffsetDateTime.class);
        var reportedAt = row.getObject("reported_at", OffsetDateTime.class);
        var acknowledgement = ackedAt == null ? Optional.<Acknowledgement>empty()
                : Optional.of(new Acknowledgement(row.getLong("acked_version"),
                Outcome.valueOf(row.getString("acked_outcome").toUpperCase(Locale.ROOT)),
                row.getString("acked_message"), ackedAt.toInstant()));
        var reported = reportedAt == null ? Optional.<Reported>empty()
                : Optional.of(new Reported(Optional.ofNullable(row.getString("reported")).map(Content::tree),
                row.getString("reported_hash"), reportedAt.toInstant()));
        return new State(new DeviceId(row.getLong("device_id")), new OrganizationPath(row.getString("organization")),
                row.getString("device_type"), row.getLong("version"), Content.tree(row.getString("content")),
                row.getObject("changed_at", OffsetDateTime.class).toInstant(), row.getLong("published"),
                acknowledgement, reported, Drift.of(row.getString("drift")),
                row.getObject("drift_since", OffsetDateTime.class).toInstant(), row.getString("problem"));
    }
}
