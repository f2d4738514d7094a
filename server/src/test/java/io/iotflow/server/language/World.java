package io.iotflow.server.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Surroundings that a test fills by names.
final class World implements Surroundings {
    private static final ObjectMapper JSON = new ObjectMapper();

    final Map<String, Object> metrics = new HashMap<>();
    final Map<String, Object> earlier = new HashMap<>();
    final Map<String, double[]> windows = new HashMap<>();
    final Map<String, Object> device = new HashMap<>();
    final Map<String, Object> locals = new HashMap<>();
    JsonNode metadata = JsonNodeFactory.instance.objectNode();
    JsonNode shadow = JsonNodeFactory.instance.objectNode();
    Object current;
    Instant now = Instant.parse("2026-01-31T12:00:00Z");
    String insideOf = "";
    private List<Input> inputs = List.of();

    World metric(String name, Object value) {
        metrics.put(name, value);
        return this;
    }

    /// Values one second apart, the last one now.
    World window(String metric, double... values) {
        windows.put(metric, values);
        return this;
    }

    World metadata(String json) {
        metadata = json(json);
        return this;
    }

    World current(Object value) {
        current = value;
        return this;
    }

    World local(String name, Object value) {
        locals.put(name, value);
        return this;
    }

    World seenBy(Expression expression) {
        return seenBy(expression.inputs());
    }

    World seenBy(List<Input> read) {
        inputs = read;
        return this;
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public double number(int input) {
        return value(input) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    @Override
    public Object value(int input) {
        return switch (inputs.get(input)) {
            case Input.Metric metric -> metrics.get(metric.name());
            case Input.Previous previous -> earlier.get(previous.name());
            case Input.Window window -> throw new IllegalStateException("BUG: asked for a value of " + window);
        };
    }

    @Override
    public WindowStatistics window(int input) {
        return new Values(windows.getOrDefault(((Input.Window) inputs.get(input)).metric(), new double[0]));
    }

    @Override
    public Object current() {
        return current;
    }

    @Override
    public double currentNumber() {
        return current instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    @Override
    public long timeMicros() {
        return now.toEpochMilli() * 1_000;
    }

    @Override
    public Object device(String field) {
        return device.get(field);
    }

    @Override
    public JsonNode metadata() {
        return metadata;
    }

    @Override
    public JsonNode shadow() {
        return shadow;
    }

    @Override
    public boolean inside(String geofence) {
        return geofence.equals(insideOf);
    }

    @Override
    public Object local(String name) {
        return locals.get(name);
    }

    private record Values(double[] values) implements WindowStatistics {
        @Override
        public long count() {
            return values.length;
        }

        @Override
        public double mean() {
            return Arrays.stream(values).average().orElseThrow();
        }

        @Override
        public double standardDeviation() {
            var mean = mean();
            return Math.sqrt(Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / (values.length - 1));
        }

        @Override
        public double min() {
            return Arrays.stream(values).min().orElseThrow();
        }

        @Override
        public double max() {
            return Arrays.stream(values).max().orElseThrow();
        }

        @Override
        public double first() {
            return values[0];
        }

        @Override
        public double last() {
            return values[values.length - 1];
        }

        @Override
        public long firstMicros() {
            return 0;
        }

        @Override
        public long lastMicros() {
            return (values.length - 1) * 1_000_000L;
        }
    }
}
