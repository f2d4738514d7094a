package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/// The state of one pretend device and the rules by which it goes on. Pure: the same state, time and random numbers
/// give the same next state and the same reading.
public sealed interface Behaviour
        permits AirQualityMonitor, Camera, DoorLock, IndustrialSensor, TemperatureSensor, Thermostat {

    /// The world goes on in steps of this length, however seldom a device reports.
    Duration STEP = Duration.ofSeconds(5);

    /// The state one [#STEP] later, at `time`.
    Behaviour next(Instant time, RandomGenerator random);

    /// What the device would report at `time`: metric names and values, always the same names for one type.
    SequencedMap<String, Value> reading(Instant time, RandomGenerator random);

    /// One step in hours, the unit in which rates are written here.
    static double stepHours() {
        return STEP.toMillis() / 3_600_000.0;
    }
}
