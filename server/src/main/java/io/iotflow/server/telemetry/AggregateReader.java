package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Real;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.telemetry.AggregateQuery.Fill;
import io.iotflow.server.telemetry.AggregateRows.Row;
import io.iotflow.server.telemetry.RawReader.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

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
    private final Disclosure disclosure;
    private final Function<String, Value.Type> typeOf;
    private final int rowsAtMost;
    private final Gathered.Room room = new Gathered.Room();

    /// @param disclosure opens what is sealed; must be allowed to
    /// @param typeOf     of a metric; null for one that is not there
    AggregateReader(QuestionSession session, AggregateQuery query, Disclosure disclosure,
            Function<String, Value.Type> typeOf) {
        this.session = session;
        this.query = query;
        this.disclosure = disclosure;
        this.typeOf = typeOf;
        this.rowsAtMost = Math.min(WINDOWS_AT_MOST,
                CELLS_AT_MOST / (query.metrics().size() * query.functions().size()));
    }

    /// @param sealed those of the metrics of which values are sealed
    AggregateRows read(Set<String> sealed) {
        var byStart = new TreeMap<Long, Map<String, List<Value>>>();
        for (var isText : List.of(false, true)) {
            var clear = new TreeSet<String>();
            var opened = new TreeSet<String>();
            for (var metric : query.metrics()) {
                if ((typeOf.apply(metric) == Value.Type.TEXT) != isText) continue;
                (sealed.contains(metric) ? opened : clear).add(metric);
            }
            var select = isText ? "SELECT time, metric, text FROM texts"
                    : "SELECT time, metric, number, form FROM points";
            if (!clear.isEmpty()) walk(clear, select, isText, byStart);
            if (!opened.isEmpty()) walkSealed(opened, isText, byStart);
        }
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

    /// The same for metrics of which some values must be opened first.
    private void walkSealed(Set<String> metrics, boolean isText, TreeMap<Long, Map<String, List<Value>>> byStart) {
        var open = new TreeMap<String, Gathered>();
        for (var metric : metrics) open.put(metric, new Gathered(query.functions(), room));
        var window = new long[] {Long.MIN_VALUE, Long.MIN_VALUE};
        var values = new int[1];
        var raw = new RawQuery(query.device(), metrics, query.fromMicros(), query.toMicros(),
                RawQuery.Order.ASCENDING, 1);
        var places = new RawReader.Places(Set.of(isText ? Kind.TEXTS : Kind.NUMBERS, Kind.SEALED), typeOf);
        RawReader.walk(session, raw, places, row -> {
            if (row.timeMicros() >= window[1]) {
                emit(window[0], open, isText, byStart);
                window[0] = query.window().start(row.timeMicros());
                window[1] = query.window().end(window[0]);
            }
            if ((values[0] += row.values().size()) > Limits.SEALED_VALUES) throw tooManySealed();
            disclosure.shown(row).values().forEach((metric, value) -> gather(open.get(metric), value));
            return true;
        });
        emit(window[0], open, isText, byStart);
    }

    private static void gather(Gathered gathered, Value value) {
        switch (value) {
            case null -> { } // cannot be opened, which the answer says
            case Real it -> gathered.add(it.number(), Form.of(it));
            case Value.Whole it -> gathered.add(it.number(), Form.of(it));
            case Value.Flag it -> gathered.add(it.on() ? 1 : 0, Form.of(it));
            case Value.Text(var text) -> gathered.add(text);
            case Value.Sealed _ -> throw new IllegalStateException("BUG: not opened");
        }
    }

    private static PlatformException tooManySealed() {
        return PlatformException.invalid("start_time", "to end_time has more than " + Limits.SEALED_VALUES
                + " values of sensitive metrics, which are opened one by one; ask for less time or fewer metrics");
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
            case Value.Text _, Value.Sealed _ -> Double.NaN;
        };
    }

    private static void set(List<Row> rows, int index, String metric, int function, Value value) {
        var values = new ArrayList<>(rows.get(index).values().get(metric));
        values.set(function, value);
        rows.get(index).values().put(metric, values);
    }
}
