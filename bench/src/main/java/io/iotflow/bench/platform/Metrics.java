package io.iotflow.bench.platform;

import java.io.IOException;
import java.util.OptionalDouble;

/// One answer of `/metrics` in Prometheus text form.
public record Metrics(String text) {

    /// The sum of a metric's samples, over all label sets that contain `label` (`area="heap"`; empty = any).
    public OptionalDouble sum(String name, String label) {
        var samples = text.lines().filter(line -> line.startsWith(name) && line.contains(label))
                .filter(line -> line.length() > name.length() && "{ ".indexOf(line.charAt(name.length())) >= 0)
                .mapToDouble(Metrics::value).toArray();
        if (samples.length == 0) return OptionalDouble.empty();
        double sum = 0;
        for (double sample : samples) sum += sample;
        return OptionalDouble.of(sum);
    }

    private static double value(String line) {
        int afterLabels = line.lastIndexOf('}') + 1;
        var fields = line.substring(afterLabels).strip().split("\\s+");
        var number = afterLabels > 0 ? fields[0] : fields[1];
        return switch (number) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(number);
        };
    }

    public OptionalDouble storeLagSeconds() {
        return sum("iotflow_store_lag_seconds", "");
    }

    /// What it must have said.
    public double require(String name) throws IOException {
        return sum(name, "").orElseThrow(() -> new IOException("/metrics has no " + name));
    }

    public OptionalDouble heapBytes() {
        return sum("jvm_memory_used_bytes", "area=\"heap\"");
    }
}
