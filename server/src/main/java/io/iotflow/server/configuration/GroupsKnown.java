package io.iotflow.server.configuration;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// What configurations have to know of groups. Asked on any thread, often, so it must answer from memory.
public interface GroupsKnown {
    /// Nobody is in any.
    GroupsKnown NONE = new GroupsKnown() {
        @Override
        public List<Long> of(Handle handle, DeviceId device) {
            return List.of();
        }

        @Override
        public Optional<OrganizationPath> find(OrganizationPath scope, long group) {
            return Optional.empty();
        }
    };

    /// Those that a device is in, the outermost first.
    List<Long> of(Handle handle, DeviceId device);

    /// Whose group it is; empty for one that is not within the scope.
    Optional<OrganizationPath> find(OrganizationPath scope, long group);
}
