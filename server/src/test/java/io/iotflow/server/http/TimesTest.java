package io.iotflow.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.PlatformException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// Every form in which a time may be sent.
class TimesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static void check(String input, String expected) {
        assertThat(Times.parse("at", input, NOW)).as(input).isEqualTo(Instant.parse(expected));
    }

    @Test
    void readsIso8601() {
        check("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
        check("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456789Z");
        check("2026-01-01T05:45:00+05:45", "2026-01-01T00:00:00Z");
        check("2026-01-01T05:45:00 05:45", "2026-01-01T00:00:00Z");
        check("2025-12-31T19:00:00-05:00", "2026-01-01T00:00:00Z");
        check("2026-01-01T00:00:00", "2026-01-01T00:00:00Z");
        check("2026-01-01 00:00", "2026-01-01T00:00:00Z");
        check("2026-01-01", "2026-01-01T00:00:00Z");
    }

    @Test
    void readsEpochNumbersByTheirMagnitude() {
        check("1767225600", "2026-01-01T00:00:00Z");
        check("1767225600.5", "2026-01-01T00:00:00.500Z");
        check("1767225600000", "2026-01-01T00:00:00Z");
        check("1767225600000000", "2026-01-01T00:00:00Z");
        check("1767225600000000001", "2026-01-01T00:00:00.000000001Z");
        check("0", "1970-01-01T00:00:00Z");
        check("-1", "1969-12-31T23:59:59Z");
    }

    @Test
    void readsTimesRelativeToNow() {
        check("now", "2026-03-01T12:00:00Z");
        check("-90s", "2026-03-01T11:58:30Z");
        check("-15m", "2026-03-01T11:45:00Z");
        check("-24h", "2026-02-28T12:00:00Z");
        check("-7d", "2026-02-22T12:00:00Z");
        check("-1w", "2026-02-22T12:00:00Z");
        check("now-1h", "2026-03-01T11:00:00Z");
    }

    @Test
    void refusesEverythingElseByTheFieldsName() {
        for (var input : new String[] {"", " ", "yesterday", "-", "-h", "-1x", "1e9", "--5m", "2026-13-01", "T", "now-",
            "2026-02-30T00:00:00Z", "999999999999999999999", "-9999999999999999999d", ".", "1".repeat(65)}) {
            assertThatThrownBy(() -> Times.parse("start_time", input, NOW)).as(input)
                    .isInstanceOf(PlatformException.class).hasMessageStartingWith("start_time is not a time");
        }
    }
}
