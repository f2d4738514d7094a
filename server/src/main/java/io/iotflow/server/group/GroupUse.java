package io.iotflow.server.group;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.device.DeviceGroup;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// What goes by groups, and has to be asked before one goes.
public interface GroupUse {
    /// Nothing goes by any.
    GroupUse NONE = new GroupUse() {
        @Override
        public List<Audit.Target> naming(DeviceGroup group) {
            return List.of();
        }

        @Override
        public void deleted(Handle handle, Actor by, DeviceGroup group) {}
    };

    /// What names the group and would fit no device without it, of all organizations.
    List<Audit.Target> naming(DeviceGroup group);

    /// In the transaction that deletes it.
    void deleted(Handle handle, Actor by, DeviceGroup group);
}
