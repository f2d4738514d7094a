package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.time.Instant;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/// A machine on the factory floor, in two shifts from Monday to Friday. Speed and power follow the load at once, its
/// temperature slowly; vibration grows with the load and, over months, with wear.
///
/// @param load        0 to 1
/// @param temperature of the bearing, °C
/// @param wear        0 new, 1 to be replaced
record IndustrialSensor(double capacity, double load, double temperature, double wear, Drift demand)
        implements Behaviour {
    private static final double HALL_TEMPERATURE = 21;
    private static final double DEGREES_AT_FULL_LOAD = 48;
    private static final double WARMING_HOURS = 0.4;
    /// A minute or so from stand to speed.
    private static final double RAMP = 0.08;
    /// Full load for half a year wears a bearing out.
    private static final double WEAR_PER_HOUR = 1 / 4_000.0;

    static IndustrialSensor begin(RandomGenerator random) {
        return new IndustrialSensor(0.6 + 0.3 * random.nextDouble(), 0, HALL_TEMPERATURE,
                0.4 * random.nextDouble(), Drift.begin(0.08, 0.5, random));
    }

    @Override
    public IndustrialSensor next(Instant time, RandomGenerator random) {
        var moving = load + RAMP * (wanted(time) - load);
        var settled = HALL_TEMPERATURE + DEGREES_AT_FULL_LOAD * moving;
        var warmer = temperature + (settled - temperature) * Behaviour.stepHours() / WARMING_HOURS;
        var worn = Math.min(1, wear + WEAR_PER_HOUR * moving * Behaviour.stepHours());
        return new IndustrialSensor(capacity, Math.clamp(moving, 0, 1), warmer, worn, demand.next(random));
    }

    private double wanted(Instant time) {
        var shift = Day.isWorkday(time) && Day.isBetween(time, 6, 22);
        var pause = Day.isBetween(time, 9.5, 9.75) || Day.isBetween(time, 12, 12.5) || Day.isBetween(time, 18, 18.5);
        if (!shift) return 0;
        return pause ? 0.08 : Math.clamp(capacity + demand.value(), 0.1, 1);
    }

    @Override
    public SequencedMap<String, Value> reading(Instant time, RandomGenerator random) {
        var running = load > 0.02;
        var vibration = 0.15 + (running ? 0.5 + 3.2 * Math.pow(load, 1.5) + 2.5 * wear * load : 0);
        return new Readings()
                .flag("running", running)
                .real("load", 100 * load, 1)
                .whole("rpm", running ? 240 + 1_300 * load + 6 * random.nextGaussian() : 0)
                .real("vibration", vibration * (1 + 0.04 * random.nextGaussian()), 3)
                .real("temperature", temperature + 0.1 * random.nextGaussian(), 2)
                .real("pressure", (running ? 4 + 2.2 * load : 1) + 0.03 * random.nextGaussian(), 2)
                .real("power", Math.max(0.1, running ? 1.5 + 17 * load + 0.2 * random.nextGaussian() : 0.2), 2)
                .done();
    }
}
