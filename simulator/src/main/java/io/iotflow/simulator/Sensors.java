package io.iotflow.simulator;

import io.iotflow.protocol.Value;
import io.iotflow.simulator.model.Timeline;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// What a device reads: its model, seen through its calibration and its failing battery. One thread only.
final class Sensors {
    private static final String BATTERY = "battery";

    private record Calibration(double multiplier, double offset) {
        double apply(double reading) {
            return reading * multiplier + offset;
        }
    }

    private final Timeline timeline;
    private final FaultPlan faults;
    private final Map<String, Calibration> calibrations = new HashMap<>();
    private SequencedMap<String, Value> raw = new LinkedHashMap<>();

    Sensors(Timeline timeline, FaultPlan faults) {
        this.timeline = timeline;
        this.faults = faults;
    }

    SequencedMap<String, Value> readingAt(Instant time) {
        raw = timeline.readingAt(time);
        if (raw.get(BATTERY) instanceof Value.Real(var percent)) {
            raw.put(BATTERY, new Value.Real(Math.min(percent, faults.batteryCeiling(time))));
        }
        return calibrated();
    }

    /// The last reading, empty before the first.
    SequencedMap<String, Value> calibrated() {
        var seen = new LinkedHashMap<>(raw);
        calibrations.forEach((metric, calibration) -> {
            var value = calibration.apply(number(metric));
            if (Double.isFinite(value)) seen.put(metric, new Value.Real(Math.round(value * 1_000) / 1_000.0));
        });
        return seen;
    }

    /// @throws IllegalArgumentException with a reason for whoever sent the command
    void calibrate(Order.Calibrate order) {
        var now = number(order.metric());
        var multiplier = order.multiplier().orElse(1);
        var offset = order.reference().isPresent()
                ? order.reference().getAsDouble() - now * multiplier
                : order.offset().orElse(0);
        calibrations.put(order.metric(), new Calibration(multiplier, offset));
    }

    private double number(String metric) {
        return switch (raw.get(metric)) {
            case Value.Real(var number) -> number;
            case Value.Whole(var number) -> number;
            case Value.Flag _, Value.Text _, Value.Sealed _ ->
                    throw new IllegalArgumentException(metric + " is not a number");
            case null -> throw new IllegalArgumentException("this device has read no " + metric
                    + "; it reads " + String.join(", ", raw.keySet()));
        };
    }
}
