package io.iotflow.server.sensor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// What measures one metric of one device.
///
/// @param certificate what there is of the paper that proves the last calibration
/// @param version     counts its changes; the `ETag`
record Sensor(long id, DeviceId device, OrganizationPath organization, Content content,
              Optional<Certificate> certificate, long version, Instant createdAt, Instant updatedAt) {

    /// What people write.
    ///
    /// @param unit     a symbol or a UCUM code; empty for none
    /// @param interval in days, after which it must be calibrated again
    record Content(String name, String metric, String unit, String description, Calibration calibration,
                   Optional<Integer> interval, Optional<Instant> calibratedAt, Optional<Instant> dueAt) {
        Content {
            Objects.requireNonNull(calibration, "calibration");
        }

        /// The same after it was calibrated.
        ///
        /// @param due empty for what the interval says
        Content calibrated(Calibration now, Instant at, Optional<Instant> due) {
            return new Content(name, metric, unit, description, now, interval, Optional.of(at),
                    due.or(() -> interval.map(days -> at.plus(Duration.ofDays(days)))));
        }

        ObjectNode into(ObjectNode json) {
            json.put("name", name).put("metric", metric).put("unit", unit.isEmpty() ? null : unit)
                    .put("description", description);
            calibration.into(json);
            return json.put("interval_days", interval.orElse(null))
                    .put("calibrated_at", calibratedAt.map(Instant::toString).orElse(null))
                    .put("due_at", dueAt.map(Instant::toString).orElse(null));
        }
    }

    /// What is known of a file without its bytes.
    ///
    /// @param sha256 in hexadecimal digits
    record Certificate(String fileName, String mediaType, long bytes, String sha256, Instant createdAt) {
        ObjectNode json() {
            return Json.mapper().createObjectNode().put("file_name", fileName).put("media_type", mediaType)
                    .put("bytes", bytes).put("sha256", sha256).put("created_at", createdAt.toString());
        }
    }

    Sensor {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(content, "content");
    }

    boolean isCalled(String idOrName) {
        return idOrName.equals(content.name) || idOrName.equals(Long.toString(id));
    }

    ObjectNode json(Instant now) {
        var json = Json.mapper().createObjectNode().put("id", id).put("device_id", device.value())
                .put("version", version);
        content.into(json).put("is_overdue", content.dueAt.filter(now::isAfter).isPresent());
        json.set("certificate", certificate.map(Certificate::json).orElse(null));
        return json.put("created_at", createdAt.toString()).put("updated_at", updatedAt.toString());
    }

    /// What the audit log keeps.
    ObjectNode document() {
        return content.into(Json.mapper().createObjectNode().put("device_id", device.value()));
    }

    Audit.Target target() {
        return new Audit.Target("sensor", Long.toString(id), content.name, organization);
    }

    String tag() {
        return "\"" + version + "\"";
    }
}
