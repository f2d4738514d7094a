package io.iotflow.server;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.group.Groups;
import io.iotflow.server.ingest.mqtt.FleetGroups;
import java.util.Comparator;
import java.util.Optional;

/// Which topics of groups a device may hear.
record GroupTopics(Groups groups, DeviceRegistry devices) implements FleetGroups {
    /// Of several of the name, the one of the nearest organization.
    @Override
    public Optional<Long> ofDevice(DeviceId device, String idOrName) {
        return devices.find(device).stream().flatMap(it -> groups.grouping().groups(it).stream())
                .filter(group -> group.isCalled(idOrName))
                .max(Comparator.comparingInt(group -> group.organization().text().length())).map(DeviceGroup::id);
    }

    @Override
    public Optional<Long> named(OrganizationPath scope, String idOrName) {
        return groups.find(scope, idOrName).map(DeviceGroup::id);
    }

    @Override
    public boolean isIn(DeviceId device, long group) {
        return groups.isIn(device, group);
    }
}
