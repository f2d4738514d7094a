package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.server.telemetry.RawQuery.Order;
import io.questdb.cairo.sql.RecordCursor;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeMap;

/// Answers a [RawQuery] by walking the tables of numbers and of texts side by side, in order of time.
final class RawReader {
    private static final String DEVICE = "device = :device AND time >= :from AND time < :to";
    private static final String METRIC = " AND metric = :metric";
    private static final String DESCENDING = " ORDER BY time DESC";
    private static final int CHECK_EVERY = 4_096;

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
            if (numbers) sides.add(open(session, query, "SELECT time, metric, number, form FROM points", false));
            if (texts) sides.add(open(session, query, "SELECT time, metric, text FROM texts", true));
            var rows = new ArrayList<RawRows.Row>(Math.min(query.limit(), 1_000));
            var seen = 0;
            RawRows.Row row = null;
            for (var side = nearest(sides, descending); side != null; side = nearest(sides, descending)) {
                if (row == null || row.timeMicros() != side.time) {
                    if (rows.size() == query.limit()) return new RawRows(rows, true);
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
        var one = query.metrics().size() == 1 ? query.metrics().iterator().next() : null;
        var sql = select + " WHERE " + DEVICE + (one == null ? "" : METRIC)
                + (query.order() == Order.DESCENDING ? DESCENDING : "");
        var cursor = session.open(sql, variables -> {
            variables.setStr("device", query.device().toString());
            variables.setTimestamp("from", Math.max(0, query.fromMicros()));
            variables.setTimestamp("to", query.toMicros());
            if (one != null) variables.setStr("metric", one);
        });
        try {
            return new Side(cursor, query.metrics(), isText);
        } catch (RuntimeException | Error e) {
            cursor.close();
            throw e;
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
