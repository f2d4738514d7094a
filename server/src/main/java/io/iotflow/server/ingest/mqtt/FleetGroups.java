package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.util.Optional;

/// The groups below whose topics devices hear what is said to all of a group. Answers from memory.
public interface FleetGroups {
    /// None at all.
    FleetGroups NONE = new FleetGroups() {
        @Override
        public Optional<Long> ofDevice(DeviceId device, String idOrName) {
            return Optional.empty();
        }

        @Override
        public Optional<Long> named(OrganizationPath scope, String idOrName) {
            return Optional.empty();
        }

        @Override
        public boolean isIn(DeviceId device, long group) {
            return false;
        }
    };

    /// The id of a group that the device is in, or of one above.
    Optional<Long> ofDevice(DeviceId device, String idOrName);

    /// The id of a group of the organization or of one below.
    Optional<Long> named(OrganizationPath scope, String idOrName);

    boolean isIn(DeviceId device, long group);
}
