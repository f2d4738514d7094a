package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.time.Instant;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/// A heated room and its controller: heat is switched on below the setpoint and off above it; the room loses heat to
/// the outside all the time.
record Thermostat(double comfort, double eco, double temperature, boolean heating, Drift weather)
        implements Behaviour {
    /// Half of the band around the setpoint in which nothing is switched.
    static final double HYSTERESIS = 0.3;
    private static final double HEATING_DEGREES_PER_HOUR = 4.5;
    /// Share of the difference to the outside that is lost in an hour.
    private static final double LOSS_PER_HOUR = 0.08;

    static Thermostat begin(Instant time, RandomGenerator random) {
        var comfort = 20.5 + 1.5 * random.nextDouble();
        var room = new Thermostat(comfort, comfort - 3.5, comfort, false, Drift.begin(1.5, 12, random));
        return new Thermostat(room.comfort, room.eco, room.setpoint(time), false, room.weather);
    }

    @Override
    public Thermostat next(Instant time, RandomGenerator random) {
        var on = heating ? temperature < setpoint(time) + HYSTERESIS : temperature < setpoint(time) - HYSTERESIS;
        var change = (on ? HEATING_DEGREES_PER_HOUR : 0) - LOSS_PER_HOUR * (temperature - outdoor(time));
        return new Thermostat(comfort, eco, temperature + change * Behaviour.stepHours(), on, weather.next(random));
    }

    private boolean isComfortTime(Instant time) {
        return Day.isBetween(time, 6, 22);
    }

    private double setpoint(Instant time) {
        return isComfortTime(time) ? comfort : eco;
    }

    private double outdoor(Instant time) {
        return 6 + 4 * Day.wave(time, 15) + weather.value();
    }

    @Override
    public SequencedMap<String, Value> reading(Instant time, RandomGenerator random) {
        return new Readings()
                .real("temperature", temperature + 0.03 * random.nextGaussian(), 2)
                .real("setpoint", setpoint(time), 1)
                .flag("heating", heating)
                .text("mode", isComfortTime(time) ? "comfort" : "eco")
                .real("humidity", Math.clamp(46 - 2 * (temperature - 20) + 0.3 * random.nextGaussian(), 5, 99), 1)
                .real("outdoor_temperature", outdoor(time), 1)
                .done();
    }
}
