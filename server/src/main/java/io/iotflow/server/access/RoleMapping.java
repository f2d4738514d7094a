package io.iotflow.server.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which role a user from outside has, by what is said of him there. The first line whose value he has counts, so the
/// order is the operator's.
///
/// @param otherwise the role of whom no line fits; without one he is refused
record RoleMapping(List<Line> lines, Optional<String> otherwise) {

    record Line(String value, String role) {}

    RoleMapping {
        lines = List.copyOf(lines);
    }

    /// @param lines such as `iot-admins=admin`; the role is what follows the last `=`
    /// @param wrong takes what is wrong with them
    static RoleMapping of(String key, List<String> lines, Optional<String> otherwise, List<String> wrong) {
        var read = new ArrayList<Line>();
        for (var line : lines) {
            var equals = line.lastIndexOf('=');
            if (equals > 0 && equals < line.length() - 1) {
                read.add(new Line(line.substring(0, equals).strip(), line.substring(equals + 1).strip()));
            } else wrong.add(key + " has " + line + "; write value=role");
        }
        return new RoleMapping(read, otherwise);
    }

    /// Whether what is said outside decides at each sign-in; else administrators give roles here.
    boolean decides() {
        return !lines.isEmpty();
    }

    Optional<String> role(Set<String> values) {
        return lines.stream().filter(line -> values.contains(line.value())).map(Line::role).findFirst()
                .or(() -> otherwise);
    }
}
