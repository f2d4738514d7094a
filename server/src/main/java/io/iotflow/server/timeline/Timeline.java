package io.iotflow.server.timeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// One page of what has happened to a device, the newest first. Rows of the same time are in the order of their kind
/// and then of their place, so that pages neither overlap nor leave anything out.
///
/// @param sources SQL of each kind that is asked for; not empty
/// @param after   the last row of the page before
record Timeline(Map<Kind, String> sources, Optional<Position> after, int limit) {

    /// @param micros since 1970
    record Position(long micros, String kind, long place) {
        private static final Pattern FORM = Pattern.compile("(-?[0-9]{1,18})\\.([a-z]{1,20})\\.([0-9]{1,18})");

        static Position read(String cursor) {
            var match = FORM.matcher(cursor);
            if (!match.matches()) {
                throw PlatformException.invalid("cursor",
                        "is not one of this call: send next_cursor of the answer before");
            }
            return new Position(Long.parseLong(match.group(1)), match.group(2), Long.parseLong(match.group(3)));
        }

        String cursor() {
            return micros + "." + kind + "." + place;
        }
    }

    /// Something that happened.
    ///
    /// @param link the id of what it is about; null for nothing
    /// @param data null for nothing
    record Entry(Position position, String what, String subject, String actor, String detail, String link,
            JsonNode data) {

        ObjectNode json() {
            var time = Instant.EPOCH.plus(position.micros(), ChronoUnit.MICROS);
            var json = Json.mapper().createObjectNode().put("timestamp", time.toString()).put("kind", position.kind())
                    .put("what", what).put("subject", subject).put("actor", actor).put("detail", detail)
                    .put("link", link);
            json.set("data", data);
            return json;
        }
    }

    /// One more than the limit, if there are more.
    List<Entry> read(Handle handle, DeviceId device) {
        var all = sources.entrySet().stream()
                .map(source -> "SELECT '" + source.getKey().word() + "' COLLATE \"C\" AS kind, told.* FROM (\n"
                        + source.getValue() + ") AS told (at, place, what, subject, actor, detail, link, data)")
                .collect(Collectors.joining("\nUNION ALL\n"));
        var beyond = after.isEmpty() ? "" : "WHERE (at, kind, place) < (:at, :kind, :place) ";
        var query = handle.createQuery("SELECT * FROM (\n" + all + ") AS timeline " + beyond
                + "ORDER BY at DESC, kind DESC, place DESC LIMIT :limit")
                .bind("device", device.value()).bind("limit", limit + 1);
        after.ifPresent(last -> query.bind("kind", last.kind()).bind("place", last.place()).bind("at",
                Instant.EPOCH.plus(last.micros(), ChronoUnit.MICROS).atOffset(ZoneOffset.UTC)));
        return query.map((row, _) -> entry(row)).list();
    }

    private static Entry entry(ResultSet row) throws SQLException {
        var at = row.getObject("at", OffsetDateTime.class).toInstant();
        var micros = Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000), at.getNano() / 1_000);
        return new Entry(new Position(micros, row.getString("kind"), row.getLong("place")), row.getString("what"),
                row.getString("subject"), row.getString("actor"), row.getString("detail"), row.getString("link"),
                tree(row.getString("data")));
    }

    private static JsonNode tree(String text) {
        try {
            return text == null ? null : Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: what the database says is JSON is none", e);
        }
    }
}
