package io.iotflow.simulator;

import io.iotflow.simulator.model.DeviceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The devices of one simulation, each with a name of its own.
public record Fleet(List<PlannedDevice> devices) {

    /// What one process is meant to carry, with room to spare; beyond it the figures would say more about the
    /// simulator than about the platform.
    public static final int DEVICES_MAX = 5_000;

    public Fleet {
        devices = List.copyOf(devices);
        if (devices.isEmpty()) throw new IllegalArgumentException("A fleet has at least one device.");
        if (devices.size() > DEVICES_MAX) {
            throw new IllegalArgumentException("A fleet has at most " + DEVICES_MAX + " devices, not "
                    + devices.size() + ". Start a second simulator for more.");
        }
        var names = new HashSet<String>();
        for (var device : devices) {
            if (!names.add(device.name())) {
                throw new IllegalArgumentException("Two devices are called \"" + device.name() + "\".");
            }
        }
    }

    /// One device under exactly this name.
    public static Fleet single(String name, DeviceType type, Optional<Profile> profile) {
        return new Fleet(List.of(planned(name, type, profile)));
    }

    /// The preset's devices with each type's usual profile, named `home-temperature-1` and so on.
    public static Fleet of(Preset preset) {
        return of(preset.word(), preset.counts(), Optional.empty());
    }

    /// So many devices of each type, in the order of the types, named `<prefix>-<type>-<number>`.
    public static Fleet of(String prefix, Map<DeviceType, Integer> counts, Optional<Profile> profile) {
        var total = counts.values().stream().mapToLong(Integer::longValue).sum();
        if (total > DEVICES_MAX) {
            throw new IllegalArgumentException("A fleet has at most " + DEVICES_MAX + " devices, not " + total + ".");
        }
        var devices = new ArrayList<PlannedDevice>();
        new TreeMap<>(counts).forEach((type, count) -> {
            for (var number = 1; number <= count; number++) {
                devices.add(planned(prefix + "-" + type.word().replace('_', '-') + "-" + number, type, profile));
            }
        });
        return new Fleet(devices);
    }

    private static PlannedDevice planned(String name, DeviceType type, Optional<Profile> profile) {
        return new PlannedDevice(name, type, profile.orElse(Profile.usualFor(type)));
    }
}
