package io.iotflow.server;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Profile;

/// A device for a person who tries the platform out, with its key.
record Guest(DeviceId id, String name, String apiKey) {
    private static final String NAME = "my-first-device";

    /// Made at the first call; it gets a new key each time.
    static Guest of(DeviceRegistry devices) {
        var known = devices.find(OrganizationPath.ROOT, NAME);
        if (known.isPresent()) {
            var rotated = devices.rotateKey(Actor.PLATFORM, known.get().id());
            return new Guest(known.get().id(), NAME, rotated.apiKey());
        }
        var made = devices.register(Actor.PLATFORM, NAME, Profile.of("demo"), DeviceStatus.ACTIVE);
        return new Guest(made.device().id(), NAME, made.apiKey());
    }
}
