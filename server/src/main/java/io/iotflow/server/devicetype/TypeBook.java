package io.iotflow.server.devicetype;

import io.iotflow.server.core.OrganizationPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All types, as of one moment.
final class TypeBook {
    static final TypeBook EMPTY = new TypeBook(List.of());

    private final Map<Long, DeviceType> all = new HashMap<>();
    private final Map<OrganizationPath, Map<String, DeviceType>> named = new HashMap<>();
    private final boolean hasSteps;

    TypeBook(List<DeviceType> types) {
        for (var type : types) {
            all.put(type.id(), type);
            named.computeIfAbsent(type.organization(), _ -> new HashMap<>()).put(type.name(), type);
        }
        hasSteps = types.stream().anyMatch(type -> type.content().hasDecoder() || !type.content().ranges().isEmpty());
    }

    /// Whether a type has steps for its devices.
    boolean hasSteps() {
        return hasSteps;
    }

    Optional<DeviceType> find(long id) {
        return Optional.ofNullable(all.get(id));
    }

    /// The nearest of this name, from the organization upwards.
    Optional<DeviceType> find(OrganizationPath organization, String name) {
        for (var at = Optional.of(organization); at.isPresent(); at = at.get().parent()) {
            var found = named.getOrDefault(at.get(), Map.of()).get(name);
            if (found != null) return Optional.of(found);
        }
        return Optional.empty();
    }

    /// Those of this name below an organization.
    List<DeviceType> below(OrganizationPath organization, String name) {
        var found = new ArrayList<DeviceType>();
        named.forEach((at, types) -> {
            if (organization.contains(at) && types.containsKey(name)) found.add(types.get(name));
        });
        return found;
    }
}
