package io.iotflow.server.language;

import java.util.ArrayList;
import java.util.List;

/// The inputs met so far; the same one has one index.
final class Inputs {
    private final List<Input> inputs = new ArrayList<>();

    int index(Input input) {
        var known = inputs.indexOf(input);
        if (known >= 0) return known;
        inputs.add(input);
        return inputs.size() - 1;
    }

    List<Input> all() {
        return List.copyOf(inputs);
    }
}
