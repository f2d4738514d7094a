package io.iotflow.protocol;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.Locale;

/// The forms in which people and devices write a time.
public final class Timestamps {
    private static final int LONGEST = 64;
    private static final long SECONDS_BELOW = 100_000_000_000L;
    private static final long MILLIS_BELOW = SECONDS_BELOW * 1_000;
    private static final long MICROS_BELOW = MILLIS_BELOW * 1_000;
    private static final BigDecimal NANOS_BELOW = BigDecimal.valueOf(MICROS_BELOW).movePointRight(3);
    private static final BigDecimal NANOS_OF_SECOND = BigDecimal.valueOf(1_000_000_000);

    /// Also offsets without a colon or without minutes, as Python and C write them.
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder().parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .optionalStart().appendOffset("+HH:MM:ss", "Z").optionalEnd()
            .optionalStart().appendOffset("+HHmm", "Z").optionalEnd()
            .toFormatter(Locale.ROOT).withResolverStyle(ResolverStyle.STRICT).withChronology(IsoChronology.INSTANCE);

    private Timestamps() {}

    /// ISO 8601 (no zone means UTC; a date alone means its start), epoch seconds, milliseconds, microseconds or
    /// nanoseconds by magnitude, `now`, or relative to now: `-15m`, `-24h`, `-7d`, `+30s`, `now-1h`. White space
    /// around it does not count. The result is one that [#micros] can express.
    ///
    /// @throws DateTimeException if it is none of them; the message follows a field's name and says the forms
    public static Instant parse(String written, Instant now) {
        try {
            var text = written.strip();
            if (text.isEmpty() || text.length() > LONGEST) throw notATime();
            var time = read(text, now);
            micros(time);
            return time;
        } catch (DateTimeException | ArithmeticException | NumberFormatException _) {
            throw notATime();
        }
    }

    private static DateTimeException notATime() {
        return new DateTimeException("is not a time: send ISO 8601 such as 2026-01-01T00:00:00Z, an epoch number, now, "
                + "or a time relative to now such as -15m, -24h or -7d");
    }

    private static Instant read(String text, Instant now) {
        if (text.equals("now")) return now;
        if (text.startsWith("now")) return now.plus(offset(text.substring(3)));
        if (isNumber(text)) return epoch(new BigDecimal(text));
        var sign = text.charAt(0);
        // A year beyond 9999 begins with a sign, too, but ends with a digit or Z.
        if ((sign == '-' || sign == '+') && "smhdw".indexOf(text.charAt(text.length() - 1)) >= 0) {
            return now.plus(offset(text));
        }
        return iso(text);
    }

    /// `-15m`: a sign, a whole number, a unit.
    private static Duration offset(String text) {
        var unit = text.length() - 1;
        if (unit < 2 || !isDigits(text, 1, unit)) throw new DateTimeException("no whole number");
        var amount = switch (text.charAt(0)) {
            case '+' -> Long.parseLong(text, 1, unit, 10);
            case '-' -> -Long.parseLong(text, 1, unit, 10);
            default -> throw new DateTimeException("no sign");
        };
        return switch (text.charAt(unit)) {
            case 's' -> Duration.ofSeconds(amount);
            case 'm' -> Duration.ofMinutes(amount);
            case 'h' -> Duration.ofHours(amount);
            case 'd' -> Duration.ofDays(amount);
            case 'w' -> Duration.ofDays(Math.multiplyExact(amount, 7));
            default -> throw new DateTimeException("no unit");
        };
    }

    private static boolean isNumber(String text) {
        for (int i = text.charAt(0) == '-' ? 1 : 0; i < text.length(); i++) {
            if (text.charAt(i) != '.' && !isDigit(text.charAt(i))) return false;
        }
        return true;
    }

    private static boolean isDigits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isDigit(text.charAt(i))) return false;
        }
        return true;
    }

    /// Not [Character#isDigit], which knows the digits of all scripts.
    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static Instant iso(String text) {
        if (text.length() == 10) return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        if (isPlainUtc(text)) return plainUtc(text);
        var normal = text.length() > 10 && text.charAt(10) == ' '
                ? text.substring(0, 10) + 'T' + text.substring(11) : text;
        // A plus sign that was not percent-encoded in a query arrives as a space.
        var parsed = ISO.parseBest(normal.replace(' ', '+'), OffsetDateTime::from, LocalDateTime::from);
        return parsed instanceof OffsetDateTime zoned
                ? zoned.toInstant() : ((LocalDateTime) parsed).toInstant(ZoneOffset.UTC);
    }

    /// `2026-01-01T00:00:00Z`, with or without three digits of a fraction: what most devices send, and far cheaper to
    /// read without a formatter.
    private static boolean isPlainUtc(String text) {
        var length = text.length();
        return (length == 20 || length == 24 && text.charAt(19) == '.' && isDigits(text, 20, 23))
                && text.charAt(length - 1) == 'Z' && text.charAt(10) == 'T'
                && text.charAt(4) == '-' && text.charAt(7) == '-' && text.charAt(13) == ':' && text.charAt(16) == ':'
                && isDigits(text, 0, 4) && isDigits(text, 5, 7) && isDigits(text, 8, 10)
                && isDigits(text, 11, 13) && isDigits(text, 14, 16) && isDigits(text, 17, 19);
    }

    private static Instant plainUtc(String text) {
        var millis = text.length() == 24 ? whole(text, 20, 23) : 0;
        return LocalDateTime.of(whole(text, 0, 4), whole(text, 5, 7), whole(text, 8, 10), whole(text, 11, 13),
                whole(text, 14, 16), whole(text, 17, 19), millis * 1_000_000).toInstant(ZoneOffset.UTC);
    }

    private static int whole(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    private static Instant epoch(BigDecimal number) {
        var magnitude = number.abs();
        if (magnitude.compareTo(NANOS_BELOW) >= 0) throw new ArithmeticException("beyond nanoseconds");
        var places = magnitude.compareTo(BigDecimal.valueOf(SECONDS_BELOW)) < 0 ? 9
                : magnitude.compareTo(BigDecimal.valueOf(MILLIS_BELOW)) < 0 ? 6
                : magnitude.compareTo(BigDecimal.valueOf(MICROS_BELOW)) < 0 ? 3 : 0;
        var parts = number.movePointRight(places).divideAndRemainder(NANOS_OF_SECOND);
        return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValue());
    }

    /// Microseconds since 1970 of an epoch number in whichever unit its magnitude suggests.
    public static long epochMicros(long number) {
        var minusMagnitude = -Math.abs(number); // below zero there is room for every long's magnitude
        if (minusMagnitude > -SECONDS_BELOW) return number * 1_000_000;
        if (minusMagnitude > -MILLIS_BELOW) return number * 1_000;
        if (minusMagnitude > -MICROS_BELOW) return number;
        return Math.floorDiv(number, 1_000);
    }

    /// The same for a number with a fraction, to the nearest microsecond.
    ///
    /// @throws ArithmeticException if it is beyond every unit
    public static long epochMicros(double number) {
        var magnitude = Math.abs(number);
        if (!(magnitude < 0x1p63)) throw new ArithmeticException("beyond nanoseconds");
        return Math.round(magnitude < SECONDS_BELOW ? number * 1_000_000
                : magnitude < MILLIS_BELOW ? number * 1_000
                : magnitude < MICROS_BELOW ? number : number / 1_000);
    }

    public static Instant ofMicros(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1_000L);
    }

    /// @throws ArithmeticException beyond about 292,000 years from 1970
    public static long micros(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000), time.getNano() / 1_000);
    }
}
