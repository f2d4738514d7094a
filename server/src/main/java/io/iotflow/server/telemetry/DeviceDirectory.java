package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.http.Caller;

/// Finds the device that a request speaks of.
@FunctionalInterface
public interface DeviceDirectory {

    /// What an answer says about its device.
    record Entry(DeviceId id, String name, String type) {}

    /// @param idOrName as it stands in the path
    /// @throws io.iotflow.server.core.PlatformException NOT_FOUND when there is none, or this caller may not see it
    Entry resolve(Caller caller, String idOrName);
}
