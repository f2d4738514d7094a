package io.iotflow.server.audit;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Query;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.statement.SqlStatement;

/// Which entries to list, the newest first. What is absent filters nothing.
///
/// @param conditions in SQL, with the names of `values`
/// @param limit      entries of the page
record AuditQuery(List<String> conditions, Map<String, Object> values, int limit) {
    /// As entries write their time, so that comparing texts compares times.
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /// Each filter by the name of its parameter. An action's first words stand for all that begin with them.
    private static final Map<String, String> FILTERS = Map.of(
            "action", "(action = :action OR starts_with(action, :action || '.'))",
            "actor", "(actor_id = :actor OR actor_name = :actor)",
            "target", "(target_id = :target OR target_name = :target)",
            "target_type", "target_type = :target_type",
            "text", "strpos(lower(body), lower(:text)) > 0");

    static AuditQuery read(Query query) {
        var conditions = new ArrayList<>(List.of("true"));
        var values = new LinkedHashMap<String, Object>();
        FILTERS.forEach((name, condition) -> query.text(name).ifPresent(text -> {
            if (!StorableText.accepts(text)) throw PlatformException.invalid(name, "has broken characters");
            conditions.add(condition);
            values.put(name, text);
        }));
        query.time("from").ifPresent(from -> {
            conditions.add("time >= :from");
            values.put("from", text("from", from));
        });
        query.time("to").ifPresent(to -> {
            conditions.add("time < :to");
            values.put("to", text("to", to));
        });
        if (query.text("cursor").isPresent()) {
            conditions.add("id < :cursor");
            values.put("cursor", query.whole("cursor", 0L, 1, Long.MAX_VALUE));
        }
        return new AuditQuery(conditions, values, query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.AUDIT_PAGE_MAX));
    }

    private static String text(String name, Instant time) {
        var year = time.atOffset(ZoneOffset.UTC).getYear();
        if (year < 0 || year > 9999) throw PlatformException.invalid(name, "must be in the years 0 to 9999");
        return TIME.format(time);
    }

    String condition() {
        return String.join(" AND ", conditions);
    }

    /// One row more than the page has, to know whether another follows.
    void bind(SqlStatement<?> statement) {
        values.forEach(statement::bind);
        statement.bind("limit", limit + 1);
    }
}
