package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Real;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.telemetry.AggregateQuery.Fill;
import io.iotflow.server.telemetry.AggregateRows.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Answers an [AggregateQuery] by walking the device's values in order of time. Windows are computed here and not in
/// the database, whose own do not follow clocks that are set back.
final class AggregateReader {
    /// Windows of one answer.
    static final int WINDOWS_AT_MOST = 50_000;
    /// Windows times metrics times functions of one answer.
    static final int CELLS_AT_MOST = 500_000;

    private static final String WHERE = " WHERE device = :device AND time >= :from AND time < :to";
    private static final int CHECK_EVERY = 65_536;

    private final QuestionSession session;
    private final AggregateQuery query;
    private final int rowsAtMost;
    private final Gathered.Room room = new Gathered.Room();

    AggregateReader(QuestionSession session, AggregateQuery query) {
        this.session = session;
        this.query = query;
        this.rowsAtMost = Math.min(WINDOWS_AT_MOST,
                CELLS_AT_MOST / (query.metrics().size() * query.functions().size()));
    }

    /// @param texts those of the metrics that hold texts
    AggregateRows read(Set<String> texts) {
        var numbers = new TreeSet<>(query.metrics());
        numbers.removeAll(texts);
        var byStart = new TreeMap<Long, Map<String, List<Value>>>();
        if (!numbers.isEmpty()) walk(numbers, "SELECT time, metric, number, form FROM points", false, byStart);
        if (!texts.isEmpty()) walk(texts, "SELECT time, metric, text FROM texts", true, byStart);
        var rows = new ArrayList<Row>(byStart.size());
        byStart.forEach((start, values) -> rows.add(new Row(start, values)));
        return new AggregateRows(query.fill() == Fill.NONE ? rows : filled(rows));
    }

    private void walk(Set<String> metrics, String select, boolean isText,
            TreeMap<Long, Map<String, List<Value>>> byStart) {
        try (var cursor = session.open(select + WHERE, variables -> {
            variables.setStr("device", query.device().toString());
            variables.setTimestamp("from", Math.max(0, query.fromMicros()));
            variables.setTimestamp("to", query.toMicros());
        })) {
            var names = new MetricNames(cursor, 1, new HashSet<>(metrics));
            var byKey = new Gathered[64];
            var open = new TreeMap<String, Gathered>();
            var row = cursor.getRecord();
            var start = Long.MIN_VALUE;
            var end = Long.MIN_VALUE;
            var untilCheck = CHECK_EVERY;
            while (cursor.hasNext()) {
                var key = row.getInt(1);
                if (key >= byKey.length) byKey = Arrays.copyOf(byKey, Math.max(key + 1, byKey.length * 2));
                var gathered = byKey[key];
                if (gathered == null) {
                    var name = names.name(key);
                    if (name == null) continue;
                    byKey[key] = gathered = new Gathered(query.functions(), room);
                    open.put(name, gathered);
                }
                var time = row.getTimestamp(0);
                if (time >= end) {
                    emit(start, open, isText, byStart);
                    start = query.window().start(time);
                    end = query.window().end(start);
                }
                if (isText) {
                    var text = row.getVarcharA(2);
                    if (text != null) gathered.add(text.toString());
                } else {
                    var number = row.getDouble(2);
                    if (number == number) gathered.add(number, row.getShort(3));
                }
                if (--untilCheck == 0) {
                    session.stopIfCancelled();
                    untilCheck = CHECK_EVERY;
                }
            }
            emit(start, open, isText, byStart);
        }
    }

    private void emit(long start, Map<String, Gathered> open, boolean isText,
            TreeMap<Long, Map<String, List<Value>>> byStart) {
        open.forEach((metric, gathered) -> {
            if (gathered.isEmpty()) return;
            byStart.computeIfAbsent(start, _ -> new TreeMap<>())
                    .put(metric, gathered.results(query.functions(), isText));
            gathered.clear();
        });
        if (byStart.size() > rowsAtMost) throw tooMany();
    }

    private PlatformException tooMany() {
        return PlatformException.invalid("window", "gives more than " + rowsAtMost + " windows for this time and "
                + "these metrics; ask for larger windows or less time");
    }

    private List<Row> filled(List<Row> found) {
        var rows = new ArrayList<Row>();
        var next = 0;
        var empty = new ArrayList<Value>(Collections.nCopies(query.functions().size(), null));
        for (var start = query.window().start(query.fromMicros()); start < query.toMicros();
                start = query.window().end(start)) {
            var values = new TreeMap<String, List<Value>>();
            for (var metric : query.metrics()) values.put(metric, empty);
            if (next < found.size() && found.get(next).timeMicros() == start) values.putAll(found.get(next++).values());
            rows.add(new Row(start, values));
            if (rows.size() > rowsAtMost) throw tooMany();
        }
        for (var metric : query.metrics()) {
            for (var function = 0; function < query.functions().size(); function++) fill(rows, metric, function);
        }
        return rows;
    }

    private void fill(List<Row> rows, String metric, int function) {
        var before = -1;
        for (var i = 0; i < rows.size(); i++) {
            if (rows.get(i).values().get(metric).get(function) == null) {
                if (query.fill() == Fill.PREVIOUS && before >= 0) {
                    set(rows, i, metric, function, rows.get(before).values().get(metric).get(function));
                }
                continue;
            }
            if (query.fill() == Fill.LINEAR && before >= 0) interpolate(rows, before, i, metric, function);
            before = i;
        }
    }

    private static void interpolate(List<Row> rows, int from, int to, String metric, int function) {
        var left = number(rows.get(from).values().get(metric).get(function));
        var right = number(rows.get(to).values().get(metric).get(function));
        if (Double.isNaN(left) || Double.isNaN(right)) return;
        var start = rows.get(from).timeMicros();
        var width = rows.get(to).timeMicros() - start;
        for (var i = from + 1; i < to; i++) {
            var share = (double) (rows.get(i).timeMicros() - start) / width;
            set(rows, i, metric, function, new Real(left * (1 - share) + right * share));
        }
    }

    private static double number(Value value) {
        return switch (value) {
            case Real(var number) -> number;
            case Value.Whole(var number) -> number;
            case Value.Flag(var on) -> on ? 1 : 0;
            case Value.Text _ -> Double.NaN;
        };
    }

    private static void set(List<Row> rows, int index, String metric, int function, Value value) {
        var values = new ArrayList<>(rows.get(index).values().get(metric));
        values.set(function, value);
        rows.get(index).values().put(metric, values);
    }
}
