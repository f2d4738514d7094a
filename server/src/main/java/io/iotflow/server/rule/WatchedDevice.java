package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// A device as rules see it.
///
/// @param present null where the past is looked at
/// @param shadow  as it is now, also where the past is looked at: it has no history
record WatchedDevice(DeviceFacts facts, Present present, Supplier<JsonNode> shadow) {
    WatchedDevice(Device device) {
        this(device, null, JsonNodeFactory.instance::objectNode);
    }

    WatchedDevice(Device device, Present present) {
        this(device, present, JsonNodeFactory.instance::objectNode);
    }

    WatchedDevice(Device device, Present present, Supplier<JsonNode> shadow) {
        this(DeviceFacts.of(device), present, shadow);
    }

    /// What is known of the present only. For the device's thread.
    static final class Present {
        private final Supplier<Optional<Instant>> load;
        private final Supplier<Optional<Instant>> calibrationDue;
        private final BooleanSupplier isOnline;
        private final BooleanSupplier configDrift;
        private Object certificateEnd;
        private boolean isLoaded;

        /// @param load           when the device's certificate ends: asked when a rule wants to know, and once
        /// @param calibrationDue when its sensors must be calibrated: asked each time
        Present(Supplier<Optional<Instant>> load, Supplier<Optional<Instant>> calibrationDue,
                BooleanSupplier isOnline, BooleanSupplier configDrift) {
            this.load = load;
            this.calibrationDue = calibrationDue;
            this.isOnline = isOnline;
            this.configDrift = configDrift;
        }

        private Object certificateEnd() {
            if (!isLoaded) certificateEnd = millis(load.get());
            isLoaded = true;
            return certificateEnd;
        }

        private static Object millis(Optional<Instant> time) {
            return time.<Object>map(it -> (double) it.toEpochMilli()).orElse(null);
        }
    }

    Device device() {
        return facts.device();
    }

    JsonNode metadata() {
        return facts.metadata();
    }

    /// Null for what there is not. Times are milliseconds since 1970.
    ///
    /// @param viewer whose rule asks
    Object field(String name, OrganizationPath viewer) {
        return switch (name) {
            case "is_online" -> present == null ? null : (Object) present.isOnline.getAsBoolean();
            case "config_drift" -> present == null ? null : (Object) present.configDrift.getAsBoolean();
            case "certificate_expires_at" -> present == null ? null : present.certificateEnd();
            case "calibration_due_at" -> present == null ? null : Present.millis(present.calibrationDue.get());
            default -> facts.seenBy(viewer).field(name);
        };
    }
}
