package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// A registered device. Texts that were never given are empty. Shared between threads: nobody may change its JSON.
///
/// @param type what kind of device it is, such as `temperature`
/// @param metadata a JSON object
/// @param capabilities a JSON array of texts
/// @param quarantine if it is in quarantine, why
/// @param revision counts its changes; the `ETag`
public record Device(DeviceId id, OrganizationPath organization, String name, String type, String description,
                     String location, String firmwareVersion, String hardwareVersion, JsonNode metadata,
                     JsonNode capabilities, String userId, DeviceStatus status, Optional<Quarantine> quarantine,
                     long revision, Instant createdAt, Instant updatedAt) {

    /// @param reason empty if nobody has said
    public record Quarantine(String reason, Instant since) {
        /// One sentence for whoever has to do with the device.
        public String sentence() {
            return "The device is in quarantine since " + since + (reason.isEmpty() ? "." : ": " + reason + ".");
        }
    }


    public Device {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(status, "status");
    }

    /// Whether this text means the device, by its id or its name.
    public boolean isCalled(String idOrName) {
        return idOrName.equals(name) || idOrName.equals(id.toString());
    }

    /// As what something was done to.
    public Audit.Target target() {
        return new Audit.Target("device", id.toString(), name, organization);
    }
}
