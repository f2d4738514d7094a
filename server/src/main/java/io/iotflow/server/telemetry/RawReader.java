package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.telemetry.RawQuery.Order;
import io.questdb.cairo.sql.RecordCursor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// Answers a [RawQuery] by walking the tables of numbers and of texts side by side, in order of time.
final class RawReader {
    /// By device alone: picking the metrics here is several times faster than QuestDB's filter over the index.
    private static final String WHERE = " WHERE device = :device AND time >= :from AND time < :to";
    private static final String NUMBERS = "SELECT time, metric, number, form FROM points";
    private static final String TEXTS = "SELECT time, metric, text FROM texts";
    private static final String DESCENDING = " ORDER BY time DESC";
    private static final int CHECK_EVERY = 4_096;
    /// Values of one answer, about 20 MiB; what is beyond comes with the next page.
    private static final int VALUES_AT_MOST = 200_000;

    private RawReader() {}

    /// One table's rows, standing at the next value that is wanted and not erased.
    private static final class Side implements AutoCloseable {
        final RecordCursor cursor;
        final MetricNames names;
        final boolean isText;
        long time;
        String metric;
        boolean done;

        Side(RecordCursor cursor, Set<String> wanted, boolean isText) {
            this.cursor = cursor;
            this.names = new MetricNames(cursor, 1, wanted);
            this.isText = isText;
            next();
        }

        void next() {
            var row = cursor.getRecord();
            while (cursor.hasNext()) {
                metric = names.name(row.getInt(1));
                if (metric == null || (isText ? row.getVarcharA(2) == null : Double.isNaN(row.getDouble(2)))) continue;
                time = row.getTimestamp(0);
                return;
            }
            done = true;
        }

        Value value() {
            var row = cursor.getRecord();
            return isText ? new Value.Text(row.getVarcharA(2).toString())
                    : Form.value(row.getDouble(2), row.getShort(3));
        }

        @Override
        public void close() {
            cursor.close();
        }
    }

    /// @param numbers whether any of the metrics is a number or a truth value
    /// @param texts   whether any of the metrics is a text
    static RawRows read(QuestionSession session, RawQuery query, boolean numbers, boolean texts) {
        var descending = query.order() == Order.DESCENDING;
        var sides = new ArrayList<Side>(2);
        try {
            if (numbers) sides.add(open(session, query, NUMBERS, false));
            if (texts) sides.add(open(session, query, TEXTS, true));
            var rows = new ArrayList<RawRows.Row>(Math.min(query.limit(), 1_000));
            var seen = 0;
            RawRows.Row row = null;
            for (var side = nearest(sides, descending); side != null; side = nearest(sides, descending)) {
                if (row == null || row.timeMicros() != side.time) {
                    if (rows.size() == query.limit() || seen >= VALUES_AT_MOST) return new RawRows(rows, true);
                    rows.add(row = new RawRows.Row(side.time, new TreeMap<>()));
                }
                row.values().put(side.metric, side.value());
                if (++seen % CHECK_EVERY == 0) session.stopIfCancelled();
                side.next();
            }
            return new RawRows(rows, false);
        } finally {
            sides.forEach(Side::close);
        }
    }

    private static Side open(QuestionSession session, RawQuery query, String select, boolean isText) {
        var sql = select + WHERE + (query.order() == Order.DESCENDING ? DESCENDING : "");
        var cursor = session.open(sql, variables -> {
            variables.setStr("device", query.device().toString());
            variables.setTimestamp("from", Math.max(0, query.fromMicros()));
            variables.setTimestamp("to", query.toMicros());
        });
        try {
            return new Side(cursor, query.metrics(), isText);
        } catch (RuntimeException | Error e) {
            cursor.close();
            throw e;
        }
    }

    /// The latest value of each metric: walks back in time until all are found.
    static List<Latest> latest(QuestionSession session, DeviceId device, Set<String> numbers, Set<String> texts) {
        var found = new ArrayList<Latest>();
        latest(session, device, numbers, NUMBERS, false, found);
        latest(session, device, texts, TEXTS, true, found);
        return found;
    }

    private static void latest(QuestionSession session, DeviceId device, Set<String> metrics, String select,
            boolean isText, List<Latest> found) {
        if (metrics.isEmpty()) return;
        var missing = new HashSet<>(metrics);
        var query = new RawQuery(device, metrics, 0, TelemetryStore.LATEST_MICROS, Order.DESCENDING, 1);
        try (var side = open(session, query, select, isText)) {
            for (var walked = 1; !side.done && !missing.isEmpty(); walked++) {
                if (missing.remove(side.metric)) found.add(new Latest(side.metric, side.time, side.value()));
                if (walked % CHECK_EVERY == 0) session.stopIfCancelled();
                side.next();
            }
        }
    }

    private static Side nearest(ArrayList<Side> sides, boolean descending) {
        Side nearest = null;
        for (var side : sides) {
            if (side.done) continue;
            if (nearest == null || (descending ? side.time > nearest.time : side.time < nearest.time)) nearest = side;
        }
        return nearest;
    }
}
