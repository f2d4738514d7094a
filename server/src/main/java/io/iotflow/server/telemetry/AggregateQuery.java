package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/// A question for one device's values gathered into windows.
///
/// @param metrics    at least one
/// @param fromMicros the first time, inclusive; its window may begin earlier and then holds only what lies after it
/// @param toMicros   the end, exclusive
/// @param functions  at least one
public record AggregateQuery(DeviceId device, SortedSet<String> metrics, long fromMicros, long toMicros, Window window,
        List<Aggregate> functions, Fill fill) {

    /// What a window without values shows.
    public enum Fill {
        /// The window is left out.
        NONE,
        /// Null.
        NULL,
        /// What the last window before it with values showed; null where there is none in the answer.
        PREVIOUS,
        /// In proportion between its neighbours with values; null before the first and after the last.
        LINEAR
    }

    public AggregateQuery {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(window, "window");
        Objects.requireNonNull(fill, "fill");
        metrics = new TreeSet<>(metrics);
        functions = List.copyOf(functions);
        if (metrics.isEmpty()) throw new IllegalArgumentException("name at least one metric");
        if (functions.isEmpty()) throw new IllegalArgumentException("name at least one function");
    }
}
