package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds the devices that a request speaks of.
public interface DeviceDirectory {

    /// What an answer says about its device.
    record Entry(DeviceId id, String name, String type) {}

    /// @param idOrName as it stands in the path
    /// @throws io.iotflow.server.core.PlatformException NOT_FOUND when there is none, or this caller may not see it
    Entry resolve(Caller caller, String idOrName);

    /// The units of a device's metrics, by metric; those without one are absent.
    Map<String, String> units(DeviceId device);

    /// Every device of an organization and those below; empty when these are all that there are.
    Optional<List<DeviceId>> visible(OrganizationPath scope);
}
