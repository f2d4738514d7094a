package io.iotflow.server.notification;

import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.Severity;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// When nobody wants to be told.
///
/// @param days   on which quiet begins; it may end on the next one
/// @param until  not part of it; if it is not after `from`, it is the next day's
/// @param except from this severity on they do not count
record QuietHours(Set<DayOfWeek> days, LocalTime from, LocalTime until, ZoneId zone, Optional<Severity> except) {
    /// Quiet times that follow each other without a gap, at the most: more than a week of them never ends.
    private static final int LONGEST_CHAIN = 8;

    QuietHours {
        days = Set.copyOf(days);
    }

    static QuietHours of(SettingsFields fields) {
        fields.refuseOthers("days", "from", "to", "zone", "except");
        var days = EnumSet.noneOf(DayOfWeek.class);
        for (var word : fields.lines("days", 7)) days.add(day(fields, word));
        if (days.isEmpty()) days = EnumSet.allOf(DayOfWeek.class);
        var quiet = new QuietHours(days, time(fields, "from"), time(fields, "to"), zone(fields),
                fields.optional("except").map(word -> Severity.of(fields.name("except"), word)));
        if (quiet.from.equals(quiet.until) && days.size() == DayOfWeek.values().length) {
            throw fields.invalid("to", "leaves no time that is not quiet");
        }
        return quiet;
    }

    private static DayOfWeek day(SettingsFields fields, String word) {
        for (var day : DayOfWeek.values()) {
            if (day.name().substring(0, 3).toLowerCase(Locale.ROOT).equals(word)) return day;
        }
        throw fields.invalid("days", "must have mon, tue, wed, thu, fri, sat, sun in it");
    }

    private static LocalTime time(SettingsFields fields, String field) {
        var text = fields.text(field);
        try {
            if (text.matches("[0-9]{2}:[0-9]{2}")) return LocalTime.parse(text);
        } catch (DateTimeException e) {
            throw PlatformException.invalid(fields.name(field), "is no time of day: " + text);
        }
        throw fields.invalid(field, "must be a time of day such as 22:00");
    }

    private static ZoneId zone(SettingsFields fields) {
        try {
            return ZoneId.of(fields.line("zone").orElse("UTC"));
        } catch (DateTimeException e) {
            throw fields.invalid("zone", "must be a time zone such as Europe/Berlin");
        }
    }

    /// The first time from `at` on at which somebody of this severity may be told.
    Instant release(Instant at, Severity severity) {
        if (except.isPresent() && severity.compareTo(except.get()) >= 0) return at;
        var free = at;
        for (int i = 0; i < LONGEST_CHAIN; i++) {
            var end = endOfQuiet(free);
            if (end.isEmpty()) return free;
            free = end.get();
        }
        return free;
    }

    private Optional<Instant> endOfQuiet(Instant at) {
        var today = at.atZone(zone).toLocalDate();
        return endOfQuiet(at, today).or(() -> endOfQuiet(at, today.minusDays(1)));
    }

    private Optional<Instant> endOfQuiet(Instant at, LocalDate day) {
        if (!days.contains(day.getDayOfWeek())) return Optional.empty();
        var begin = ZonedDateTime.of(day, from, zone).toInstant();
        var end = ZonedDateTime.of(until.isAfter(from) ? day : day.plusDays(1), until, zone).toInstant();
        return at.isBefore(begin) || !at.isBefore(end) ? Optional.empty() : Optional.of(end);
    }
}
