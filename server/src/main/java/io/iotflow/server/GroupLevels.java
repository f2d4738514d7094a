package io.iotflow.server;

import io.iotflow.server.configuration.GroupsKnown;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.group.Groups;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Groups as levels of configurations.
record GroupLevels(Groups groups, DeviceRegistry devices) implements GroupsKnown {
    @Override
    public List<Long> of(Handle handle, DeviceId device) {
        return devices.find(handle, device).map(groups::outermostFirst).orElse(List.of()).stream().map(DeviceGroup::id)
                .toList();
    }

    @Override
    public Optional<OrganizationPath> find(OrganizationPath scope, long group) {
        return groups.find(scope, Long.toString(group)).map(DeviceGroup::organization);
    }
}
