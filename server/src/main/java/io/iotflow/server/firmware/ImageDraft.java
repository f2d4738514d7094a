package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Fields;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What whoever uploads an image says of it. Checks itself.
///
/// @param name             of what the firmware is for; versions of one name follow each other
/// @param deviceTypes      that it is made for; empty for all
/// @param hardwareVersions likewise
/// @param sha256           of the whole image, in lower-case hexadecimal
/// @param signature        by one of the registered keys
record ImageDraft(String name, String version, Channel channel, Set<String> deviceTypes, Set<String> hardwareVersions,
                  String releaseNotes, long size, String sha256, Optional<byte[]> signature) {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    enum Channel {
        STABLE, BETA;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    ImageDraft {
        deviceTypes = Set.copyOf(deviceTypes);
        hardwareVersions = Set.copyOf(hardwareVersions);
        if (!SHA_256.matcher(sha256).matches()) {
            throw PlatformException.invalid("sha256", "must be the image's SHA-256 as 64 lower-case hexadecimal "
                    + "digits (sha256sum)");
        }
        if (size < 1 || size > FirmwareLimits.FIRMWARE_IMAGE_BYTES) {
            throw PlatformException.invalid("size", "must be from 1 to " + FirmwareLimits.FIRMWARE_IMAGE_BYTES
                    + " bytes");
        }
    }

    /// Refuses fields that it does not know.
    static ImageDraft of(Fields fields, JsonNode document) {
        if (!StorableText.accepts(document)) {
            throw PlatformException.malformed("The body " + StorableText.NO_JSON + ".");
        }
        var draft = new ImageDraft(line(fields, "name", FirmwareLimits.FIRMWARE_NAME_CHARACTERS),
                line(fields, "version", Limits.DEVICE_VERSION_CHARACTERS),
                fields.word("channel", Map.of("stable", Channel.STABLE, "beta", Channel.BETA)).orElse(Channel.STABLE),
                Set.copyOf(fields.texts("device_types", FirmwareLimits.FIRMWARE_KINDS, Limits.DEVICE_NAME_CHARACTERS)),
                Set.copyOf(fields.texts("hardware_versions", FirmwareLimits.FIRMWARE_KINDS,
                        Limits.DEVICE_VERSION_CHARACTERS)),
                fields.text("release_notes", FirmwareLimits.FIRMWARE_NOTES_CHARACTERS).orElse(""),
                size(fields), fields.requiredText("sha256", 64),
                fields.text("signature", FirmwareLimits.FIRMWARE_SIGNATURE_CHARACTERS).map(ImageDraft::signature));
        fields.end();
        return draft;
    }

    private static String line(Fields fields, String field, int characters) {
        var text = fields.requiredText(field, characters);
        if (!text.equals(text.strip()) || text.chars().anyMatch(Character::isISOControl)) {
            throw fields.refusal(field, "must be one line without spaces around it");
        }
        return text;
    }

    private static long size(Fields fields) {
        var size = fields.required("size");
        if (!size.isIntegralNumber() || !size.canConvertToLong()) throw fields.refusal("size", "must be a number");
        return size.longValue();
    }

    private static byte[] signature(String text) {
        try {
            return Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException _) {
            throw PlatformException.invalid("signature", "must be Base64");
        }
    }

    List<String> sortedTypes() {
        return deviceTypes.stream().sorted().toList();
    }

    List<String> sortedHardware() {
        return hardwareVersions.stream().sorted().toList();
    }
}
