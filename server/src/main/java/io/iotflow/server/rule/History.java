package io.iotflow.server.rule;

import io.iotflow.protocol.Timestamps;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.Presence;
import io.iotflow.server.ingest.StoreFollower;
import io.iotflow.server.telemetry.Latest;
import io.iotflow.server.telemetry.RawQuery;
import io.iotflow.server.telemetry.RawQuery.Order;
import io.iotflow.server.telemetry.RawRows;
import io.iotflow.server.telemetry.TelemetryStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What devices have measured before, for rules that have to know. Calls block.
public record History(TelemetryStore store, StoreFollower follower, Presence presence) {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /// Rows of one question while all of a span is read, so that others get their turn between two of them.
    private static final int ROWS_AT_ONCE = 50_000;
    /// In which the newest values of a device's metrics are looked for together.
    private static final int ROWS_OF_NEWEST = 20;

    /// Takes all that was measured at one time.
    interface Taker {
        /// @return false to stop
        boolean take(long time, Map<String, Value> values);
    }

    /// Waits until everything that was acknowledged before is there, a second at most.
    void catchUp() {
        try {
            follower.catchUp(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// The last rows of a span of time, in order.
    ///
    /// @param metrics empty for all
    /// @param from inclusive
    /// @param to   exclusive
    List<RawRows.Row> rows(DeviceId device, Set<String> metrics, long from, long to, int atMost) {
        if (to <= Math.max(0, from)) return List.of();
        return store.raw(new RawQuery(device, metrics, from, to, Order.DESCENDING, atMost)).rows().reversed();
    }

    /// Everything in a span of time, in order. None of it is kept, so its memory does not grow with the span.
    ///
    /// @param metrics empty for all
    /// @param taker   asked on one of the store's threads: it MUST be quick, and it must not ask for history
    void read(DeviceId device, Set<String> metrics, long from, long to, Taker taker) {
        var query = new RawQuery(device, metrics, from, to, Order.ASCENDING, ROWS_AT_ONCE);
        while (true) {
            var last = store.show(query, row -> taker.take(row.timeMicros(), row.values()));
            if (last.isEmpty()) return;
            query = query.after(last.getAsLong());
        }
    }

    /// The newest values of a device.
    List<Latest> latest(DeviceId device) {
        return store.series().latest(device);
    }

    /// The newest value of a metric before a time, if it is not older than rules may look back.
    Optional<Latest> newest(DeviceId device, String metric, long before) {
        return rows(device, Set.of(metric), before - RuleProgram.micros(Limits.RULE_WINDOW), before, 1).stream()
                .map(row -> new Latest(metric, row.timeMicros(), row.values().get(metric))).findFirst();
    }

    /// The same of some metrics, which mostly stand in the same few rows.
    Collection<Latest> newest(DeviceId device, Set<String> metrics, long before) {
        if (metrics.isEmpty()) return List.of();
        var found = new HashMap<String, Latest>();
        var rows = rows(device, metrics, before - RuleProgram.micros(Limits.RULE_WINDOW), before, ROWS_OF_NEWEST);
        for (var row : rows) {
            row.values().forEach((metric, value) -> found.put(metric, new Latest(metric, row.timeMicros(), value)));
        }
        if (rows.size() == ROWS_OF_NEWEST) {
            for (var metric : metrics) {
                if (!found.containsKey(metric)) newest(device, metric, before).ifPresent(it -> found.put(metric, it));
            }
        }
        return found.values();
    }

    /// When the device was last heard of, in microseconds; `Long.MIN_VALUE` for never.
    long lastHeard(DeviceId device) {
        return presence.of(device).lastSeen().map(Timestamps::micros).orElse(Long.MIN_VALUE);
    }
}
