package io.iotflow.server.rule;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.Device;
import io.iotflow.server.telemetry.Latest;
import io.iotflow.server.telemetry.RawRows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a device has measured, as far as rules have to see it again before they look at the present.
///
/// @param from   so far back as it matters
/// @param known  the newest values of before that time
/// @param rows   of that time, the latest of them if there are many
/// @param latest the newest values
record Past(long from, List<Latest> known, List<RawRows.Row> rows, List<Latest> latest) {

    /// Rules go on from the last measurement, and not from the present: what was to happen in between for want of
    /// measurements is still to happen.
    ///
    /// @param before the time of the present; what is not older belongs to it
    static Past of(History history, Device device, List<RuleProgram> programs, long before) {
        if (programs.isEmpty()) return nothing(before - 1);
        var lookback = programs.stream().mapToLong(RuleProgram::lookback).max().orElse(0);
        try {
            var latest = new ArrayList<Latest>();
            var metrics = RuleProgram.metrics(programs);
            for (var it : history.latest(device.id())) {
                if (it.timeMicros() < before) latest.add(it);
                else if (metrics.isEmpty() || metrics.contains(it.metric())) {
                    history.newest(device.id(), it.metric(), before).ifPresent(latest::add);
                }
            }
            var last = latest.stream().mapToLong(Latest::timeMicros).max()
                    .orElse(Math.min(before, Timestamps.micros(device.createdAt())));
            var from = Math.max(last, before - RuleProgram.micros(Limits.RULE_WINDOW)) - lookback;
            if (lookback == 0) return new Past(from, List.of(), List.of(), latest);
            var rows = history.rows(device.id(), metrics, from, before, Limits.RULE_HISTORY_ROWS);
            // What was cut off is as if it were too long ago.
            var since = rows.size() < Limits.RULE_HISTORY_ROWS ? from : rows.getFirst().timeMicros();
            return new Past(since, known(history, device, metrics, latest, since), rows, latest);
        } catch (RuntimeException e) {
            RuleEngine.failed(device.id(), e);
            return nothing(before - lookback);
        }
    }

    private static Past nothing(long from) {
        return new Past(from, List.of(), List.of(), List.of());
    }

    private static List<Latest> known(History history, Device device, Set<String> metrics, List<Latest> latest,
            long from) {
        var known = new ArrayList<Latest>();
        var later = new HashSet<String>();
        for (var it : latest) {
            if (it.timeMicros() < from) known.add(it);
            else if (metrics.isEmpty() || metrics.contains(it.metric())) later.add(it.metric());
        }
        known.addAll(history.newest(device.id(), later, from));
        return known;
    }
}
