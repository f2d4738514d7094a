package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.Durations;
import io.iotflow.server.http.Json;
import io.iotflow.server.language.Input;

/// Writes what a rule saw, for people.
final class Explained {
    private Explained() {}

    static String time(long micros) {
        return Timestamps.ofMicros(micros).toString();
    }

    /// JSON has no word for a number that is none.
    static void number(ObjectNode into, String field, double number) {
        if (Double.isFinite(number)) into.put(field, number);
    }

    static void value(ObjectNode into, MetricState metric) {
        into.put("metric", metric.name);
        put(into, "value", metric.value());
        if (metric.time != MetricState.NEVER) into.put("at", time(metric.time));
    }

    private static void put(ObjectNode into, String field, Object value) {
        switch (value) {
            case null -> into.putNull(field);
            case Double number -> into.put(field, number);
            case Boolean flag -> into.put(field, flag);
            default -> into.put(field, value.toString());
        }
    }

    /// Why the rule answers as it does: its condition, and everything that it read.
    static ObjectNode why(RuleState it) {
        var why = Json.mapper().createObjectNode();
        why.put("rule_version", it.program.rule().version()).put("by_time", it.isTick);
        if (it.now != MetricState.NEVER) why.put("at", time(it.now));
        it.program.condition().explain(it, why.putObject("condition"));
        var values = why.putObject("values");
        var windows = why.putArray("windows");
        for (var i = 0; i < it.program.inputs().size(); i++) {
            switch (it.program.inputs().get(i)) {
                case Input.Metric(var name) -> metric(values.putObject(name), it.metric(i));
                case Input.Previous(var name) -> {
                    var metric = it.metric(i);
                    put(values.putObject("previous " + name), "value", metric.previousValue());
                }
                case Input.Window(var name, var length) -> {
                    var sketch = it.sketch(i);
                    var window = windows.addObject().put("metric", name)
                            .put("window", Durations.text(length)).put("count", sketch.count());
                    number(window, "avg", sketch.mean());
                    number(window, "std", sketch.standardDeviation());
                    number(window, "min", sketch.min());
                    number(window, "max", sketch.max());
                }
            }
        }
        return why;
    }

    private static void metric(ObjectNode into, MetricState metric) {
        put(into, "value", metric.value());
        if (metric.time != MetricState.NEVER) into.put("at", time(metric.time));
    }
}
