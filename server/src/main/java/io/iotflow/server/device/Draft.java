package io.iotflow.server.device;

import io.iotflow.server.core.PlatformException;
import java.util.Objects;

/// What a device shall become: its present state at first, changed step by step. Checks itself.
///
/// @param name see `DeviceName`; another one means other MQTT topics too
public record Draft(String name, DeviceStatus status, Profile profile) {

    public Draft {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(profile, "profile");
        DeviceName.problem(name).ifPresent(problem -> {
            throw PlatformException.invalid("name", problem);
        });
    }

    static Draft of(Device device) {
        return new Draft(device.name(), device.status(), Profile.of(device));
    }

    public Draft withName(String value) {
        return new Draft(value, status, profile);
    }

    public Draft withStatus(DeviceStatus value) {
        return new Draft(name, value, profile);
    }

    public Draft withProfile(Profile value) {
        return new Draft(name, status, value);
    }
}
