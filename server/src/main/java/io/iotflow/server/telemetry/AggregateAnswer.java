package io.iotflow.server.telemetry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Query;
import io.iotflow.server.telemetry.AggregateQuery.Fill;
import io.iotflow.server.telemetry.AggregateRows.Row;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Reads a request for aggregates and writes its answer.
final class AggregateAnswer {
    static final Duration USUAL_SPAN = Duration.ofHours(24);
    static final String USUAL_WINDOW = "1h";
    private static final String USUAL_FUNCTION = "avg";

    private final TelemetryStore store;

    AggregateAnswer(TelemetryStore store) {
        this.store = store;
    }

    /// @param query  null when the device has no metric that could be meant
    /// @param single whether exactly one metric and one function were named, which makes rows flat
    /// @param after  the start of the last window of the page before
    record Asked(AggregateQuery query, String window, ZoneId zone, List<Aggregate> functions, TimeSpan span,
            boolean single, int limit, long after) {}

    /// @param fields     the metrics named; empty = all that hold numbers
    /// @param disclosure told of metrics that the caller may not see, which are left out
    Asked read(DeviceId device, Query query, Set<String> fields, Disclosure disclosure, Instant now) {
        var span = TimeSpan.read(query, now.minus(USUAL_SPAN));
        if (span.isOpenEnded()) span = TimeSpan.of(span.from(), later(span.from(), now), "start_time");
        var zone = zone(query);
        var window = window(query, zone);
        var functions = functions(query);
        var fill = query.oneOf("fill", Fill.NONE);
        var metrics = new TreeSet<>(fields);
        if (metrics.isEmpty()) {
            for (var series : store.series().series(device)) {
                if (series.type() != Value.Type.TEXT) metrics.add(series.metric());
            }
        }
        if (!disclosure.isAllowed()) {
            var hidden = new TreeSet<>(store.series().sealed(device));
            hidden.retainAll(metrics);
            disclosure.hide(hidden);
            metrics.removeAll(hidden);
        }
        var asked = metrics.isEmpty() ? null : new AggregateQuery(device, metrics, span.fromMicros(), span.toMicros(),
                window, functions, fill);
        return new Asked(asked, query.text("window").orElse(USUAL_WINDOW), zone, functions, span,
                fields.size() == 1 && functions.size() == 1,
                query.whole("limit", Limits.PAGE_MAX, 1, Limits.PAGE_MAX),
                query.whole("cursor", Long.MIN_VALUE, 0L, TelemetryStore.LATEST_MICROS));
    }

    /// Devices' clocks may run a little ahead, so an open end lies a little after now.
    static Instant later(Instant from, Instant now) {
        var end = now.plus(Duration.ofMinutes(10));
        if (from.isBefore(end)) return end;
        throw PlatformException.invalid("start_time", "lies in the future; name an end_time after it");
    }

    static Window window(Query query, ZoneId zone) {
        return Window.parse(query.text("window").orElse(USUAL_WINDOW), zone).orElseThrow(() ->
                PlatformException.invalid("window",
                        "must be a whole number and a unit: 30s, 5m, 1h, 1d, 1w, 1M (months) or 1y"));
    }

    static ZoneId zone(Query query) {
        var name = query.text("timezone");
        if (name.isEmpty()) return ZoneOffset.UTC;
        try {
            // A plus sign that was not percent-encoded in a query arrives as a space.
            return ZoneId.of(name.get().replace(' ', '+'));
        } catch (DateTimeException e) {
            throw PlatformException.invalid("timezone",
                    "is not a time zone: send a name such as Europe/Berlin or an offset such as +05:45");
        }
    }

    static List<Aggregate> functions(Query query) {
        var functions = new LinkedHashSet<Aggregate>();
        var words = query.list("aggregation");
        for (var word : words.isEmpty() ? List.of(USUAL_FUNCTION) : words) {
            functions.add(Aggregate.parse(word).orElseThrow(() -> PlatformException.invalid("aggregation", "must be "
                    + Arrays.stream(Aggregate.values()).map(Aggregate::word).collect(Collectors.joining(", "))
                    + ", or several of them separated by commas")));
        }
        return new ArrayList<>(functions);
    }

    void write(ObjectNode answer, Asked asked, Disclosure disclosure) {
        var found = asked.query() == null ? List.<Row>of() : store.aggregate(asked.query(), disclosure).rows();
        var rows = found.stream().filter(row -> row.timeMicros() > asked.after()).limit(asked.limit()).toList();
        answer.put("start_time", asked.span().from().toString());
        answer.put("end_time", asked.span().to().toString());
        answer.put("window", asked.window());
        answer.put("timezone", asked.zone().getId());
        var words = answer.putArray("aggregation");
        asked.functions().forEach(function -> words.add(function.word()));
        var data = answer.putArray("data");
        for (var row : rows) write(data.addObject(), row, asked);
        answer.put("count", rows.size());
        var more = !rows.isEmpty() && !rows.getLast().equals(found.getLast());
        answer.put("next_cursor", more ? Long.toString(rows.getLast().timeMicros()) : null);
    }

    private static void write(ObjectNode node, Row row, Asked asked) {
        node.put("timestamp", TimeSpan.instant(row.timeMicros()).toString());
        if (asked.single()) {
            RowWriter.put(node, "value", row.values().values().iterator().next().getFirst());
            return;
        }
        row.values().forEach((metric, values) -> {
            var results = node.putObject(metric);
            for (var i = 0; i < values.size(); i++) {
                RowWriter.put(results, asked.functions().get(i).word(), values.get(i));
            }
        });
    }
}
