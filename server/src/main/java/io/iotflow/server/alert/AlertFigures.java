package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Severity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/// How many alerts there are, and how long people take. Shadow alerts do not count.
final class AlertFigures {
    private static final int RULES = 100;

    /// One group of alerts.
    ///
    /// @param kind the field that it stands in
    private record Group(String kind, ObjectNode json) {}

    private AlertFigures() {}

    /// Open ones by state and severity.
    static ObjectNode open(Handle handle) {
        var json = JsonNodeFactory.instance.objectNode().put("active", 0L).put("acknowledged", 0L);
        var severities = JsonNodeFactory.instance.objectNode();
        for (var severity : Severity.values()) severities.put(severity.word(), 0L);
        handle.createQuery("""
                SELECT state, severity, count(*) AS alerts FROM alerts WHERE resolved_at IS NULL AND NOT is_shadow
                GROUP BY state, severity""").map((row, _) -> {
                    add(json, row.getString("state"), row.getLong("alerts"));
                    return add(severities, row.getString("severity"), row.getLong("alerts"));
                }).list();
        json.set("by_severity", severities);
        return json;
    }

    static Map<DeviceId, Long> openByDevice(Handle handle) {
        var open = new HashMap<DeviceId, Long>();
        handle.createQuery("""
                SELECT device_id, count(*) AS alerts FROM alerts WHERE resolved_at IS NULL AND NOT is_shadow
                GROUP BY device_id""")
                .map((row, _) -> open.put(new DeviceId(row.getLong("device_id")), row.getLong("alerts"))).list();
        return open;
    }

    static Map<DeviceId, Severity> worstByDevice(Handle handle) {
        var worst = new HashMap<DeviceId, Severity>();
        handle.createQuery("""
                SELECT DISTINCT device_id, severity FROM alerts WHERE resolved_at IS NULL AND NOT is_shadow""")
                .map((row, _) -> worst.merge(new DeviceId(row.getLong("device_id")),
                        Severity.of("severity", row.getString("severity")),
                        (one, other) -> one.compareTo(other) > 0 ? one : other)).list();
        return worst;
    }

    private static ObjectNode add(ObjectNode json, String field, long more) {
        return json.put(field, json.path(field).asLong() + more);
    }

    static ObjectNode counts(Handle handle) {
        var open = open(handle);
        return open.put("resolved", handle.createQuery(
                "SELECT count(*) FROM alerts WHERE resolved_at IS NOT NULL AND NOT is_shadow")
                .mapTo(Long.class).one());
    }

    /// Of alerts that were noticed in the span: in all, by severity, and of the rules that had most of them.
    static ObjectNode statistics(Handle handle, Instant from, Instant to) {
        var groups = handle.createQuery("""
                SELECT CASE WHEN grouping(severity) = 0 THEN 'by_severity' WHEN grouping(rule_id) = 0 THEN 'by_rule'
                           ELSE 'total' END AS kind,
                    severity, rule_id, max(rule_name) AS rule_name, count(*) AS alerts,
                    count(resolved_at) AS resolved, count(acknowledged_at) AS acknowledged,
                    count(*) FILTER (WHERE false_positive) AS false_positives,
                    avg(to_acknowledge) AS acknowledge_mean, avg(to_resolve) AS resolve_mean,
                    percentile_cont(0.5) WITHIN GROUP (ORDER BY to_acknowledge) AS acknowledge_median,
                    percentile_cont(0.95) WITHIN GROUP (ORDER BY to_acknowledge) AS acknowledge_p95,
                    percentile_cont(0.5) WITHIN GROUP (ORDER BY to_resolve) AS resolve_median,
                    percentile_cont(0.95) WITHIN GROUP (ORDER BY to_resolve) AS resolve_p95
                FROM (SELECT severity, rule_id, rule_name, false_positive, acknowledged_at, resolved_at,
                          abs(extract(epoch FROM acknowledged_at - created_at))::float8 AS to_acknowledge,
                          abs(extract(epoch FROM resolved_at - began_at))::float8 AS to_resolve
                      FROM alerts WHERE NOT is_shadow AND created_at >= :from AND created_at < :to) AS span
                GROUP BY GROUPING SETS ((), (severity), (rule_id))
                ORDER BY count(*) DESC, rule_id""")
                .bind("from", AlertQuery.time(from)).bind("to", AlertQuery.time(to)).map((row, _) -> group(row)).list();
        var json = JsonNodeFactory.instance.objectNode().put("from", from.toString()).put("to", to.toString());
        json.set("total", of(groups, "total").findFirst().orElseThrow());
        of(groups, "by_severity").forEach(json.putArray("by_severity")::add);
        of(groups, "by_rule").limit(RULES).forEach(json.putArray("by_rule")::add);
        return json;
    }

    private static Stream<ObjectNode> of(List<Group> groups, String kind) {
        return groups.stream().filter(group -> group.kind().equals(kind)).map(Group::json);
    }

    private static Group group(ResultSet row) throws SQLException {
        var kind = row.getString("kind");
        var json = JsonNodeFactory.instance.objectNode();
        if (kind.equals("by_severity")) json.put("severity", row.getString("severity"));
        if (kind.equals("by_rule")) {
            json.put("rule_id", row.getLong("rule_id")).put("rule_name", row.getString("rule_name"));
        }
        var alerts = row.getLong("alerts");
        json.put("alerts", alerts).put("open", alerts - row.getLong("resolved"))
                .put("acknowledged", row.getLong("acknowledged")).put("resolved", row.getLong("resolved"))
                .put("false_positives", row.getLong("false_positives"))
                .put("false_positive_share", alerts == 0 ? 0 : row.getLong("false_positives") / (double) alerts);
        for (var what : List.of("acknowledge", "resolve")) {
            var times = json.putObject("seconds_to_" + what);
            for (var figure : List.of("mean", "median", "p95")) {
                times.put(figure, row.getObject(what + "_" + figure, Double.class));
            }
        }
        return new Group(kind, json);
    }
}
