package io.iotflow.server.telemetry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Query;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads a request for one metric over all devices and writes its answer.
final class FleetAnswer {
    /// What can be put together from steps: see [FleetReader].
    private static final Set<Aggregate> POSSIBLE = EnumSet.of(Aggregate.AVG, Aggregate.MEAN, Aggregate.MIN,
            Aggregate.MAX, Aggregate.SUM, Aggregate.COUNT);

    private final TelemetryStore store;

    FleetAnswer(TelemetryStore store) {
        this.store = store;
    }

    record Asked(FleetQuery query, String window, ZoneId zone, List<Aggregate> functions, TimeSpan span) {}

    Asked read(Query query, Optional<List<DeviceId>> devices, Instant now) {
        var metric = query.anyOf("metric", "field").orElseThrow(() ->
                PlatformException.invalid("metric", "is missing: name the metric to gather"));
        var span = TimeSpan.read(query, now.minus(AggregateAnswer.USUAL_SPAN));
        if (span.isOpenEnded()) {
            span = TimeSpan.of(span.from(), AggregateAnswer.later(span.from(), now), "start_time");
        }
        var functions = AggregateAnswer.functions(query);
        if (!POSSIBLE.containsAll(functions)) {
            throw PlatformException.invalid("aggregation",
                    "over all devices must be avg, mean, min, max, sum, count, or several of them");
        }
        var zone = AggregateAnswer.zone(query);
        var extremes = functions.contains(Aggregate.MIN) || functions.contains(Aggregate.MAX);
        return new Asked(new FleetQuery(devices, metric, span.fromMicros(), span.toMicros(),
                AggregateAnswer.window(query, zone), extremes),
                query.text("window").orElse(AggregateAnswer.USUAL_WINDOW), zone, functions, span);
    }

    ObjectNode write(Asked asked) {
        var rows = store.fleet(asked.query()).rows();
        var answer = Json.mapper().createObjectNode();
        answer.put("metric", asked.query().metric());
        answer.put("start_time", asked.span().from().toString());
        answer.put("end_time", asked.span().to().toString());
        answer.put("window", asked.window());
        answer.put("timezone", asked.zone().getId());
        var words = answer.putArray("aggregation");
        asked.functions().forEach(function -> words.add(function.word()));
        var data = answer.putArray("data");
        for (var row : rows) {
            var node = data.addObject();
            node.put("timestamp", TimeSpan.instant(row.timeMicros()).toString());
            var single = asked.functions().size() == 1;
            var into = single ? node : node.putObject(asked.query().metric());
            for (var function : asked.functions()) put(into, single ? "value" : function.word(), row, function);
        }
        answer.put("count", rows.size());
        return answer;
    }

    private static void put(ObjectNode into, String name, FleetRows.Row row, Aggregate function) {
        var result = switch (function) {
            case AVG, MEAN -> row.average();
            case MIN -> row.min();
            case MAX -> row.max();
            case SUM -> row.sum();
            case COUNT -> row.count();
            case FIRST, LAST, STDDEV, P50, P95, P99 -> throw new IllegalStateException("BUG: refused before");
        };
        if (function == Aggregate.COUNT) into.put(name, row.count());
        else if (Double.isFinite(result)) into.put(name, result);
        else into.putNull(name);
    }
}
