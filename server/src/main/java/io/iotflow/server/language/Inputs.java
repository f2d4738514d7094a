package io.iotflow.server.language;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The inputs and geofences met so far; the same input has one index.
final class Inputs {
    private final List<Input> inputs = new ArrayList<>();
    private final Set<String> geofences = new TreeSet<>();

    int index(Input input) {
        var known = inputs.indexOf(input);
        if (known >= 0) return known;
        inputs.add(input);
        return inputs.size() - 1;
    }

    void geofence(String name) {
        geofences.add(name);
    }

    Set<String> geofences() {
        return Set.copyOf(geofences);
    }

    List<Input> all() {
        return List.copyOf(inputs);
    }
}
