package io.iotflow.server.limits;

import io.iotflow.server.core.Durations;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// So much at once, and so much again spread over the window: `1000/1s`.
public record Rate(long amount, Duration window) {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8})/([1-9][0-9]{0,5}(?:ms|s|m|h|d))");
    private static final Duration LONGEST = Duration.ofDays(1);

    public Rate {
        if (amount < 1 || window.compareTo(Duration.ofMillis(1)) < 0 || window.compareTo(LONGEST) > 0
                || amount > window.toNanos()) {
            throw new IllegalArgumentException("a rate has an amount of 1 at least, a window of 1ms to 1d, and an"
                    + " amount no larger than the nanoseconds of its window");
        }
    }

    /// @throws IllegalArgumentException for what is no rate
    public static Rate of(String text) {
        var parts = FORM.matcher(text.strip());
        if (!parts.matches()) throw new IllegalArgumentException("is no rate; write 100/1s, 1000/5m, or 0 for none");
        return new Rate(Long.parseLong(parts.group(1)), Durations.parse(parts.group(2)));
    }

    /// Empty for `0`, which means no limit.
    static Optional<Rate> find(String text) {
        return text.strip().equals("0") ? Optional.empty() : Optional.of(of(text));
    }
}
