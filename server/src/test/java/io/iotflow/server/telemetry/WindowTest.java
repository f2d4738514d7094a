package io.iotflow.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowTest {

    @Test
    void startsWhereClocksAndCalendarsDo() {
        check("30s", "Z", "2026-03-01T12:00:44.999Z", "2026-03-01T12:00:30Z", "2026-03-01T12:01:00Z");
        check("5m", "Z", "2026-03-01T12:04:59Z", "2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z");
        check("1h", "Asia/Kathmandu", "2026-03-01T12:04:59Z", "2026-03-01T11:15:00Z", "2026-03-01T12:15:00Z");
        check("1d", "Asia/Kathmandu", "2026-03-01T12:04:59Z", "2026-02-28T18:15:00Z", "2026-03-01T18:15:00Z");
        check("1w", "Z", "2026-03-01T12:00:00Z", "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z");
        check("1M", "Z", "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
        check("3M", "America/New_York", "2026-02-28T23:59:59Z", "2026-01-01T05:00:00Z", "2026-04-01T04:00:00Z");
        check("1y", "Europe/Istanbul", "2026-02-28T23:59:59Z", "2025-12-31T21:00:00Z", "2026-12-31T21:00:00Z");
        check("1s", "Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z");
        check("1d", "Z", "1969-12-31T23:59:59.999999Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z");
    }

    @Test
    void daysHave23Or25HoursWhenClocksAreSet() {
        check("1d", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
        check("1d", "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
        // Midnight itself does not exist on this day in Beirut.
        check("1d", "Asia/Beirut", "2026-03-29T12:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z");
    }

    @Test
    void hoursFollowTheClockWhenItIsSet() {
        // Forward: 02:00 becomes 03:00 at 01:00Z.
        check("6h", "Europe/Berlin", "2026-03-29T03:30:00Z", "2026-03-28T23:00:00Z", "2026-03-29T04:00:00Z");
        check("1h", "Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z");
        check("1h", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z");
        // Back: 03:00 becomes 02:00 at 01:00Z, so 02:30 comes twice.
        check("6h", "Europe/Berlin", "2026-10-25T04:30:00Z", "2026-10-24T22:00:00Z", "2026-10-25T05:00:00Z");
        check("1h", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z");
        check("1h", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z");
        // By half an hour: Lord Howe's repeated half hour belongs to one long hour.
        check("1h", "Australia/Lord_Howe", "2026-04-04T15:10:00Z", "2026-04-04T14:00:00Z", "2026-04-04T15:30:00Z");
    }

    @Test
    void windowsFollowEachOtherWithoutGapInEveryZone() {
        var random = new Random(42);
        var words = List.of("30s", "7m", "15m", "1h", "5h", "6h", "12h", "1d", "2d", "1w", "1M", "1y");
        for (var name : ZoneId.getAvailableZoneIds()) {
            var zone = ZoneId.of(name);
            for (var transition : zone.getRules().getTransitions()) {
                if (transition.getInstant().getEpochSecond() < 86_400L * 365 * 30) continue;
                var around = transition.getInstant().getEpochSecond() * 1_000_000;
                for (var word : words) {
                    var window = Window.parse(word, zone).orElseThrow();
                    var start = window.start(around - 7_200_000_000L);
                    for (var i = 0; i < 6; i++) {
                        var end = window.end(start);
                        assertThat(end).as("%s %s %d", name, word, start).isGreaterThan(start);
                        assertThat(window.start(start)).as("%s %s %d", name, word, start).isEqualTo(start);
                        assertThat(window.start(end)).as("%s %s %d", name, word, start).isEqualTo(end);
                        var inside = start + random.nextLong(end - start);
                        assertThat(window.start(inside)).as("%s %s %d", name, word, inside).isEqualTo(start);
                        start = end;
                    }
                }
            }
        }
    }

    @Test
    void refusesWhatIsNotAWindow() {
        for (var word : List.of("", "h", "0h", "-1h", "1.5h", "1H", "1 h", "h1", "1h1", "99999999h", "1000001s")) {
            assertThat(Window.parse(word, ZoneOffset.UTC)).as(word).isEmpty();
        }
    }

    private static void check(String word, String zone, String time, String start, String end) {
        var window = Window.parse(word, ZoneId.of(zone)).orElseThrow();
        var found = window.start(micros(time));
        assertThat(new ArrayList<>(List.of(TimeSpan.instant(found).toString(),
                TimeSpan.instant(window.end(found)).toString())))
                .as(word + " " + zone + " " + time).containsExactly(start, end);
    }

    private static long micros(String time) {
        return TimeSpan.micros(OffsetDateTime.parse(time).toInstant());
    }
}
