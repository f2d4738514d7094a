package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.telemetry.RawQuery.Order;
import io.questdb.cairo.sql.RecordCursor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/// Answers a [RawQuery] by walking the tables of numbers, of texts and of sealed values side by side, in order of time.
final class RawReader {
    /// By device alone: picking the metrics here is several times faster than QuestDB's filter over the index.
    private static final String WHERE = " WHERE device = :device AND time >= :from AND time < :to";
    private static final String DESCENDING = " ORDER BY time DESC";
    private static final int CHECK_EVERY = 4_096;
    /// Values of one answer, about 20 MiB; what is beyond comes with the next page.
    private static final int VALUES_AT_MOST = 200_000;

    /// A table, in the order in which values of the same time and metric replace one another.
    enum Kind {
        NUMBERS("SELECT time, metric, number, form FROM points"),
        TEXTS("SELECT time, metric, text FROM texts"),
        SEALED("SELECT time, metric, envelope FROM sealed");

        private final String select;

        Kind(String select) {
            this.select = select;
        }
    }

    /// Where to look, and what is inside of sealed values.
    ///
    /// @param typeOf of a metric
    record Places(Set<Kind> kinds, Function<String, Value.Type> typeOf) {}

    private RawReader() {}

    /// One table's rows, standing at the next value that is wanted and not erased.
    private static final class Side implements AutoCloseable {
        final RecordCursor cursor;
        final MetricNames names;
        final Kind kind;
        long time;
        String metric;
        boolean done;

        Side(RecordCursor cursor, Set<String> wanted, Kind kind) {
            this.cursor = cursor;
            this.names = new MetricNames(cursor, 1, wanted);
            this.kind = kind;
            next();
        }

        void next() {
            var row = cursor.getRecord();
            while (cursor.hasNext()) {
                metric = names.name(row.getInt(1));
                if (metric == null) continue;
                if (kind == Kind.NUMBERS ? Double.isNaN(row.getDouble(2)) : row.getVarcharA(2) == null) continue;
                time = row.getTimestamp(0);
                return;
            }
            done = true;
        }

        Value value(Places places) {
            var row = cursor.getRecord();
            return switch (kind) {
                case NUMBERS -> Form.value(row.getDouble(2), row.getShort(3));
                case TEXTS -> new Value.Text(row.getVarcharA(2).toString());
                case SEALED -> new Value.Sealed(places.typeOf().apply(metric), row.getVarcharA(2).toString());
            };
        }

        @Override
        public void close() {
            cursor.close();
        }
    }

    static RawRows read(QuestionSession session, RawQuery query, Places places) {
        var rows = new ArrayList<RawRows.Row>(Math.min(query.limit(), 1_000));
        var seen = new int[1];
        var isWhole = walk(session, query, places, row -> {
            if (rows.size() == query.limit() || seen[0] >= VALUES_AT_MOST) return false;
            rows.add(row);
            seen[0] += row.values().size();
            return true;
        });
        return new RawRows(rows, !isWhole);
    }

    /// Shows row after row to a taker until it has had enough or the limit is reached.
    ///
    /// @return the last row's time when the limit was reached
    static OptionalLong show(QuestionSession session, RawQuery query, Places places, Predicate<RawRows.Row> taker) {
        var left = new int[] {query.limit()};
        var last = new long[1];
        walk(session, query, places, row -> {
            last[0] = row.timeMicros();
            return taker.test(row) && --left[0] > 0;
        });
        return left[0] == 0 ? OptionalLong.of(last[0]) : OptionalLong.empty();
    }

    /// Takes row after row, in the query's order, until one is refused.
    ///
    /// @return false when one was
    static boolean walk(QuestionSession session, RawQuery query, Places places, Predicate<RawRows.Row> taker) {
        var descending = query.order() == Order.DESCENDING;
        var sides = new ArrayList<Side>(3);
        try {
            for (var kind : Kind.values()) if (places.kinds().contains(kind)) sides.add(open(session, query, kind));
            var walked = 0;
            RawRows.Row row = null;
            for (var side = nearest(sides, descending); side != null; side = nearest(sides, descending)) {
                if (row == null || row.timeMicros() != side.time) {
                    if (row != null && !taker.test(row)) return false;
                    row = new RawRows.Row(side.time, new TreeMap<>());
                }
                row.values().put(side.metric, side.value(places));
                if (++walked % CHECK_EVERY == 0) session.stopIfCancelled();
                side.next();
            }
            return row == null || taker.test(row);
        } finally {
            sides.forEach(Side::close);
        }
    }

    private static Side open(QuestionSession session, RawQuery query, Kind kind) {
        var sql = kind.select + WHERE + (query.order() == Order.DESCENDING ? DESCENDING : "");
        var cursor = session.open(sql, variables -> {
            variables.setStr("device", query.device().toString());
            variables.setTimestamp("from", Math.max(0, query.fromMicros()));
            variables.setTimestamp("to", query.toMicros());
        });
        try {
            return new Side(cursor, query.metrics(), kind);
        } catch (RuntimeException | Error e) {
            cursor.close();
            throw e;
        }
    }

    /// The latest value of each metric in each place: walks back in time until all are found.
    ///
    /// @param metrics what to look for in which place
    static List<Latest> latest(QuestionSession session, DeviceId device, Map<Kind, Set<String>> metrics,
            Function<String, Value.Type> typeOf) {
        var found = new ArrayList<Latest>();
        metrics.forEach((kind, wanted) -> {
            if (!wanted.isEmpty()) latest(session, device, kind, wanted, typeOf, found);
        });
        return found;
    }

    private static void latest(QuestionSession session, DeviceId device, Kind kind, Set<String> metrics,
            Function<String, Value.Type> typeOf, List<Latest> found) {
        var missing = new HashSet<>(metrics);
        var query = new RawQuery(device, metrics, 0, TelemetryStore.LATEST_MICROS, Order.DESCENDING, 1);
        var places = new Places(Set.of(kind), typeOf);
        try (var side = open(session, query, kind)) {
            for (var walked = 1; !side.done && !missing.isEmpty(); walked++) {
                if (missing.remove(side.metric)) found.add(new Latest(side.metric, side.time, side.value(places)));
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
