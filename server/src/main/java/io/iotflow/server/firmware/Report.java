package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Fields;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Reads what a device says of its update: `{"status": "installing", "progress": 40, "detail": "…", "update_id": 7,
/// "sha256": "…", "firmware_version": "1.3.0"}`. Other fields are left alone.
final class Report {
    private static final Map<String, UpdateState> WORDS = EnumSet.of(UpdateState.DOWNLOADING, UpdateState.DOWNLOADED,
            UpdateState.VERIFIED, UpdateState.INSTALLING, UpdateState.INSTALLED, UpdateState.FAILED,
            UpdateState.ROLLED_BACK).stream().collect(Collectors.toMap(UpdateState::word, Function.identity()));

    private Report() {}

    static UpdateEvent.Reported of(JsonNode node) {
        if (!StorableText.accepts(node)) {
            throw PlatformException.malformed("Texts must not have the character 0 or broken Unicode.");
        }
        var fields = Fields.of("", node);
        fields.required("status");
        return new UpdateEvent.Reported(fields.find("update_id").map(id -> number(fields, id)),
                fields.word("status", WORDS).orElseThrow(),
                fields.find("progress").map(_ -> fields.whole("progress", 0, 0, 100)),
                fields.text("detail", FirmwareLimits.FIRMWARE_DETAIL_CHARACTERS).orElse(""),
                fields.text("sha256", 64).map(hash -> hash.toLowerCase(Locale.ROOT)),
                version(fields));
    }

    private static Optional<String> version(Fields fields) {
        var version = fields.text("firmware_version", Limits.DEVICE_VERSION_CHARACTERS).filter(it -> !it.isBlank());
        if (version.filter(text -> text.chars().anyMatch(Character::isISOControl)).isPresent()) {
            throw fields.refusal("firmware_version", "must not have control characters");
        }
        return version;
    }

    private static long number(Fields fields, JsonNode id) {
        if (!id.isIntegralNumber() || !id.canConvertToLong()) throw fields.refusal("update_id", "must be a number");
        return id.longValue();
    }
}
