package io.iotflow.server.telemetry;

import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Query;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// The times that a request asks for: from the first, inclusive, to the second, exclusive.
record TimeSpan(Instant from, Instant to) {
    private static final Instant EARLIEST = instant(TelemetryStore.EARLIEST_MICROS);
    private static final Instant LATEST = instant(TelemetryStore.LATEST_MICROS);

    static TimeSpan read(Query query, Instant otherwiseFrom) {
        var from = first(query, "start_time", "start", "from");
        var to = first(query, "end_time", "end", "to");
        return of(from.orElse(otherwiseFrom), to.orElse(LATEST), "start_time");
    }

    /// @param field blamed when the span is empty
    static TimeSpan of(Instant from, Instant to, String field) {
        if (!from.isBefore(to)) throw PlatformException.invalid(field, "must lie before the end");
        return new TimeSpan(within(from), within(to));
    }

    /// Where a question without a start begins.
    static Instant always() {
        return EARLIEST;
    }

    boolean isOpenEnded() {
        return to.equals(LATEST);
    }

    long fromMicros() {
        return micros(from);
    }

    long toMicros() {
        return micros(to);
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static Instant within(Instant time) {
        return time.isBefore(EARLIEST) ? EARLIEST : time.isAfter(LATEST) ? LATEST : time;
    }

    private static Optional<Instant> first(Query query, String... names) {
        for (var name : names) {
            var time = query.time(name);
            if (time.isPresent()) return time;
        }
        return Optional.empty();
    }
}
