package io.iotflow.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class TimestampsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final long Y2026 = 1_767_225_600;

    private static void check(String input, String expected) {
        assertThat(Timestamps.parse(input, NOW)).as(input).isEqualTo(Instant.parse(expected));
    }

    @Example
    void runsInAnOddZoneAndLocale() {
        assertThat(ZoneId.systemDefault()).isEqualTo(ZoneId.of("Asia/Kathmandu"));
        assertThat(Locale.getDefault()).isEqualTo(Locale.of("tr", "TR"));
    }

    @Example
    void readsIso8601() {
        check("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
        check("2026-01-01t00:00:00z", "2026-01-01T00:00:00Z");
        check("2026-01-01T00:00:00.25Z", "2026-01-01T00:00:00.250Z");
        check("2026-01-01T23:59:59.999Z", "2026-01-01T23:59:59.999Z");
        check("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456789Z");
        check("2026-01-01T05:45:00+05:45", "2026-01-01T00:00:00Z");
        check("2026-01-01T05:45:00+0545", "2026-01-01T00:00:00Z");
        check("2026-01-01T05:00:00+05", "2026-01-01T00:00:00Z");
        check("2026-01-01T05:45:00 05:45", "2026-01-01T00:00:00Z");
        check("2025-12-31T19:00:00-05:00", "2026-01-01T00:00:00Z");
        check("2026-01-01T00:00:00", "2026-01-01T00:00:00Z");
        check("2026-01-01T00:00:00.5", "2026-01-01T00:00:00.500Z");
        check("2026-01-01 00:00", "2026-01-01T00:00:00Z");
        check("2026-01-01 00:00:01Z", "2026-01-01T00:00:01Z");
        check("2026-01-01", "2026-01-01T00:00:00Z");
        check(" 2026-01-01\n", "2026-01-01T00:00:00Z");
        check("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z");
        check("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z");
        check("+12026-01-01T00:00:00Z", "+12026-01-01T00:00:00Z");
        check("-0044-03-15T12:00:00Z", "-0044-03-15T12:00:00Z");
    }

    @Example
    void readsEpochNumbersByTheirMagnitude() {
        check("1767225600", "2026-01-01T00:00:00Z");
        check("1767225600.5", "2026-01-01T00:00:00.500Z");
        check("1767225600.", "2026-01-01T00:00:00Z");
        check("1767225600000", "2026-01-01T00:00:00Z");
        check("1767225600000.25", "2026-01-01T00:00:00.000250Z");
        check("1767225600000000", "2026-01-01T00:00:00Z");
        check("1767225600000000001", "2026-01-01T00:00:00.000000001Z");
        check("99999999999", "5138-11-16T09:46:39Z");
        check("100000000000", "1973-03-03T09:46:40Z");
        check("0", "1970-01-01T00:00:00Z");
        check(".5", "1970-01-01T00:00:00.500Z");
        check("-1", "1969-12-31T23:59:59Z");
        check("-1.5", "1969-12-31T23:59:58.500Z");
        check("0." + "0".repeat(61) + "1", "1970-01-01T00:00:00Z");
    }

    @Example
    void readsTimesRelativeToNow() {
        check("now", "2026-03-01T12:00:00Z");
        check("-90s", "2026-03-01T11:58:30Z");
        check("-15m", "2026-03-01T11:45:00Z");
        check("-24h", "2026-02-28T12:00:00Z");
        check("-7d", "2026-02-22T12:00:00Z");
        check("-1w", "2026-02-22T12:00:00Z");
        check("+30s", "2026-03-01T12:00:30Z");
        check("-0d", "2026-03-01T12:00:00Z");
        check("now-1h", "2026-03-01T11:00:00Z");
        check("now+1h", "2026-03-01T13:00:00Z");
    }

    @Example
    void refusesEverythingElse() {
        for (var input : new String[] {"", " ", "yesterday", "-", "+", "-h", "-1x", "1e9", "+5", "--5m", "-+5m", "+-5m",
            "5m", "-1.5h", "-\u0661\u0665m", "\u0661\u0667", "NOW", "now-", "now1h", "now-1", "2026-13-01",
            "2026-00-01", "2026-01-32T00:00:00Z", "2026-02-30", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00.000Z",
            "2026-02-30T00:00:00+01:00", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00Z[UTC]", "2026-01-01T00:00:00+01:00[Europe/Paris]",
            "2026-01-01T", "T", "26-01-01", "2026-1-1", "01/02/2026", "1.2.3", ".", "-.", "1".repeat(65),
            "2026-01-01T00:00:0\u0661Z", "999999999999999999999", "-9999999999999999999d", "-9223372036854775807w",
            "-999999999d", "+999999999-12-31T23:59:59Z", "2026-01-01T00:00:00\0Z"}) {
            assertThatThrownBy(() -> Timestamps.parse(input, NOW)).as(input)
                    .isInstanceOf(DateTimeException.class).hasMessageStartingWith("is not a time: send ISO 8601");
        }
    }

    private static void checkEpoch(long number, long micros) {
        assertThat(Timestamps.epochMicros(number)).as("" + number).isEqualTo(micros);
    }

    private static void checkEpoch(double number, long micros) {
        assertThat(Timestamps.epochMicros(number)).as("" + number).isEqualTo(micros);
    }

    @Example
    void wholeEpochNumbersBecomeMicroseconds() {
        checkEpoch(0, 0);
        checkEpoch(-1, -1_000_000);
        checkEpoch(Y2026, Y2026 * 1_000_000);
        checkEpoch(Y2026 * 1_000, Y2026 * 1_000_000);
        checkEpoch(Y2026 * 1_000_000, Y2026 * 1_000_000);
        checkEpoch(Y2026 * 1_000_000_000, Y2026 * 1_000_000);
        checkEpoch(99_999_999_999L, 99_999_999_999_000_000L);
        checkEpoch(100_000_000_000L, 100_000_000_000_000L);
        checkEpoch(-100_000_000_000L, -100_000_000_000_000L);
        checkEpoch(99_999_999_999_999L, 99_999_999_999_999_000L);
        checkEpoch(100_000_000_000_000L, 100_000_000_000_000L);
        checkEpoch(99_999_999_999_999_999L, 99_999_999_999_999_999L);
        checkEpoch(100_000_000_000_000_000L, 100_000_000_000_000L);
        checkEpoch(Long.MAX_VALUE, Long.MAX_VALUE / 1_000);
        checkEpoch(Long.MIN_VALUE, Long.MIN_VALUE / 1_000 - 1);
    }

    @Example
    void fractionsOfEpochNumbersAreRoundedToMicroseconds() {
        checkEpoch(1767225600.5, Y2026 * 1_000_000 + 500_000);
        checkEpoch(1767225600.123457, Y2026 * 1_000_000 + 123_457);
        checkEpoch(1767225600123.457, Y2026 * 1_000_000 + 123_457);
        checkEpoch(1.7672256e9, Y2026 * 1_000_000);
        checkEpoch(1.7672256e12, Y2026 * 1_000_000);
        checkEpoch(1.7672256e15, Y2026 * 1_000_000);
        checkEpoch(1.7672256e18, Y2026 * 1_000_000);
        checkEpoch(-0.0, 0);
        checkEpoch(Double.MIN_VALUE, 0);
        checkEpoch(0.0000005, 1);
        for (var number : new double[] {0x1p63, -0x1p63, 1e300, Double.POSITIVE_INFINITY, Double.NaN}) {
            assertThatThrownBy(() -> Timestamps.epochMicros(number)).isInstanceOf(ArithmeticException.class);
        }
    }

    @Property
    void microsecondsAndInstantsAreTheSame(
            @ForAll @LongRange(min = -9_000_000_000_000_000_000L, max = 9_000_000_000_000_000_000L) long micros) {
        assertThat(Timestamps.micros(Timestamps.ofMicros(micros))).isEqualTo(micros);
    }

    @Property
    void whatIsAnsweredCanBeSentBack(@ForAll @LongRange(min = 0, max = 253_370_764_799_999_999L) long micros) {
        var time = Timestamps.ofMicros(micros);
        assertThat(Timestamps.parse(time.toString(), NOW)).isEqualTo(time);
    }

    @Property
    void noTextFailsOtherwise(@ForAll String text) {
        try {
            Timestamps.micros(Timestamps.parse(text, NOW));
        } catch (DateTimeException e) {
            assertThat(e).hasMessageStartingWith("is not a time");
        }
    }
}
