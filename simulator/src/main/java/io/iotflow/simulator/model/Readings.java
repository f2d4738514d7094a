package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Writes down a reading in the order in which it is named.
final class Readings {
    private final SequencedMap<String, Value> values = new LinkedHashMap<>();

    /// Rounded as a real sensor's resolution would: 0.1 for `decimals` 1.
    Readings real(String metric, double number, int decimals) {
        var scale = Math.pow(10, decimals);
        values.put(metric, new Value.Real(Math.round(number * scale) / scale));
        return this;
    }

    Readings whole(String metric, double number) {
        values.put(metric, new Value.Whole(Math.round(number)));
        return this;
    }

    Readings flag(String metric, boolean on) {
        values.put(metric, new Value.Flag(on));
        return this;
    }

    Readings text(String metric, String text) {
        values.put(metric, new Value.Text(text));
        return this;
    }

    SequencedMap<String, Value> done() {
        return values;
    }
}
