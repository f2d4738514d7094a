package io.iotflow.simulator.model;

import java.time.Instant;

/// The rhythm of days and weeks, in UTC so that no machine's zone changes a simulation.
final class Day {
    private static final long SECONDS = 86_400;

    private Day() {}

    /// Hours since midnight, 0 ≤ hour < 24.
    static double hour(Instant time) {
        return Math.floorMod(time.getEpochSecond(), SECONDS) / 3_600.0 + time.getNano() / 3.6e12;
    }

    static Instant midnight(Instant time) {
        return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), SECONDS) * SECONDS);
    }

    /// Monday to Friday. 1970-01-01 was a Thursday.
    static boolean isWorkday(Instant time) {
        return Math.floorMod(Math.floorDiv(time.getEpochSecond(), SECONDS) + 3, 7) < 5;
    }

    /// A smooth daily cycle: 1 at the peak hour, -1 twelve hours away.
    static double wave(Instant time, double peakHour) {
        return Math.cos((hour(time) - peakHour) / 24 * 2 * Math.PI);
    }

    /// 1 at the given hour, falling off like a bell whose width is in hours; wraps around midnight.
    static double bell(Instant time, double centre, double width) {
        var away = Math.abs(hour(time) - centre);
        var distance = Math.min(away, 24 - away) / width;
        return Math.exp(-distance * distance / 2);
    }

    static boolean isBetween(Instant time, double from, double to) {
        var hour = hour(time);
        return hour >= from && hour < to;
    }
}
