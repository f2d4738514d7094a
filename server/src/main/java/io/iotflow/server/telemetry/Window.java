package io.iotflow.server.telemetry;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/// A span of time into which measurements are gathered, as clocks and calendars of a zone show it.
///
/// Seconds, minutes and hours start at local midnight (or count from 1970 where they do not divide a day); days are
/// local days of 23, 24 or 25 hours; weeks start on Monday; months and years on the first. When clocks are set back
/// an hour, the repeated hour is a window of its own for windows of up to an hour, and part of its window otherwise.
public record Window(int amount, Unit unit, ZoneId zone) {
    /// Hundred years of any unit is more than anybody asks for.
    private static final int AMOUNT_AT_MOST = 1_000_000;
    private static final Pattern WORD = Pattern.compile("([0-9]{1,7})(s|m|h|d|w|M|y)");
    private static final LocalDate A_MONDAY = LocalDate.of(1970, 1, 5);
    private static final long SECOND = 1_000_000;

    public enum Unit { SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, YEAR }

    public Window {
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(zone, "zone");
        if (amount < 1 || amount > AMOUNT_AT_MOST) throw new IllegalArgumentException("amount must be 1 to 1000000");
    }

    /// Reads `30s`, `5m`, `1h`, `1d`, `1w`, `1M` (months), `1y`.
    public static Optional<Window> parse(String word, ZoneId zone) {
        var match = WORD.matcher(word);
        if (!match.matches()) return Optional.empty();
        var amount = Integer.parseInt(match.group(1));
        if (amount < 1 || amount > AMOUNT_AT_MOST) return Optional.empty();
        var unit = switch (match.group(2)) {
            case "s" -> Unit.SECOND;
            case "m" -> Unit.MINUTE;
            case "h" -> Unit.HOUR;
            case "d" -> Unit.DAY;
            case "w" -> Unit.WEEK;
            case "M" -> Unit.MONTH;
            default -> Unit.YEAR;
        };
        return Optional.of(new Window(amount, unit, zone));
    }

    /// About how long it is, for estimates; a month has 30 days here.
    public long roughMicros() {
        return amount * switch (unit) {
            case SECOND -> SECOND;
            case MINUTE -> 60 * SECOND;
            case HOUR -> 3_600 * SECOND;
            case DAY -> 86_400 * SECOND;
            case WEEK -> 7 * 86_400 * SECOND;
            case MONTH -> 30 * 86_400 * SECOND;
            case YEAR -> 365 * 86_400 * SECOND;
        };
    }

    /// The start of the window that a time lies in.
    public long start(long timeMicros) {
        return switch (unit) {
            case SECOND, MINUTE, HOUR -> clockStart(timeMicros);
            case DAY, WEEK, MONTH, YEAR -> calendarStart(timeMicros);
        };
    }

    /// The end of the window with this start, which is the start of the next one.
    public long end(long startMicros) {
        return switch (unit) {
            case SECOND, MINUTE, HOUR -> clockEnd(startMicros);
            case DAY, WEEK, MONTH, YEAR -> micros(next(dateStart(date(startMicros))));
        };
    }

    private long calendarStart(long timeMicros) {
        var date = dateStart(date(timeMicros));
        // Clocks set back across midnight show the old date again after the new one has begun.
        var next = micros(next(date));
        return next <= timeMicros ? next : micros(date);
    }

    private LocalDate next(LocalDate start) {
        return switch (unit) {
            case DAY -> start.plusDays(amount);
            case WEEK -> start.plusWeeks(amount);
            case MONTH -> start.plusMonths(amount);
            case YEAR -> start.plusYears(amount);
            case SECOND, MINUTE, HOUR -> throw new IllegalStateException("BUG: not a calendar unit");
        };
    }

    private long clockStart(long timeMicros) {
        var rules = zone.getRules();
        for (var time = timeMicros; ; time--) {
            var start = time - Math.floorMod(time + offset(rules, time), roughMicros());
            var change = rules.previousTransition(instant(time).plusNanos(1));
            if (change == null || micros(change.getInstant()) < start) return start;
            time = micros(change.getInstant());
            if (!continues(change)) return time;
        }
    }

    private long clockEnd(long startMicros) {
        var rules = zone.getRules();
        for (var time = startMicros; ; ) {
            var width = roughMicros();
            var end = time + width - Math.floorMod(time + offset(rules, time), width);
            var change = rules.nextTransition(instant(time));
            if (change == null || micros(change.getInstant()) > end) return end;
            time = micros(change.getInstant());
            if (!continues(change)) return time;
        }
    }

    /// Whether clocks show the same window just before and just after they are set. Being set back by a whole window
    /// shows it a second time, which is another window.
    private boolean continues(ZoneOffsetTransition change) {
        var time = micros(change.getInstant());
        var before = change.getOffsetBefore().getTotalSeconds() * SECOND;
        var after = change.getOffsetAfter().getTotalSeconds() * SECOND;
        var width = roughMicros();
        return before - after < width && Math.floorDiv(time - 1 + before, width) == Math.floorDiv(time + after, width);
    }

    private static long offset(ZoneRules rules, long micros) {
        return rules.getOffset(instant(micros)).getTotalSeconds() * SECOND;
    }

    private LocalDate dateStart(LocalDate date) {
        return switch (unit) {
            case DAY -> LocalDate.ofEpochDay(date.toEpochDay() - Math.floorMod(date.toEpochDay(), amount));
            case WEEK -> {
                var days = ChronoUnit.DAYS.between(A_MONDAY, date);
                yield date.minusDays(Math.floorMod(days, 7L * amount));
            }
            case MONTH -> {
                var months = date.getYear() * 12L + date.getMonthValue() - 1;
                yield date.withDayOfMonth(1).minusMonths(Math.floorMod(months, amount));
            }
            case YEAR -> date.withDayOfYear(1).minusYears(Math.floorMod(date.getYear(), amount));
            case SECOND, MINUTE, HOUR -> throw new IllegalStateException("BUG: not a calendar unit");
        };
    }

    private LocalDate date(long micros) {
        return LocalDateTime.ofInstant(instant(micros), zone).toLocalDate();
    }

    private long micros(LocalDate date) {
        return micros(date.atStartOfDay(zone).toInstant());
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, SECOND), Math.floorMod(micros, SECOND) * 1_000);
    }

    /// A window of UTC.
    public static Window utc(int amount, Unit unit) {
        return new Window(amount, unit, ZoneOffset.UTC);
    }
}
