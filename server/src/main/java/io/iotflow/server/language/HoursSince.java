package io.iotflow.server.language;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/// `hoursSince(time)`: the time is a text in ISO 8601, a day meaning its beginning in UTC, or milliseconds since 1970.
final class HoursSince extends Code {
    private static final int LONGEST = 40;

    private final Code time;

    HoursSince(Code time) {
        super(Kind.NUMBER_OR_NOTHING);
        this.time = time;
    }

    @Override
    double number(Frame frame) {
        var millis = time.quick(frame);
        if (Double.isNaN(millis) && time.kind != Kind.NUMBER) millis = millis(time.value(frame));
        return (frame.around.timeMicros() / 1e3 - millis) / 3_600_000;
    }

    @Override
    Object value(Frame frame) {
        var hours = number(frame);
        return Double.isNaN(hours) ? Values.UNDEFINED : (Object) hours;
    }

    private static double millis(Object time) {
        return switch (time) {
            case Double number -> number;
            case String text when text.length() <= LONGEST -> millis(text);
            case null, default -> Double.NaN;
        };
    }

    private static double millis(String text) {
        try {
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();
            }
            return text.endsWith("Z") ? Instant.parse(text).toEpochMilli()
                    : OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (DateTimeParseException | ArithmeticException noTime) {
            return Double.NaN;
        }
    }
}
