package io.iotflow.server.device;

import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import java.util.List;

/// Which devices are in which groups. Answers from memory.
public interface Grouping {
    /// No groups at all.
    Grouping NONE = new Grouping() {
        @Override
        public List<DeviceGroup> groups(Device device) {
            return List.of();
        }

        @Override
        public long[] members(OrganizationPath viewer, String group) {
            throw PlatformException.invalid("group", "must be a group's id or name");
        }
    };

    /// Those that it is in and all above them, whosever they are.
    List<DeviceGroup> groups(Device device);

    /// The ids of the devices in a group and in those below it, in no order.
    ///
    /// @param group id or name
    /// @throws PlatformException `INVALID` for `group`, if the viewer has no such group
    long[] members(OrganizationPath viewer, String group);
}
