package io.iotflow.server.device;

import java.util.Optional;
import java.util.Set;

/// Which devices something is for: those that are in every set that is not empty, and that the filter lets through.
///
/// @param devices ids or names
/// @param groups  ids or names; a device is in a group if it is in one below
public record DeviceScope(Set<String> devices, Set<String> types, Set<String> groups, Optional<DeviceFilter> filter) {
    public static final DeviceScope ALL = new DeviceScope(Set.of(), Set.of(), Set.of(), Optional.empty());

    public DeviceScope {
        devices = Set.copyOf(devices);
        types = Set.copyOf(types);
        groups = Set.copyOf(groups);
    }

    public boolean holds(DeviceFacts facts) {
        var device = facts.device();
        return (types.isEmpty() || types.contains(device.type()))
                && (devices.isEmpty() || devices.contains(device.name()) || devices.contains(device.id().toString()))
                && (groups.isEmpty() || facts.groups().stream().anyMatch(this::isOneOf))
                && (filter.isEmpty() || filter.get().accepts(facts));
    }

    private boolean isOneOf(DeviceGroup group) {
        return groups.contains(group.name()) || groups.contains(Long.toString(group.id()));
    }
}
