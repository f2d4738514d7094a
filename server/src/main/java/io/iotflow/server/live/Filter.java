package io.iotflow.server.live;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.live.LiveEvent.Type;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// What a reader wants to hear of, and may.
///
/// @param wishes  what fits one of them is wanted
/// @param reader  the device that reads; empty for a user
/// @param isClear whether the reader may see sensitive values
/// @param heard   the types that the reader may hear of
record Filter(OrganizationPath scope, List<Wish> wishes, Optional<DeviceId> reader, boolean isClear,
              Set<Type> heard) {
    static final Filter ALL = new Filter(OrganizationPath.ROOT, Set.of(), Set.of(), false);

    /// For a reader who may hear of everything.
    Filter(OrganizationPath scope, Set<Type> types, Set<DeviceId> devices, boolean isClear) {
        this(scope, List.of(new Wish(types, devices, _ -> true)), Optional.empty(), isClear, Set.of(Type.values()));
    }

    /// Some events. An empty set means everything.
    ///
    /// @param groups whether a device is in one of the groups that the reader wants; asked with null for what concerns
    ///               no single one
    record Wish(Set<Type> types, Set<DeviceId> devices, Predicate<DeviceId> groups) {
        Wish {
            types = Set.copyOf(types);
            devices = Set.copyOf(devices);
        }

        boolean fits(LiveEvent event) {
            return (types.isEmpty() || types.contains(event.type()))
                    && (devices.isEmpty() || event.device() != null && devices.contains(event.device()))
                    && groups.test(event.device());
        }
    }

    Filter {
        wishes = List.copyOf(wishes);
        heard = Set.copyOf(heard);
    }

    boolean lets(LiveEvent event) {
        return scope.contains(event.organization()) && heard.contains(event.type())
                && wishes.stream().anyMatch(wish -> wish.fits(event));
    }
}
