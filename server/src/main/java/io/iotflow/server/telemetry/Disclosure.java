package io.iotflow.server.telemetry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What one answer shows of a device's sealed values: what is inside to whoever may see it, nothing to others. Keeps
/// what it could not show, so that the answer says so.
final class Disclosure {
    /// Metrics that a header names at the most.
    private static final int NAMES_IN_HEADER = 20;

    private final SealedValues values;
    private final DeviceId device;
    private final boolean isAllowed;
    private final SortedSet<String> hidden = new TreeSet<>();
    private final SortedSet<String> unreadable = new TreeSet<>();

    Disclosure(SealedValues values, DeviceId device, boolean isAllowed) {
        this.values = values;
        this.device = device;
        this.isAllowed = isAllowed;
    }

    boolean isAllowed() {
        return isAllowed;
    }

    /// Says that these are not shown at all.
    void hide(Collection<String> metrics) {
        hidden.addAll(metrics);
    }

    /// Null where nothing can be shown.
    Value shown(String metric, long timeMicros, Value value) {
        if (!(value instanceof Value.Sealed sealed)) return value;
        if (!isAllowed) {
            hidden.add(metric);
            return null;
        }
        var opened = values.open(device, metric, timeMicros, sealed);
        if (opened.isEmpty()) unreadable.add(metric);
        return opened.orElse(null);
    }

    /// The same row when nothing of it is sealed.
    RawRows.Row shown(RawRows.Row row) {
        if (row.values().values().stream().noneMatch(Value.Sealed.class::isInstance)) return row;
        var shown = new TreeMap<String, Value>();
        row.values().forEach((metric, value) -> shown.put(metric, shown(metric, row.timeMicros(), value)));
        return new RawRows.Row(row.timeMicros(), shown);
    }

    /// Adds the metrics that are null, or not there, because the caller may not see them, and those that nobody can.
    void tell(ObjectNode answer) {
        if (!hidden.isEmpty()) hidden.forEach(answer.putArray("hidden")::add);
        if (!unreadable.isEmpty()) unreadable.forEach(answer.putArray("unreadable")::add);
    }

    /// The same for an answer without a place for it; empty when there is nothing to say.
    String hidden() {
        return header(hidden);
    }

    String unreadable() {
        return header(unreadable);
    }

    private static String header(SortedSet<String> metrics) {
        return String.join(",", metrics.stream().limit(NAMES_IN_HEADER).toList());
    }
}
