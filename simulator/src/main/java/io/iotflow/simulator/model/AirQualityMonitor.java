package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.time.Instant;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/// A room with people in it: each breathes out CO2, warms and moistens the air; the ventilation carries it away.
///
/// @param people in the room now
/// @param co2    parts per million
record AirQualityMonitor(int seats, double airChangesPerHour, int people, double co2, Drift dust, Drift weather)
        implements Behaviour {
    static final double OUTDOOR_CO2 = 420;
    /// What one person adds in an hour to a closed room of 50 m³.
    private static final double CO2_PER_PERSON_HOUR = 360;
    /// Somebody enters or leaves about this often.
    private static final double CHANGES_PER_HOUR = 6;

    static AirQualityMonitor begin(RandomGenerator random) {
        return new AirQualityMonitor(3 + random.nextInt(4), 1.2 + random.nextDouble(), 0, OUTDOOR_CO2,
                Drift.begin(2.5, 3, random), Drift.begin(0.5, 6, random));
    }

    @Override
    public AirQualityMonitor next(Instant time, RandomGenerator random) {
        var inside = random.nextDouble() < CHANGES_PER_HOUR * Behaviour.stepHours() ? expected(time, random) : people;
        var change = inside * CO2_PER_PERSON_HOUR - airChangesPerHour * (co2 - OUTDOOR_CO2);
        return new AirQualityMonitor(seats, airChangesPerHour, inside, co2 + change * Behaviour.stepHours(),
                dust.next(random), weather.next(random));
    }

    private int expected(Instant time, RandomGenerator random) {
        var share = Day.isWorkday(time)
                ? 0.9 * Math.max(Day.bell(time, 10.5, 1.6), Day.bell(time, 15, 1.8)) + 0.1 * Day.bell(time, 19, 1.5)
                : 0.15 * Day.bell(time, 13, 2.5);
        var count = 0;
        for (var seat = 0; seat < seats; seat++) if (random.nextDouble() < share) count++;
        return count;
    }

    @Override
    public SequencedMap<String, Value> reading(Instant time, RandomGenerator random) {
        var traffic = 4 * Day.bell(time, 8, 1.2) + 4 * Day.bell(time, 17.5, 1.5);
        var pm25 = Math.max(0.5, 7 + traffic + dust.value() + 0.4 * people);
        return new Readings()
                .whole("co2", co2 + 4 * random.nextGaussian())
                .real("pm2_5", Math.max(0, pm25 + 0.3 * random.nextGaussian()), 1)
                .real("pm10", Math.max(0, 1.6 * pm25 + 2 + 0.5 * random.nextGaussian()), 1)
                .whole("voc_index", Math.clamp(80 + 0.08 * (co2 - OUTDOOR_CO2) + 5 * random.nextGaussian(), 0, 500))
                .real("temperature", 20.8 + Day.wave(time, 15) + weather.value() + 0.15 * people, 2)
                .real("humidity", Math.clamp(44 - 2 * weather.value() + 0.8 * people + 0.2 * random.nextGaussian(),
                        5, 99), 1)
                .whole("occupancy", people)
                .done();
    }
}
