package io.iotflow.server.alert;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.Severity;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Query;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/// Which alerts to list, the newest first. Those of shadow rules are listed apart.
record AlertQuery(List<String> conditions, Map<String, Object> values, int limit) {
    private static final OffsetDateTime FIRST = Instant.parse("0001-01-01T00:00:00Z").atOffset(ZoneOffset.UTC);
    private static final OffsetDateTime LAST = Instant.parse("9999-12-31T00:00:00Z").atOffset(ZoneOffset.UTC);

    /// @param deviceNamed the device that has this id or name, if the caller may see it
    static AlertQuery read(Query query, Function<String, DeviceId> deviceNamed) {
        var conditions = new ArrayList<>(List.of("is_shadow = :shadow"));
        var values = new LinkedHashMap<String, Object>();
        values.put("shadow", query.flag("shadow"));
        words(query, "state", Arrays.stream(AlertState.values()).map(AlertState::word).toList(), conditions, values);
        words(query, "severity", Arrays.stream(Severity.values()).map(Severity::word).toList(), conditions, values);
        query.text("device").map(deviceNamed).ifPresent(device -> {
            conditions.add("alerts.device_id = :device");
            values.put("device", device.value());
        });
        query.text("rule").ifPresent(rule -> {
            var isNumber = rule.matches("[0-9]{1,18}");
            conditions.add(isNumber ? "rule_id = :rule" : "rule_name = :rule");
            values.put("rule", isNumber ? Object.class.cast(Long.parseLong(rule)) : storable("rule", rule));
        });
        query.text("assignee").ifPresent(name -> {
            conditions.add("assignee = :assignee");
            values.put("assignee", storable("assignee", name));
        });
        if (query.flag("unassigned")) conditions.add("assignee = ''");
        query.text("q").ifPresent(text -> {
            conditions.add("""
                    (strpos(lower(message), lower(:q)) > 0 OR strpos(lower(rule_name), lower(:q)) > 0
                    OR strpos(lower(devices.name), lower(:q)) > 0)""");
            values.put("q", storable("q", text));
        });
        query.time("since").ifPresent(since -> {
            conditions.add("began_at >= :since");
            values.put("since", time(since));
        });
        query.time("until").ifPresent(until -> {
            conditions.add("began_at < :until");
            values.put("until", time(until));
        });
        if (query.text("cursor").isPresent()) {
            conditions.add("alerts.id < :cursor");
            values.put("cursor", query.whole("cursor", 0L, 1, Long.MAX_VALUE));
        }
        return new AlertQuery(conditions, values, query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX));
    }

    private static void words(Query query, String name, List<String> known, List<String> conditions,
            Map<String, Object> values) {
        var wanted = query.list(name);
        if (wanted.isEmpty()) return;
        if (!known.containsAll(wanted)) {
            throw PlatformException.invalid(name, "must be some of " + String.join(", ", known)
                    + (wanted.contains("pending") ? "; what is pending is at /api/v1/alerts/pending" : ""));
        }
        conditions.add(name + " = ANY(:" + name + ")");
        values.put(name, wanted.toArray(String[]::new));
    }

    private static String storable(String name, String text) {
        if (!StorableText.accepts(text)) throw PlatformException.invalid(name, "has broken characters");
        return text;
    }

    /// What PostgreSQL knows as a time.
    static OffsetDateTime time(Instant time) {
        var at = time.isBefore(FIRST.toInstant()) ? FIRST : time.isAfter(LAST.toInstant()) ? LAST : null;
        return at == null ? time.atOffset(ZoneOffset.UTC) : at;
    }

    Page<Alert> page(Handle handle) {
        var select = handle.createQuery("SELECT " + AlertStore.COLUMNS
                + " FROM alerts JOIN devices ON devices.id = alerts.device_id WHERE "
                + String.join(" AND ", conditions) + " ORDER BY alerts.id DESC LIMIT :limit");
        bind(select);
        var rows = select.bind("limit", limit + 1).map((row, _) -> AlertStore.alert(row)).list();
        return Page.of(rows, new Page.Wish(0, limit), Alert::id);
    }

    private void bind(SqlStatement<?> statement) {
        values.forEach(statement::bind);
    }
}
