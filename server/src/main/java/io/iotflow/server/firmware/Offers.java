package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.http.Json;
import java.util.Base64;
import java.util.Optional;

/// How an update is told to a device, and to people.
final class Offers {
    static final String DOWNLOAD = "/api/v1/devices/firmware/download";
    static final String DELTA = DOWNLOAD + "?delta=" + Delta.FORMAT;
    static final String LINKED = "/api/v1/firmware/download";

    private Offers() {}

    /// What a device is told, on every transport.
    ///
    /// @param delta that the device may get instead of the whole image
    static ObjectNode offer(Update update, Image image, Optional<Delta> delta) {
        var about = image.about();
        var json = Json.mapper().createObjectNode().put("update_id", update.id()).put("firmware_id", image.id())
                .put("name", about.name()).put("version", about.version()).put("size", about.size())
                .put("sha256", about.sha256());
        about.signature().ifPresentOrElse(signature -> json.put("signature",
                Base64.getEncoder().encodeToString(signature)), () -> json.putNull("signature"));
        json.put("release_notes", about.releaseNotes()).put("status", update.state().word())
                .put("attempt", update.attempts()).put("download", DOWNLOAD);
        json.put("chunk_bytes", FirmwareLimits.FIRMWARE_CHUNK_BYTES);
        delta.ifPresentOrElse(it -> json.putObject("delta").put("format", Delta.FORMAT)
                        .put("base_firmware_id", it.base()).put("size", it.size()).put("sha256", it.sha256())
                        .put("download", DELTA),
                () -> json.putNull("delta"));
        return json;
    }

    /// One line of a device's history.
    static ObjectNode story(Updates.Story story) {
        var update = story.update();
        var json = Json.mapper().createObjectNode().put("id", update.id()).put("device_id", update.device().value())
                .put("firmware_id", update.image());
        update.rollout().ifPresentOrElse(rollout -> json.put("rollout_id", rollout),
                () -> json.putNull("rollout_id"));
        json.put("is_rollback", update.isRollback()).put("from_version", update.fromVersion())
                .put("version", update.toVersion()).put("status", update.state().word())
                .put("progress", update.progress()).put("detail", update.detail())
                .put("attempts", update.attempts()).put("max_attempts", update.mostAttempts())
                .put("offered_at", update.offeredAt().toString()).put("changed_at", update.changedAt().toString());
        update.endedAt().ifPresentOrElse(at -> json.put("ended_at", at.toString()), () -> json.putNull("ended_at"));
        var steps = json.putArray("steps");
        story.steps().forEach(step -> steps.addObject().put("at", step.at().toString()).put("status", step.state())
                .put("detail", step.detail()));
        return json;
    }
}
