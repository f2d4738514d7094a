package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.device.Device;
import io.iotflow.server.language.EvaluationException;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.Surroundings;
import io.iotflow.server.language.WindowStatistics;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// A device as rules see it, and all that the filter of a rule's scope sees.
///
/// @param present null where the past is looked at
record DeviceFacts(Device device, Present present) implements Surroundings {
    DeviceFacts(Device device) {
        this(device, null);
    }

    /// What is known of the present only. For the device's thread.
    static final class Present {
        private final Supplier<Optional<Instant>> load;
        private final BooleanSupplier isOnline;
        private Object certificateEnd;
        private boolean isLoaded;

        /// @param load when the device's certificate ends: asked when a rule wants to know, and once
        Present(Supplier<Optional<Instant>> load, BooleanSupplier isOnline) {
            this.load = load;
            this.isOnline = isOnline;
        }

        private Object certificateEnd() {
            if (!isLoaded) certificateEnd = load.get().<Object>map(end -> (double) end.toEpochMilli()).orElse(null);
            isLoaded = true;
            return certificateEnd;
        }
    }

    @Override
    public JsonNode metadata() {
        return device.metadata();
    }

    /// Null for what there is not. Times are milliseconds since 1970.
    @Override
    public Object device(String field) {
        return switch (field) {
            case "id" -> (double) device.id().value();
            case "organization_id" -> (double) device.organization().id();
            case "name" -> device.name();
            case "type", "device_type" -> device.type();
            case "description" -> device.description();
            case "location" -> device.location();
            case "firmware_version" -> device.firmwareVersion();
            case "hardware_version" -> device.hardwareVersion();
            case "user_id" -> device.userId();
            case "status" -> device.status().word();
            case "created_at" -> (double) device.createdAt().toEpochMilli();
            case "updated_at" -> (double) device.updatedAt().toEpochMilli();
            case "is_online" -> present == null ? null : (Object) present.isOnline.getAsBoolean();
            case "certificate_expires_at" -> present == null ? null : present.certificateEnd();
            default -> null;
        };
    }

    /// A filter that fails lets nothing through.
    boolean fulfils(Expression filter) {
        try {
            return filter.truth(this);
        } catch (EvaluationException _) {
            return false;
        }
    }

    @Override
    public double number(int input) {
        return Double.NaN;
    }

    @Override
    public Object value(int input) {
        return null;
    }

    @Override
    public WindowStatistics window(int input) {
        throw new IllegalStateException("BUG: a filter that reads measurements");
    }

    @Override
    public Object current() {
        return null;
    }

    @Override
    public double currentNumber() {
        return Double.NaN;
    }

    @Override
    public long timeMicros() {
        return io.iotflow.protocol.Timestamps.micros(device.updatedAt());
    }

    @Override
    public JsonNode shadow() {
        return JsonNodeFactory.instance.objectNode();
    }

    @Override
    public boolean inside(String geofence) {
        throw new IllegalStateException("BUG: a filter that asks for a position");
    }

    @Override
    public Object local(String name) {
        return null;
    }
}
