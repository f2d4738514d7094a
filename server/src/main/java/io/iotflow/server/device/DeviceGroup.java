package io.iotflow.server.device;

import io.iotflow.server.core.OrganizationPath;
import java.util.Objects;

/// A group that a device is in, by itself or because it is in a group below.
public record DeviceGroup(long id, String name, OrganizationPath organization) {
    public DeviceGroup {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(organization, "organization");
    }

    /// Whether this text means the group, by its id or its name.
    public boolean isCalled(String idOrName) {
        return idOrName.equals(name) || idOrName.equals(Long.toString(id));
    }
}
