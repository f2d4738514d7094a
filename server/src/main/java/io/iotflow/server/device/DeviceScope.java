package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.language.EvaluationException;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.Surroundings;
import io.iotflow.server.language.WindowStatistics;
import java.util.Optional;
import java.util.Set;

/// Which devices something is for: those that are in every set that is not empty, and that the filter lets through.
///
/// @param devices ids or names
/// @param filter  an expression over the device and its metadata
public record DeviceScope(Set<String> devices, Set<String> types, Optional<Expression> filter) {
    public static final DeviceScope ALL = new DeviceScope(Set.of(), Set.of(), Optional.empty());

    public DeviceScope {
        devices = Set.copyOf(devices);
        types = Set.copyOf(types);
    }

    public boolean holds(DeviceFacts facts) {
        var device = facts.device();
        return (types.isEmpty() || types.contains(device.type()))
                && (devices.isEmpty() || devices.contains(device.name()) || devices.contains(device.id().toString()))
                && (filter.isEmpty() || isLetThrough(facts));
    }

    /// A filter that fails, because it asks for what a device does not have, lets nothing through.
    private boolean isLetThrough(DeviceFacts facts) {
        try {
            return filter.get().truth(new Filtered(facts));
        } catch (EvaluationException _) {
            return false;
        }
    }

    /// All that a filter may see.
    private record Filtered(DeviceFacts facts) implements Surroundings {
        @Override
        public Object device(String field) {
            return facts.field(field);
        }

        @Override
        public JsonNode metadata() {
            return facts.metadata();
        }

        @Override
        public double number(int input) {
            throw refused();
        }

        @Override
        public Object value(int input) {
            throw refused();
        }

        @Override
        public WindowStatistics window(int input) {
            throw refused();
        }

        @Override
        public Object current() {
            throw refused();
        }

        @Override
        public double currentNumber() {
            throw refused();
        }

        @Override
        public long timeMicros() {
            throw refused();
        }

        @Override
        public JsonNode shadow() {
            throw refused();
        }

        @Override
        public boolean inside(String geofence) {
            throw refused();
        }

        @Override
        public Object local(String name) {
            throw refused();
        }

        private static IllegalStateException refused() {
            return new IllegalStateException("BUG: a filter that sees more than the device");
        }
    }
}
