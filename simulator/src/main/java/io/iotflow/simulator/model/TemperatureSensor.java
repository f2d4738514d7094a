package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.time.Instant;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/// A room: warmest in the afternoon, drier when warmer because the water in the air stays the same.
record TemperatureSensor(double usual, double swing, Drift weather, Drift moisture, Battery battery)
        implements Behaviour {
    private static final double WARMEST_HOUR = 15;
    /// Relative humidity lost with each degree, near 21 °C.
    private static final double PERCENT_PER_DEGREE = 2.4;

    static TemperatureSensor begin(RandomGenerator random) {
        return new TemperatureSensor(19.5 + 3 * random.nextDouble(), 1.5 + 1.5 * random.nextDouble(),
                Drift.begin(0.6, 6, random), Drift.begin(1.2, 8, random), Battery.begin(random));
    }

    @Override
    public TemperatureSensor next(Instant time, RandomGenerator random) {
        return new TemperatureSensor(usual, swing, weather.next(random), moisture.next(random), battery.next(0));
    }

    @Override
    public SequencedMap<String, Value> reading(Instant time, RandomGenerator random) {
        var temperature = usual + swing * Day.wave(time, WARMEST_HOUR) + weather.value();
        var humidity = 48 - PERCENT_PER_DEGREE * (temperature - usual) + moisture.value();
        return new Readings()
                .real("temperature", temperature + 0.05 * random.nextGaussian(), 2)
                .real("humidity", Math.clamp(humidity + 0.2 * random.nextGaussian(), 5, 99), 1)
                .real("battery", battery.percent(), 3)
                .done();
    }
}
