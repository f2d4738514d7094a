package io.iotflow.server.language;

import io.iotflow.server.core.Durations;
import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.util.regex.Pattern;

/// How an expression writes the length of a window: `500ms`, `30s`, `5m`, `24h`, `7d`.
final class WindowLength {
    private static final Pattern FORM = Pattern.compile("[1-9][0-9]{0,9}(ms|s|m|h|d)");

    private WindowLength() {}

    /// Null if it is none, or too long.
    static Duration parse(String text) {
        if (!FORM.matcher(text).matches()) return null;
        var length = Durations.parse(text);
        return length.compareTo(Limits.RULE_WINDOW) > 0 ? null : length;
    }

    static String longest() {
        return Limits.RULE_WINDOW.toDays() + "d";
    }
}
