package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Firmware in the words of ThingsBoard: the offer as shared attributes, and how far the device is as telemetry. Pure.
final class ThingsBoardFirmware {
    private static final String STATE = "fw_state";
    private static final String ERROR = "fw_error";
    private static final String VERSION = "current_fw_version";
    private static final Map<String, UpdateState> STATES = Map.of("DOWNLOADING", UpdateState.DOWNLOADING,
            "DOWNLOADED", UpdateState.DOWNLOADED, "VERIFIED", UpdateState.VERIFIED,
            "UPDATING", UpdateState.INSTALLING, "UPDATED", UpdateState.INSTALLED, "FAILED", UpdateState.FAILED);

    private ThingsBoardFirmware() {}

    static ObjectNode attributes(Image image) {
        return Json.mapper().createObjectNode().put("fw_title", image.about().name())
                .put("fw_version", image.version()).put("fw_size", image.about().size())
                .put("fw_checksum", image.sha256()).put("fw_checksum_algorithm", "SHA256");
    }

    static byte[] offered(Image image) {
        return attributes(image).toString().getBytes(StandardCharsets.UTF_8);
    }

    /// There is nothing to be offered any more.
    static byte[] gone() {
        return ("{\"deleted\":[\"fw_title\",\"fw_version\",\"fw_size\",\"fw_checksum\",\"fw_checksum_algorithm\"]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /// What a message says of an update; empty for nearly all.
    static Optional<UpdateEvent.Reported> report(List<Measurement> measurements) {
        Optional<String> state = Optional.empty();
        for (var measurement : measurements) {
            if (measurement.metric().equals(STATE)) state = text(measurement);
        }
        return state.map(STATES::get).map(it -> new UpdateEvent.Reported(Optional.empty(), it, Optional.empty(),
                StorableText.shortened(named(measurements, ERROR).orElse(""),
                        FirmwareLimits.FIRMWARE_DETAIL_CHARACTERS), Optional.empty(),
                // What it says before is what it ran before.
                it == UpdateState.INSTALLED ? named(measurements, VERSION).filter(version -> !version.isBlank()
                        && version.length() <= Limits.DEVICE_VERSION_CHARACTERS) : Optional.empty()));
    }

    private static Optional<String> named(List<Measurement> measurements, String metric) {
        return measurements.stream().filter(it -> it.metric().equals(metric)).findFirst()
                .flatMap(ThingsBoardFirmware::text);
    }

    private static Optional<String> text(Measurement measurement) {
        return measurement.value() instanceof Value.Text(var text) ? Optional.of(text) : Optional.empty();
    }
}
