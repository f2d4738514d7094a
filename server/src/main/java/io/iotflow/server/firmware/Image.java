package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// What is known of a firmware image. Its bytes are a file; [ImageFiles] has it.
///
/// @param key      the number of the key that has signed it, as far as it is still registered
/// @param revision counts its changes; the `ETag`
public record Image(long id, OrganizationPath organization, ImageDraft about, Optional<Long> key, State state,
                    long revision, Instant createdAt, Instant updatedAt) {

    public enum State {
        /// Bytes are still missing.
        UPLOADING,
        /// Its bytes have the hash that was announced.
        READY,
        /// Nobody is offered it any more.
        WITHDRAWN;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Image {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(about, "about");
        Objects.requireNonNull(state, "state");
    }

    public String version() {
        return about.version();
    }

    public String sha256() {
        return about.sha256();
    }

    public String title() {
        return about.name() + " " + about.version();
    }

    /// Whether the device is of a kind that it was made for.
    public boolean fits(Device device) {
        return organization.contains(device.organization())
                && (about.deviceTypes().isEmpty() || about.deviceTypes().contains(device.type()))
                && (about.hardwareVersions().isEmpty() || about.hardwareVersions().contains(device.hardwareVersion()));
    }

    /// @throws PlatformException `CONFLICT` when it may not be offered
    public Image requireReady() {
        return switch (state) {
            case READY -> this;
            case UPLOADING -> throw new PlatformException(ErrorCode.CONFLICT, "The image " + title()
                    + " is not complete; upload the rest and finish it.");
            case WITHDRAWN -> throw new PlatformException(ErrorCode.CONFLICT, "The image " + title()
                    + " was withdrawn; upload another version.");
        };
    }

    byte[] hash() {
        return HexFormat.of().parseHex(about.sha256());
    }

    /// @param uploaded bytes that are there
    ObjectNode json(long uploaded) {
        var json = document().put("id", id).put("organization_id", organization.id()).put("uploaded", uploaded);
        key.ifPresentOrElse(number -> json.put("key_id", number), () -> json.putNull("key_id"));
        return json.put("created_at", createdAt.toString()).put("updated_at", updatedAt.toString());
    }

    /// What the audit log keeps.
    ObjectNode document() {
        var json = Json.mapper().createObjectNode().put("name", about.name()).put("version", about.version())
                .put("state", state.word()).put("channel", about.channel().word());
        about.deviceTypes().stream().sorted().forEach(json.putArray("device_types")::add);
        about.hardwareVersions().stream().sorted().forEach(json.putArray("hardware_versions")::add);
        json.put("release_notes", about.releaseNotes()).put("size", about.size()).put("sha256", about.sha256());
        about.signature().ifPresentOrElse(signature -> json.put("signature",
                Base64.getEncoder().encodeToString(signature)), () -> json.putNull("signature"));
        return json;
    }

    Audit.Target target() {
        return new Audit.Target("firmware", Long.toString(id), title(), organization);
    }

    String tag() {
        return "\"" + revision + "\"";
    }
}
