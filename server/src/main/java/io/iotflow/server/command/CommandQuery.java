package io.iotflow.server.command;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Which commands to list, the newest first.
record CommandQuery(List<String> conditions, Map<String, Object> values, int limit) {

    static CommandQuery read(Query query, Optional<DeviceId> device) {
        var conditions = new ArrayList<>(List.of("true"));
        var values = new LinkedHashMap<String, Object>();
        device.ifPresent(id -> {
            conditions.add("device_id = :device");
            values.put("device", id.value());
        });
        var states = query.list("status");
        if (!states.isEmpty()) {
            var known = Arrays.stream(CommandState.values()).map(CommandState::word).toList();
            if (!known.containsAll(states)) {
                throw PlatformException.invalid("status", "must be some of " + String.join(", ", known));
            }
            conditions.add("state = ANY(:states)");
            values.put("states", states.toArray(String[]::new));
        }
        query.text("type").ifPresent(type -> {
            if (!StorableText.accepts(type)) throw PlatformException.invalid("type", "has broken characters");
            conditions.add("type = :type");
            values.put("type", type);
        });
        if (query.text("job").isPresent()) {
            conditions.add("job_id = :job");
            values.put("job", query.whole("job", 0L, 1, Long.MAX_VALUE));
        }
        if (query.text("cursor").isPresent()) {
            conditions.add("number < :cursor");
            values.put("cursor", query.whole("cursor", 0L, 1, Long.MAX_VALUE));
        }
        return new CommandQuery(conditions, values, query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX));
    }

    Page<Command> page(Handle handle) {
        var select = handle.createQuery("SELECT * FROM commands WHERE " + String.join(" AND ", conditions)
                + " ORDER BY number DESC LIMIT :limit");
        values.forEach(select::bind);
        var rows = select.bind("limit", limit + 1).map((row, _) -> CommandStore.command(row)).list();
        return Page.of(rows, new Page.Wish(0, limit), Command::number);
    }
}
