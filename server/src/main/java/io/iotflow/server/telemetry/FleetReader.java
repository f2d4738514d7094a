package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Answers a [FleetQuery]. The database gathers all devices into steps of UTC that no zone's windows cut (every zone's
/// offset is a multiple of 15 minutes today), and the steps are put together into windows here.
final class FleetReader {
    private static final long MINUTE = 60_000_000;
    private static final String EXTREMES = ", min(number), max(number)";
    private static final String WHERE =
            " FROM points WHERE metric = :metric AND time >= :from AND time < :to";

    private FleetReader() {}

    /// The longest step that windows of this length are made of.
    static String step(Window window) {
        var width = window.roughMicros();
        return width % (15 * MINUTE) == 0 ? "15m" : width % MINUTE == 0 ? "1m" : "1s";
    }

    /// A condition on the device. Ids are numbers, so they need no binding.
    static String among(Optional<List<DeviceId>> devices) {
        if (devices.isEmpty()) return "";
        if (devices.get().isEmpty()) return " AND false";
        return devices.get().stream().map(id -> "'" + id + "'")
                .collect(Collectors.joining(",", " AND device IN (", ")"));
    }

    static FleetRows read(QuestionSession session, FleetQuery query) {
        var step = step(query.window());
        var rows = new ArrayList<FleetRows.Row>();
        var sql = "SELECT time, count(number), sum(number)" + (query.extremes() ? EXTREMES : "") + WHERE
                + among(query.devices()) + " SAMPLE BY " + step + " ALIGN TO CALENDAR ORDER BY time";
        try (var _ = session.scan(); var cursor = session.open(sql, variables -> {
            variables.setStr("metric", query.metric());
            variables.setTimestamp("from", Math.max(0, query.fromMicros()));
            variables.setTimestamp("to", query.toMicros());
        })) {
            var row = cursor.getRecord();
            while (cursor.hasNext()) {
                var count = row.getLong(1);
                if (count == 0) continue;
                var start = query.window().start(Math.max(row.getTimestamp(0), query.fromMicros()));
                var found = new FleetRows.Row(start, count, row.getDouble(2),
                        query.extremes() ? row.getDouble(3) : Double.NaN,
                        query.extremes() ? row.getDouble(4) : Double.NaN);
                if (!rows.isEmpty() && rows.getLast().timeMicros() == start) rows.add(rows.removeLast().and(found));
                else rows.add(found);
                if (rows.size() > AggregateReader.WINDOWS_AT_MOST) {
                    throw PlatformException.invalid("window", "gives more than " + AggregateReader.WINDOWS_AT_MOST
                            + " windows; ask for larger windows or less time");
                }
            }
        }
        return new FleetRows(rows);
    }
}
