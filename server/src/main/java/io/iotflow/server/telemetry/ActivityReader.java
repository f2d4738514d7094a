package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.telemetry.FleetActivity.Count;
import io.iotflow.server.telemetry.FleetActivity.Reporter;
import io.questdb.cairo.sql.RecordCursor;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Counts what was measured in a span of time. The database reads only the partitions of that time, and of each row the
/// time, the device and whether there is a value.
final class ActivityReader {
    private static final int BUSIEST = 10;
    /// A window is chosen that gives about as many.
    private static final int WINDOWS_AT_MOST = 300;
    private static final List<String> WINDOWS = List.of("1m", "5m", "1h", "6h", "1d");
    private static final String WHERE = " WHERE time >= :from AND time < :to";

    private final QuestionSession session;
    private final TimeSpan span;
    private final String where;

    /// @param devices which devices; empty for all
    ActivityReader(QuestionSession session, Optional<List<DeviceId>> devices, TimeSpan span) {
        this.session = session;
        this.span = span;
        where = WHERE + FleetReader.among(devices);
    }

    FleetActivity read() {
        var word = WINDOWS.stream().filter(it -> span.toMicros() - span.fromMicros()
                <= WINDOWS_AT_MOST * window(it).roughMicros()).findFirst().orElse(WINDOWS.getLast());
        var byTime = new TreeMap<Long, Long>();
        var byDevice = new HashMap<DeviceId, Long>();
        try (var _ = session.scan()) {
            count("count(number) FROM points" + where, window(word), byTime, byDevice);
            count("count(text) FROM texts" + where, window(word), byTime, byDevice);
            count("count(envelope) FROM sealed" + where, window(word), byTime, byDevice);
        }
        var windows = new ArrayList<Count>(byTime.size());
        byTime.forEach((start, points) -> windows.add(new Count(TimeSpan.instant(start), points)));
        var busiest = byDevice.entrySet().stream()
                .sorted(Map.Entry.<DeviceId, Long>comparingByValue().reversed()
                        .thenComparing(Map.Entry::getKey, Comparator.comparing(DeviceId::value)))
                .limit(BUSIEST).map(it -> new Reporter(it.getKey(), it.getValue())).toList();
        return new FleetActivity(byDevice.values().stream().mapToLong(Long::longValue).sum(), word, windows,
                byDevice.size(), busiest);
    }

    private static Window window(String word) {
        return Window.parse(word, ZoneOffset.UTC).orElseThrow();
    }

    private void count(String what, Window window, Map<Long, Long> byTime, Map<DeviceId, Long> byDevice) {
        try (var cursor = open("SELECT time, " + what + " SAMPLE BY " + FleetReader.step(window)
                + " ALIGN TO CALENDAR")) {
            var row = cursor.getRecord();
            while (cursor.hasNext()) {
                session.stopIfCancelled();
                if (row.getLong(1) > 0) byTime.merge(window.start(row.getTimestamp(0)), row.getLong(1), Long::sum);
            }
        }
        try (var cursor = open("SELECT device, " + what + " GROUP BY device")) {
            var row = cursor.getRecord();
            while (cursor.hasNext()) {
                session.stopIfCancelled();
                if (row.getLong(1) == 0) continue;
                var device = new DeviceId(Long.parseLong(row.getSymA(0), 0, row.getSymA(0).length(), 10));
                byDevice.merge(device, row.getLong(1), Long::sum);
            }
        }
    }

    private RecordCursor open(String sql) {
        return session.open(sql, variables -> {
            variables.setTimestamp("from", span.fromMicros());
            variables.setTimestamp("to", span.toMicros());
        });
    }
}
