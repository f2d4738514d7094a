package io.iotflow.bench.report;

import java.util.EnumMap;
import java.util.Map;

/// The figures of one trial. What could not be seen is left out rather than reported as zero.
public final class Row {
    private final String label;
    private final Map<Figure, Double> figures = new EnumMap<>(Figure.class);

    public Row(String label) {
        this.label = label;
    }

    /// Not-a-number means not seen.
    public Row with(Figure figure, double value) {
        if (!Double.isNaN(value)) figures.put(figure, value);
        return this;
    }

    public String label() {
        return label;
    }

    public Map<Figure, Double> figures() {
        return figures;
    }
}
