package io.iotflow.server.live;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.live.LiveEvent.Type;
import java.util.Set;

/// What a reader wants to hear of. An empty set means everything.
record Filter(Set<Type> types, Set<DeviceId> devices) {
    static final Filter ALL = new Filter(Set.of(), Set.of());

    Filter {
        types = Set.copyOf(types);
        devices = Set.copyOf(devices);
    }

    boolean lets(LiveEvent event) {
        return (types.isEmpty() || types.contains(event.type()))
                && (devices.isEmpty() || devices.contains(event.device()));
    }
}
