package io.iotflow.server.geo;

import io.iotflow.server.core.OrganizationPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// All geofences, as of one moment.
final class GeofenceBook implements Geofences.Known {
    static final GeofenceBook EMPTY = new GeofenceBook(List.of());

    private final Map<Long, Geofence> all = new HashMap<>();
    private final Map<OrganizationPath, Map<String, Geofence>> named = new HashMap<>();

    GeofenceBook(List<Geofence> geofences) {
        for (var geofence : geofences) {
            all.put(geofence.id(), geofence);
            named.computeIfAbsent(geofence.organization(), _ -> new HashMap<>()).put(geofence.name(), geofence);
        }
    }

    Optional<Geofence> find(long id) {
        return Optional.ofNullable(all.get(id));
    }

    @Override
    public Optional<Geofence> find(OrganizationPath organization, String name) {
        for (var at = Optional.of(organization); at.isPresent(); at = at.get().parent()) {
            var found = named.getOrDefault(at.get(), Map.of()).get(name);
            if (found != null) return Optional.of(found);
        }
        return Optional.empty();
    }

    @Override
    public List<String> names(OrganizationPath organization) {
        var names = new TreeSet<String>();
        for (var at = Optional.of(organization); at.isPresent(); at = at.get().parent()) {
            names.addAll(named.getOrDefault(at.get(), Map.of()).keySet());
        }
        return new ArrayList<>(names);
    }
}
