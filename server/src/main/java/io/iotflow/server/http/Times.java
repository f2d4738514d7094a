package io.iotflow.server.http;

import io.iotflow.server.core.PlatformException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Reads a time as every call accepts it: ISO 8601 (without a zone it is UTC, a date alone is its midnight), epoch
/// seconds, milliseconds, microseconds or nanoseconds by magnitude, `now`, or relative to now: `-15m`, `-24h`, `-7d`.
public final class Times {
    private static final BigDecimal SECONDS_BELOW = new BigDecimal("1e11");
    private static final BigDecimal MILLIS_BELOW = new BigDecimal("1e14");
    private static final BigDecimal MICROS_BELOW = new BigDecimal("1e17");
    private static final BigDecimal NANOS_BELOW = new BigDecimal("1e20");
    private static final int LONGEST = 64;

    private Times() {}

    /// @param field the name under which a mistake is reported
    public static Instant parse(String field, String text, Instant now) {
        var trimmed = text.strip();
        if (trimmed.isEmpty() || trimmed.length() > LONGEST) throw notATime(field, null);
        try {
            if (trimmed.startsWith("now")) {
                return trimmed.length() == 3 ? now : now.plus(offset(trimmed.substring(3)));
            }
            if (isNumber(trimmed)) return epoch(new BigDecimal(trimmed));
            if (trimmed.charAt(0) == '-' && !Character.isDigit(trimmed.charAt(trimmed.length() - 1))
                    && trimmed.indexOf(':') < 0) {
                return now.plus(offset(trimmed));
            }
            return iso(trimmed);
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw notATime(field, e);
        }
    }

    private static PlatformException notATime(String field, Exception cause) {
        var failure = PlatformException.invalid(field, "is not a time: send ISO 8601, an epoch number, now, or "
                + "a time relative to now such as -15m, -24h or -7d");
        if (cause != null) failure.addSuppressed(cause);
        return failure;
    }

    private static boolean isNumber(String text) {
        var digits = 0;
        var points = 0;
        for (var i = text.charAt(0) == '-' ? 1 : 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c >= '0' && c <= '9') digits++;
            else if (c == '.' && points == 0) points++;
            else return false;
        }
        return digits > 0;
    }

    private static Instant epoch(BigDecimal number) {
        var size = number.abs();
        int scale;
        if (size.compareTo(SECONDS_BELOW) < 0) scale = 9;
        else if (size.compareTo(MILLIS_BELOW) < 0) scale = 6;
        else if (size.compareTo(MICROS_BELOW) < 0) scale = 3;
        else if (size.compareTo(NANOS_BELOW) < 0) scale = 0;
        else throw new ArithmeticException("beyond nanoseconds");
        var nanos = number.movePointRight(scale).toBigInteger();
        var parts = nanos.divideAndRemainder(BigDecimal.valueOf(1_000_000_000L).toBigInteger());
        return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
    }

    /// `-15m`: a sign, a whole number, a unit.
    private static Duration offset(String text) {
        var sign = text.charAt(0);
        if ((sign != '-' && sign != '+') || text.length() < 3
                || !Character.isDigit(text.charAt(1))) throw new DateTimeException("not an offset");
        var amount = Long.parseLong(text, 1, text.length() - 1, 10);
        var seconds = switch (text.charAt(text.length() - 1)) {
            case 's' -> 1L;
            case 'm' -> 60L;
            case 'h' -> 3_600L;
            case 'd' -> 86_400L;
            case 'w' -> 604_800L;
            default -> throw new DateTimeException("not a unit");
        };
        var size = Duration.ofSeconds(Math.multiplyExact(amount, seconds));
        return sign == '-' ? size.negated() : size;
    }

    private static Instant iso(String text) {
        if (text.length() == 10) return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        var normal = text.length() > 10 && text.charAt(10) == ' ' ? text.substring(0, 10) + 'T' + text.substring(11)
                : text;
        // A plus sign that was not percent-encoded in a query arrives as a space.
        normal = normal.replace(' ', '+');
        var zoned = normal.endsWith("Z") || normal.endsWith("z") || normal.indexOf('+', 11) > 0
                || normal.indexOf('-', 11) > 0;
        return zoned ? OffsetDateTime.parse(normal, DateTimeFormatter.ISO_OFFSET_DATE_TIME).toInstant()
                : LocalDateTime.parse(normal).toInstant(ZoneOffset.UTC);
    }
}
