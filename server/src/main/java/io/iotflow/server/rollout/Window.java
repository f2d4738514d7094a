package io.iotflow.server.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Fields;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// When devices may be offered something. Over midnight when the end is not after the beginning; the day is then the
/// one on which it began.
record Window(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {

    Window {
        days = Set.copyOf(days);
    }

    static Window of(String path, JsonNode node) {
        var fields = Fields.of(path, node);
        var days = EnumSet.noneOf(DayOfWeek.class);
        for (var word : fields.texts("days", 7, 3)) days.add(day(fields, word));
        if (days.isEmpty()) days = EnumSet.allOf(DayOfWeek.class);
        var window = new Window(days, time(fields, "from"), time(fields, "to"), zone(fields));
        fields.end();
        return window;
    }

    private static DayOfWeek day(Fields fields, String word) {
        for (var day : DayOfWeek.values()) if (word(day).equals(word)) return day;
        throw fields.refusal("days", "must have mon, tue, wed, thu, fri, sat, sun in it");
    }

    private static String word(DayOfWeek day) {
        return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
    }

    private static LocalTime time(Fields fields, String field) {
        var text = fields.requiredText(field, 5);
        try {
            if (text.length() == 5) return LocalTime.parse(text);
        } catch (DateTimeException _) {
            // Said below.
        }
        throw fields.refusal(field, "must be a time of day such as 22:00");
    }

    private static ZoneId zone(Fields fields) {
        try {
            return ZoneId.of(fields.text("zone", 64).orElse("UTC"));
        } catch (DateTimeException _) {
            throw PlatformException.invalid(fields.path("zone"), "must be a time zone such as Europe/Berlin");
        }
    }

    boolean contains(Instant now) {
        var at = now.atZone(zone);
        var time = at.toLocalTime();
        if (from.isBefore(to)) return days.contains(at.getDayOfWeek()) && !time.isBefore(from) && time.isBefore(to);
        return !time.isBefore(from) ? days.contains(at.getDayOfWeek())
                : time.isBefore(to) && days.contains(at.getDayOfWeek().minus(1));
    }

    void write(ObjectNode json) {
        var list = json.putArray("days");
        days.stream().sorted().forEach(day -> list.add(word(day)));
        json.put("from", from.toString()).put("to", to.toString()).put("zone", zone.getId());
    }
}
