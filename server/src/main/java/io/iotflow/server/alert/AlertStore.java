package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.alert.Life.Signature;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SequencedCollection;
import org.jdbi.v3.core.Handle;

/// All SQL that keeps alerts. Many at once go in one statement, as one JSON document. Stateless; the caller holds the
/// connection and the transaction.
///
/// Whoever locks several alerts locks them in the order of their numbers, so that nobody waits for one another; and
/// locks their rules before.
final class AlertStore {
    static final String COLUMNS = """
            alerts.id, alerts.organization, alerts.device_id, devices.name AS device_name, rule_id, rule_version,
            rule_name, key, severity, message, is_shadow, is_latched, assignee, false_positive, occurrences, began_at,
            last_occurred_at, cleared_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by,
            alerts.created_at, why, policy""";
    private static final String FROM = " FROM alerts JOIN devices ON devices.id = alerts.device_id ";

    /// What tells alerts apart.
    record Key(long rule, DeviceId device, String key) {}

    /// A device that lives.
    record Home(OrganizationPath organization, String name) {}

    /// Which of the rules are there and switched on, each with the mode that it has. None of them changes until the
    /// transaction ends.
    Map<Long, String> lockedModes(Handle handle, Set<Long> rules) {
        var modes = new HashMap<Long, String>();
        handle.createQuery("SELECT id, mode FROM rules WHERE id = ANY(:ids) ORDER BY id FOR SHARE")
                .bind("ids", longs(rules))
                .map((row, _) -> modes.put(row.getLong("id"), row.getString("mode"))).list();
        return modes;
    }

    Map<DeviceId, Home> homes(Handle handle, Set<DeviceId> devices) {
        var homes = new HashMap<DeviceId, Home>();
        handle.createQuery("""
                SELECT id, organization, name FROM devices WHERE id = ANY(:ids) AND status <> 'decommissioned'""")
                .bind("ids", devices.stream().mapToLong(DeviceId::value).toArray())
                .map((row, _) -> homes.put(new DeviceId(row.getLong("id")),
                        new Home(new OrganizationPath(row.getString("organization")), row.getString("name")))).list();
        return homes;
    }

    /// The alert of each key that began last, locked.
    Map<Key, Alert> lockedLatest(Handle handle, SequencedCollection<Key> keys) {
        var rows = array();
        for (var key : keys) {
            rows.addObject().put("rule", key.rule()).put("device", key.device().value()).put("key", key.key());
        }
        var ids = handle.createQuery("""
                SELECT latest.id
                FROM json_to_recordset(:keys::json) AS wanted (rule bigint, device bigint, key text)
                CROSS JOIN LATERAL (
                    SELECT id FROM alerts
                    WHERE rule_id = wanted.rule AND device_id = wanted.device AND alerts.key = wanted.key
                    ORDER BY began_at DESC LIMIT 1) AS latest""").bind("keys", text(rows)).mapTo(Long.class).list();
        var latest = new HashMap<Key, Alert>();
        for (var alert : ids.isEmpty() ? List.<Alert>of() : locked(handle, ids)) {
            latest.put(new Key(alert.subject().rule(), alert.subject().device(), alert.subject().key()), alert);
        }
        return latest;
    }

    /// How many alerts with keys are open, of those rules at those devices that have any.
    Map<Key, Integer> open(Handle handle, Set<Long> rules, Set<DeviceId> devices) {
        var open = new HashMap<Key, Integer>();
        handle.createQuery("""
                SELECT rule_id, device_id, count(*) AS count FROM alerts
                WHERE rule_id = ANY(:rules) AND device_id = ANY(:devices) AND resolved_at IS NULL AND key <> ''
                GROUP BY rule_id, device_id""").bind("rules", longs(rules))
                .bind("devices", devices.stream().mapToLong(DeviceId::value).toArray())
                .map((row, _) -> open.put(new Key(row.getLong("rule_id"), new DeviceId(row.getLong("device_id")), ""),
                        row.getInt("count"))).list();
        return open;
    }

    /// Those that are there, in the order of their numbers.
    List<Alert> locked(Handle handle, Collection<Long> ids) {
        return handle.createQuery("SELECT " + COLUMNS + FROM
                + "WHERE alerts.id = ANY(:ids) ORDER BY alerts.id FOR NO KEY UPDATE OF alerts")
                .bind("ids", longs(ids)).map((row, _) -> alert(row)).list();
    }

    /// Alerts of a rule that are open or whose end is not known, locked.
    List<Alert> lockedUnended(Handle handle, long rule) {
        return handle.createQuery("SELECT " + COLUMNS + FROM + """
                WHERE rule_id = :rule AND (resolved_at IS NULL OR cleared_at IS NULL)
                ORDER BY alerts.id FOR NO KEY UPDATE OF alerts""").bind("rule", rule)
                .map((row, _) -> alert(row)).list();
    }

    /// The same of devices whose life has ended.
    List<Alert> lockedOfTheDead(Handle handle, int atMost) {
        return handle.createQuery("SELECT " + COLUMNS + FROM + """
                WHERE (resolved_at IS NULL OR cleared_at IS NULL) AND devices.status = 'decommissioned'
                ORDER BY alerts.id LIMIT :most FOR NO KEY UPDATE OF alerts""").bind("most", atMost)
                .map((row, _) -> alert(row)).list();
    }

    /// What has not been seen to end, and what has ended so lately that the log may bring it once more.
    List<Breach> breaches(Handle handle) {
        return handle.createQuery("""
                SELECT rule_id, device_id, key, began_at, cleared_at FROM alerts
                WHERE cleared_at IS NULL
                    OR id IN (SELECT alert_id FROM alert_events ORDER BY id DESC LIMIT :lately)
                ORDER BY id""").bind("lately", Limits.ALERT_EVENTS_LATELY)
                .map((row, _) -> new Breach(row.getLong("rule_id"), new DeviceId(row.getLong("device_id")),
                        row.getString("key"), instant(row, "began_at").orElseThrow(),
                        instant(row, "cleared_at"))).list();
    }

    /// Numbers for new alerts.
    List<Long> numbers(Handle handle, int count) {
        return handle.createQuery("""
                WITH numbers AS MATERIALIZED (SELECT pg_get_serial_sequence('alerts', 'id')::regclass AS sequence)
                SELECT nextval(sequence) FROM numbers, generate_series(1, :count)""")
                .bind("count", count).mapTo(Long.class).list();
    }

    void insert(Handle handle, Collection<Alert> alerts) {
        if (alerts.isEmpty()) return;
        var rows = array();
        for (var alert : alerts) {
            var subject = alert.subject();
            var row = life(rows.addObject().put("id", alert.id()), alert.life())
                    .put("organization", subject.organization().text()).put("device_id", subject.device().value())
                    .put("rule_id", subject.rule()).put("rule_version", subject.ruleVersion())
                    .put("rule_name", subject.ruleName()).put("key", subject.key())
                    .put("severity", subject.severity().word()).put("is_shadow", subject.isShadow())
                    .put("is_latched", subject.isLatched()).put("began_at", subject.beganAt().toString())
                    .put("created_at", subject.createdAt().toString());
            row.set("why", subject.why());
            row.set("policy", subject.policy());
        }
        handle.createUpdate("""
                INSERT INTO alerts (id, organization, device_id, rule_id, rule_version, rule_name, key, severity,
                    message, state, is_shadow, is_latched, assignee, false_positive, occurrences, began_at,
                    last_occurred_at, cleared_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by,
                    created_at, why, policy)
                OVERRIDING SYSTEM VALUE
                SELECT id, organization, device_id, rule_id, rule_version, rule_name, key, severity,
                    message, state, is_shadow, is_latched, assignee, false_positive, occurrences, began_at,
                    last_occurred_at, cleared_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by,
                    created_at, why, policy
                FROM json_populate_recordset(NULL::alerts, :rows::json)""").bind("rows", text(rows)).execute();
    }

    /// What changes about them.
    void update(Handle handle, Collection<Alert> alerts) {
        if (alerts.isEmpty()) return;
        var rows = array();
        alerts.forEach(alert -> life(rows.addObject().put("id", alert.id()), alert.life()));
        handle.createUpdate("""
                UPDATE alerts SET message = new.message, state = new.state, assignee = new.assignee,
                    false_positive = new.false_positive, occurrences = new.occurrences,
                    last_occurred_at = new.last_occurred_at, cleared_at = new.cleared_at,
                    acknowledged_at = new.acknowledged_at, acknowledged_by = new.acknowledged_by,
                    resolved_at = new.resolved_at, resolved_by = new.resolved_by
                FROM json_populate_recordset(NULL::alerts, :rows::json) AS new
                WHERE alerts.id = new.id""").bind("rows", text(rows)).execute();
    }

    private static ObjectNode life(ObjectNode row, Life life) {
        row.put("message", life.message()).put("state", life.state().word()).put("assignee", life.assignee())
                .put("false_positive", life.isFalsePositive()).put("occurrences", life.occurrences())
                .put("last_occurred_at", life.lastOccurredAt().toString());
        life.clearedAt().ifPresent(at -> row.put("cleared_at", at.toString()));
        life.acknowledged().ifPresent(by -> row.put("acknowledged_at", by.at().toString())
                .put("acknowledged_by", by.by()));
        life.resolved().ifPresent(by -> row.put("resolved_at", by.at().toString()).put("resolved_by", by.by()));
        return row;
    }

    /// One line of an alert's history.
    record Line(Alert alert, Happening happening) {}

    void tell(Handle handle, Collection<Line> history) {
        if (history.isEmpty()) return;
        var rows = array();
        for (var line : history) {
            rows.addObject().put("alert_id", line.alert().id())
                    .put("organization", line.alert().subject().organization().text())
                    .put("at", line.happening().at().toString()).put("kind", line.happening().kind().word())
                    .put("actor", line.happening().actor()).put("detail", line.happening().detail());
        }
        handle.createUpdate("""
                INSERT INTO alert_events (alert_id, organization, at, kind, actor, detail)
                SELECT alert_id, organization, at, kind, actor, detail
                FROM json_populate_recordset(NULL::alert_events, :rows::json)""").bind("rows", text(rows)).execute();
    }

    Optional<Alert> find(Handle handle, long id) {
        return handle.createQuery("SELECT " + COLUMNS + FROM + "WHERE alerts.id = :id").bind("id", id)
                .map((row, _) -> alert(row)).findOne();
    }

    List<Happening> history(Handle handle, long alert) {
        return handle.createQuery("""
                SELECT at, kind, actor, detail FROM alert_events WHERE alert_id = :alert ORDER BY id""")
                .bind("alert", alert).map((row, _) -> new Happening(
                        Happening.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        instant(row, "at").orElseThrow(), row.getString("actor"), row.getString("detail"))).list();
    }

    long historyLength(Handle handle, long alert) {
        return handle.createQuery("SELECT count(*) FROM alert_events WHERE alert_id = :alert").bind("alert", alert)
                .mapTo(Long.class).one();
    }

    static Alert alert(ResultSet row) throws SQLException {
        return new Alert(row.getLong("id"), new Alert.Subject(new OrganizationPath(row.getString("organization")),
                new DeviceId(row.getLong("device_id")), row.getString("device_name"), row.getLong("rule_id"),
                row.getInt("rule_version"), row.getString("rule_name"), row.getString("key"),
                Severity.of("severity", row.getString("severity")), row.getBoolean("is_shadow"),
                row.getBoolean("is_latched"), instant(row, "began_at").orElseThrow(),
                instant(row, "created_at").orElseThrow(), json(row.getString("why")), json(row.getString("policy"))),
                new Life(row.getString("message"), row.getLong("occurrences"),
                        instant(row, "last_occurred_at").orElseThrow(), instant(row, "cleared_at"),
                        signature(row, "acknowledged"), signature(row, "resolved"), row.getString("assignee"),
                        row.getBoolean("false_positive")));
    }

    private static Optional<Signature> signature(ResultSet row, String what) throws SQLException {
        var by = row.getString(what + "_by");
        return instant(row, what + "_at").map(at -> new Signature(at, by));
    }

    static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ArrayNode array() {
        return Json.mapper().createArrayNode();
    }

    private static String text(ArrayNode rows) {
        return rows.toString();
    }

    private static long[] longs(Collection<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }
}
