package io.iotflow.server.core;

import java.time.Duration;

/// Durations as people write them: `500ms`, `30s`, `5m`, `24h`, `7d`.
public final class Durations {
    private static final String FORM = "is no duration; write 500ms, 30s, 5m, 24h or 7d";

    private Durations() {}

    /// @throws IllegalArgumentException for what is none
    public static Duration parse(String text) {
        var split = 0;
        while (split < text.length() && text.charAt(split) >= '0' && text.charAt(split) <= '9') split++;
        try {
            var amount = Long.parseLong(text.substring(0, split));
            return switch (text.substring(split).strip()) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                case "d" -> Duration.ofDays(amount);
                default -> throw new IllegalArgumentException(FORM);
            };
        } catch (NumberFormatException | ArithmeticException _) {
            throw new IllegalArgumentException(FORM);
        }
    }

    /// In the largest unit that says it exactly.
    public static String text(Duration duration) {
        var millis = duration.toMillis();
        if (millis == 0) return "0s";
        if (millis % 86_400_000 == 0) return millis / 86_400_000 + "d";
        if (millis % 3_600_000 == 0) return millis / 3_600_000 + "h";
        if (millis % 60_000 == 0) return millis / 60_000 + "m";
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }
}
