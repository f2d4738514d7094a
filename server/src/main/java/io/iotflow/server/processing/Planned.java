package io.iotflow.server.processing;

import io.iotflow.server.language.Input;

/// A step where it stands.
///
/// @param rule    its number
/// @param index   in its rule
/// @param faults  of its rule
/// @param range   which of the plan's quality states it moves; -1 for what is no range
/// @param inputs  the metrics that its expression reads, by the index of the input
/// @param metric  what it writes, if it is about a number
/// @param raw     the name under which what it has changed is kept
/// @param quality the name under which it writes a quality
record Planned(Step step, long rule, int index, Faults faults, int range, String[] inputs, String metric, String raw,
               String quality) {

    Planned(Step step, long rule, int index, Faults faults, int range) {
        this(step, rule, index, faults, range, inputs(step), metric(step), metric(step) + Work.RAW,
                metric(step) + Work.QUALITY);
    }

    private static String metric(Step step) {
        return switch (step) {
            case Step.Calibrate(var metric, _, _) -> metric;
            case Step.Convert(var metric, _, _, _) -> metric;
            case Step.Range range -> range.metric();
            case Step.Derive(var metric, _) -> metric;
            case Step.Drop _, Step.Rename _, Step.Decode _ -> "";
        };
    }

    /// Made beforehand for a metric that still has the name by which the step knew it.
    String name(String written, String suffix) {
        return written.equals(metric) ? suffix.equals(Work.RAW) ? raw : quality : written + suffix;
    }

    private static String[] inputs(Step step) {
        var expression = step.expression();
        if (expression == null) return new String[0];
        return expression.inputs().stream().map(input -> switch (input) {
            case Input.Metric(var name) -> name;
            case Input.Previous(var name) -> name;
            case Input.Window(var name, _) -> name;
        }).toArray(String[]::new);
    }

    void fault(String text) {
        faults.count(index, text);
    }
}
