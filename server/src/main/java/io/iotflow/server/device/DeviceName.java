package io.iotflow.server.device;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import java.util.Optional;

/// What may be a device's name: 1 to 128 ASCII letters, digits, `_ - . :` and single inner spaces, beginning and ending
/// with none of `- . :` or a space, since names become MQTT topics, path segments, file names and certificate subjects.
///
/// Up to nine digits and nothing else are always an id, never a name; ten and more (an IMEI) are always a name, never
/// an id. So wherever both serve, one text can mean one device only.
final class DeviceName {
    private static final int ID_DIGITS = 9;

    private DeviceName() {}

    /// What is wrong with `name`, as the end of a sentence; empty when nothing is.
    static Optional<String> problem(String name) {
        if (name.isEmpty()) return Optional.of("must not be empty");
        if (name.length() > Limits.DEVICE_NAME_CHARACTERS) {
            return Optional.of("must have at most " + Limits.DEVICE_NAME_CHARACTERS + " characters");
        }
        for (var i = 0; i < name.length(); i++) {
            if (!isWordCharacter(name.charAt(i)) && "-.: ".indexOf(name.charAt(i)) < 0) {
                return Optional.of("may have only the letters a to z and A to Z, digits, _ - . : and spaces");
            }
        }
        if (!isWordCharacter(name.charAt(0)) || !isWordCharacter(name.charAt(name.length() - 1))) {
            return Optional.of("must begin and end with a letter, a digit or _");
        }
        if (name.contains("  ")) return Optional.of("must not have two spaces in a row");
        if (isIdText(name)) return Optional.of("must not be a number of up to nine digits, because that is an id");
        return Optional.empty();
    }

    /// The id that a text means, if it is one.
    static Optional<DeviceId> idOf(String text) {
        if (!isIdText(text)) return Optional.empty();
        var number = Long.parseLong(text);
        return number == 0 ? Optional.empty() : Optional.of(new DeviceId(number));
    }

    private static boolean isIdText(String text) {
        return !text.isEmpty() && text.length() <= ID_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isWordCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
    }
}
