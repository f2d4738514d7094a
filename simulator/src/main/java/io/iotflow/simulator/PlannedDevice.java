package io.iotflow.simulator;

import io.iotflow.simulator.model.DeviceType;
import java.util.Objects;

/// A device that is to be pretended. Under which name it is finally registered may differ (`--auto-suffix`).
public record PlannedDevice(String name, DeviceType type, Profile profile) {

    public PlannedDevice {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(profile, "profile");
        if (name.isBlank() || name.length() > 100 || name.chars().anyMatch(c -> c < ' ' || "/+#".indexOf(c) >= 0)) {
            throw new IllegalArgumentException(
                    "A device's name has 1 to 100 characters and none of / + #, unlike \"" + name + "\".");
        }
    }
}
