package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Timestamps;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// On these days between these times of a zone; over midnight when the end is not after the beginning, and then the
/// day is the one on which it began.
record TimeWindow(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone, int slot) implements Condition {
    @Override
    public boolean holds(RuleState it) {
        var known = it.slots[slot + 1];
        if (known == MetricState.NEVER || it.now >= known || it.now < it.slots[slot]) look(it);
        return (it.slots[slot + 2] & 1) == 1;
    }

    /// Remembers the answer, and from when until when it is good.
    private void look(RuleState it) {
        var at = Timestamps.ofMicros(it.now).atZone(zone);
        var midnight = at.toLocalDate().atStartOfDay(zone);
        var next = midnight.toLocalDate().plusDays(1).atStartOfDay(zone);
        var start = midnight;
        var end = next;
        for (var bound : List.of(midnight.with(from), midnight.with(to))) {
            if (!bound.isAfter(at) && bound.isAfter(start)) start = bound;
            if (bound.isAfter(at) && bound.isBefore(end)) end = bound;
        }
        it.slots[slot] = Timestamps.micros(start.toInstant());
        it.slots[slot + 1] = Timestamps.micros(end.toInstant());
        it.slots[slot + 2] = isWithin(at.getDayOfWeek(), at.toLocalTime()) ? 1 : 0;
    }

    private boolean isWithin(DayOfWeek day, LocalTime time) {
        if (from.isBefore(to)) return days.contains(day) && !time.isBefore(from) && time.isBefore(to);
        return !time.isBefore(from) ? days.contains(day) : time.isBefore(to) && days.contains(day.minus(1));
    }

    @Override
    public long wakeAt(RuleState it) {
        var known = it.slots[slot + 1];
        if (known == MetricState.NEVER) return Long.MAX_VALUE;
        return known > it.now ? known : RuleProgram.nextMinute(it.now);
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "time_window").put("from", from.toString()).put("to", to.toString())
                .put("zone", zone.getId());
        var list = into.putArray("days");
        days.stream().sorted().forEach(day -> list.add(day.name().substring(0, 3).toLowerCase(Locale.ROOT)));
    }
}
