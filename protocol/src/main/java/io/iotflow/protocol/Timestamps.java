package io.iotflow.protocol;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// The forms in which people and devices write a time.
public final class Timestamps {
    private static final long SECONDS_BELOW = 100_000_000_000L;
    private static final long MILLIS_BELOW = SECONDS_BELOW * 1_000;
    private static final long MICROS_BELOW = MILLIS_BELOW * 1_000;

    private Timestamps() {}

    /// ISO 8601 (no zone means UTC; a date alone means its start), epoch seconds, milliseconds, microseconds or
    /// nanoseconds by magnitude, `now`, or relative to now: `-15m`, `-24h`, `-7d`, `+30s`.
    ///
    /// @throws DateTimeException if it is none of them; the message says which forms there are
    public static Instant parse(String text, Instant now) {
        if (text.equals("now")) return now;
        if (text.isEmpty() || text.length() > 64) throw unreadable(text);
        try {
            var last = text.charAt(text.length() - 1);
            var sign = text.charAt(0);
            if ((sign == '-' || sign == '+') && "smhdw".indexOf(last) >= 0) return now.plus(relative(text, last));
            if (isNumber(text)) return ofMicros(epochMicros(new BigDecimal(text)));
            return iso(text);
        } catch (DateTimeException | ArithmeticException | NumberFormatException _) {
            throw unreadable(text);
        }
    }

    private static Duration relative(String text, char unit) {
        var amount = Long.parseLong(text, 0, text.length() - 1, 10);
        return switch (unit) {
            case 's' -> Duration.ofSeconds(amount);
            case 'm' -> Duration.ofMinutes(amount);
            case 'h' -> Duration.ofHours(amount);
            case 'd' -> Duration.ofDays(amount);
            default -> Duration.ofDays(Math.multiplyExact(amount, 7));
        };
    }

    private static boolean isNumber(String text) {
        for (int i = text.charAt(0) == '-' ? 1 : 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c != '.' && (c < '0' || c > '9')) return false;
        }
        return true;
    }

    private static Instant iso(String text) {
        var normal = text.length() > 10 && text.charAt(10) == ' '
                ? text.substring(0, 10) + "T" + text.substring(11) : text;
        if (normal.length() == 10) return LocalDate.parse(normal).atStartOfDay(ZoneOffset.UTC).toInstant();
        var parsed = DateTimeFormatter.ISO_DATE_TIME.parseBest(normal, OffsetDateTime::from, LocalDateTime::from);
        return parsed instanceof OffsetDateTime zoned
                ? zoned.toInstant() : ((LocalDateTime) parsed).toInstant(ZoneOffset.UTC);
    }

    private static DateTimeException unreadable(String text) {
        var shown = text.length() > 64 ? text.substring(0, 64) + "…" : text;
        return new DateTimeException("\"" + shown + "\" is no time; write ISO 8601 such as 2026-01-01T00:00:00Z, "
                + "epoch seconds or milliseconds, or -15m, -24h, -7d, now");
    }

    /// Microseconds since 1970 of an epoch number in whichever unit its magnitude suggests.
    public static long epochMicros(long number) {
        var magnitude = Math.abs(number);
        if (magnitude < SECONDS_BELOW) return number * 1_000_000;
        if (magnitude < MILLIS_BELOW) return number * 1_000;
        if (magnitude < MICROS_BELOW) return number;
        return Math.floorDiv(number, 1_000);
    }

    /// The same for a number with a fraction.
    ///
    /// @throws ArithmeticException if it is beyond every unit
    public static long epochMicros(BigDecimal number) {
        if (number.scale() <= 0) return epochMicros(number.longValueExact());
        var magnitude = number.abs();
        var factor = magnitude.compareTo(BigDecimal.valueOf(SECONDS_BELOW)) < 0 ? BigDecimal.valueOf(1_000_000)
                : magnitude.compareTo(BigDecimal.valueOf(MILLIS_BELOW)) < 0 ? BigDecimal.valueOf(1_000)
                : magnitude.compareTo(BigDecimal.valueOf(MICROS_BELOW)) < 0 ? BigDecimal.ONE
                : new BigDecimal("0.001");
        return number.multiply(factor).setScale(0, RoundingMode.HALF_UP).longValueExact();
    }

    public static Instant ofMicros(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1_000L);
    }

    public static long micros(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000), time.getNano() / 1_000);
    }
}
