package io.iotflow.simulator;

import static io.iotflow.simulator.model.DeviceType.AIR_QUALITY;
import static io.iotflow.simulator.model.DeviceType.CAMERA;
import static io.iotflow.simulator.model.DeviceType.DOOR_LOCK;
import static io.iotflow.simulator.model.DeviceType.INDUSTRIAL_SENSOR;
import static io.iotflow.simulator.model.DeviceType.TEMPERATURE;
import static io.iotflow.simulator.model.DeviceType.THERMOSTAT;

import io.iotflow.simulator.model.DeviceType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Fleets that exist in the world.
public enum Preset {
    /// Nine devices.
    HOME(Map.of(TEMPERATURE, 3, DOOR_LOCK, 2, CAMERA, 1, AIR_QUALITY, 1, THERMOSTAT, 2)),
    /// Sixteen devices.
    OFFICE(Map.of(TEMPERATURE, 5, DOOR_LOCK, 3, CAMERA, 3, AIR_QUALITY, 3, THERMOSTAT, 2)),
    /// Thirty devices.
    FACTORY(Map.of(INDUSTRIAL_SENSOR, 16, TEMPERATURE, 6, AIR_QUALITY, 3, CAMERA, 3, DOOR_LOCK, 2));

    private final Map<DeviceType, Integer> counts;

    Preset(Map<DeviceType, Integer> counts) {
        this.counts = Collections.unmodifiableMap(new EnumMap<>(counts));
    }

    /// How many of each type, in the order of the types.
    public Map<DeviceType, Integer> counts() {
        return counts;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Preset> find(String word) {
        var wanted = word.strip().toLowerCase(Locale.ROOT);
        return Stream.of(values()).filter(preset -> preset.word().equals(wanted)).findFirst();
    }
}
