package io.iotflow.simulator.model;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// The kinds of device that can be pretended.
public enum DeviceType {
    /// Room sensor on a battery: temperature and the humidity that falls as it rises.
    TEMPERATURE(true),
    /// Front door on a battery: people come and go at believable hours.
    DOOR_LOCK(true),
    /// Mains-powered camera: bursts of motion, night vision, a disk that fills.
    CAMERA(false),
    /// Mains-powered monitor of a room that people enter and leave.
    AIR_QUALITY(false),
    /// Heating controller: follows its schedule's setpoint with a hysteresis.
    THERMOSTAT(false),
    /// Machine in two shifts: speed, vibration, temperature and power follow its load.
    INDUSTRIAL_SENSOR(false);

    private final boolean batteryPowered;

    DeviceType(boolean batteryPowered) {
        this.batteryPowered = batteryPowered;
    }

    public boolean batteryPowered() {
        return batteryPowered;
    }

    /// The word used on the wire and on the command line: `door_lock`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Accepts `door_lock`, `door-lock` and `DOOR_LOCK`.
    public static Optional<DeviceType> find(String word) {
        var wanted = word.strip().replace('-', '_').toLowerCase(Locale.ROOT);
        return Stream.of(values()).filter(type -> type.word().equals(wanted)).findFirst();
    }

    /// A new device of this type, with its own character drawn from `random`.
    Behaviour begin(Instant time, RandomGenerator random) {
        return switch (this) {
            case TEMPERATURE -> TemperatureSensor.begin(random);
            case DOOR_LOCK -> DoorLock.begin(random);
            case CAMERA -> Camera.begin(random);
            case AIR_QUALITY -> AirQualityMonitor.begin(random);
            case THERMOSTAT -> Thermostat.begin(time, random);
            case INDUSTRIAL_SENSOR -> IndustrialSensor.begin(random);
        };
    }
}
