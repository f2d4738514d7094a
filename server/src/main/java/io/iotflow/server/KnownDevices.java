package io.iotflow.server;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.Statuses;
import io.iotflow.server.http.Caller;
import io.iotflow.server.telemetry.DeviceDirectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What telemetry has to know of devices.
record KnownDevices(DeviceRegistry devices, Statuses statuses, Equipment equipment) implements DeviceDirectory {
    @Override
    public Entry resolve(Caller caller, String idOrName) {
        var device = devices.require(caller, idOrName);
        return new Entry(device.id(), device.name(), device.type());
    }

    @Override
    public Map<String, String> units(DeviceId device) {
        return equipment.units(devices.find(device), device);
    }

    @Override
    public Optional<List<DeviceId>> visible(OrganizationPath scope) {
        return scope.equals(OrganizationPath.ROOT) ? Optional.empty()
                : Optional.of(statuses.within(scope).stream().map(Statuses.Line::id).toList());
    }
}
