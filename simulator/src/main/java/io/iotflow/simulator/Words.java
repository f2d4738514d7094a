package io.iotflow.simulator;

import java.time.Duration;
import java.util.regex.Pattern;

/// Durations as people write them: `500ms`, `30s`, `5m`, `2h`, `7d`; a bare number is seconds.
final class Words {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)\\s*(ms|s|m|h|d)?");

    private Words() {}

    /// @throws IllegalArgumentException with a sentence for the person who wrote it
    static Duration duration(String text) {
        var match = DURATION.matcher(text.strip());
        if (!match.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a duration such as 30s, 5m, 2h or 7d.");
        }
        var unit = switch (match.group(2)) {
            case "ms" -> 1L;
            case "m" -> 60_000L;
            case "h" -> 3_600_000L;
            case "d" -> 86_400_000L;
            case null, default -> 1_000L;
        };
        return Duration.ofMillis(Math.round(Double.parseDouble(match.group(1)) * unit));
    }

    /// The largest unit that needs no fraction.
    static String of(Duration duration) {
        var millis = duration.toMillis();
        if (millis == 0) return "0s";
        if (millis % 86_400_000 == 0) return millis / 86_400_000 + "d";
        if (millis % 3_600_000 == 0) return millis / 3_600_000 + "h";
        if (millis % 60_000 == 0) return millis / 60_000 + "m";
        if (millis % 1_000 == 0) return millis / 1_000 + "s";
        return millis + "ms";
    }
}
