package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.telemetry.RawQuery;
import io.iotflow.server.telemetry.RawRows;
import io.iotflow.server.telemetry.TelemetryStore;
import java.util.List;
import java.util.Set;

/// Where a device was: a feature of GeoJSON (RFC 7946).
///
/// @param opens whether sealed values may be seen
record Tracks(TelemetryStore store, Positions positions, boolean opens) {
    /// Rows of one question, so that others get their turn between two of them.
    private static final int ROWS_AT_ONCE = 50_000;

    /// @param from inclusive, in microseconds
    /// @param to   exclusive
    /// @param most points of the line
    ObjectNode of(Device device, long from, long to, int most) {
        var line = new TrackLine(most);
        for (var names : positions.metrics(device.id())) {
            read(device, names, from, to, line);
            if (line.taken() > 0) break;
        }
        var steps = line.steps();
        var feature = Json.mapper().createObjectNode().put("type", "Feature").put("id", device.id().value());
        feature.set("geometry", geometry(steps));
        var properties = feature.putObject("properties").put("device_id", device.id().value())
                .put("device_name", device.name()).put("from", Timestamps.ofMicros(from).toString())
                .put("to", Timestamps.ofMicros(to).toString()).put("positions", line.taken())
                .put("simplified", steps.size() < line.taken());
        var times = properties.putArray("times");
        steps.forEach(step -> times.add(Timestamps.ofMicros(step.timeMicros()).toString()));
        return feature;
    }

    private void read(Device device, Coordinates names, long from, long to, TrackLine into) {
        var query = new RawQuery(device.id(), Set.of(names.latitude(), names.longitude()), from, to,
                RawQuery.Order.ASCENDING, ROWS_AT_ONCE);
        while (true) {
            var last = store.show(query, row -> take(device, names, row, into));
            if (into.taken() > FleetLimits.TRACK_POSITIONS) {
                throw PlatformException.invalid("from", "lies so far back that there are more than "
                        + FleetLimits.TRACK_POSITIONS + " positions; ask for a shorter time");
            }
            if (last.isEmpty()) return;
            query = query.after(last.getAsLong());
        }
    }

    /// Both must have been measured at one time.
    private boolean take(Device device, Coordinates names, RawRows.Row row, TrackLine into) {
        var latitude = row.values().get(names.latitude());
        var longitude = row.values().get(names.longitude());
        if (latitude == null || longitude == null) return true;
        var down = positions.number(device.id(), names.latitude(), row.timeMicros(), latitude, opens);
        var across = positions.number(device.id(), names.longitude(), row.timeMicros(), longitude, opens);
        if (Area.isPlace(down, across)) into.add(new TrackLine.Step(row.timeMicros(), down, across));
        return into.taken() <= FleetLimits.TRACK_POSITIONS;
    }

    /// A line that goes over the line of 180 degrees is several, as RFC 7946 wants it.
    private static ObjectNode geometry(List<TrackLine.Step> steps) {
        if (steps.isEmpty()) return null;
        var geometry = Json.mapper().createObjectNode();
        if (steps.size() == 1) {
            point(geometry.put("type", "Point").putArray("coordinates"), steps.getFirst());
            return geometry;
        }
        var lines = Json.mapper().createArrayNode();
        var line = lines.addArray();
        for (var i = 0; i < steps.size(); i++) {
            if (i > 0 && Math.abs(steps.get(i).longitude() - steps.get(i - 1).longitude()) > 180) {
                cross(line, steps.get(i - 1), steps.get(i));
                line = lines.addArray();
                cross(line, steps.get(i), steps.get(i - 1));
            }
            point(line.addArray(), steps.get(i));
        }
        if (lines.size() == 1) geometry.put("type", "LineString").set("coordinates", line);
        else geometry.put("type", "MultiLineString").set("coordinates", lines);
        return geometry;
    }

    /// Where the way from one place to another meets the line of 180 degrees, on the side of the first.
    private static void cross(ArrayNode line, TrackLine.Step one, TrackLine.Step other) {
        var edge = Math.copySign(180, one.longitude());
        var way = 360 - Math.abs(one.longitude() - other.longitude());
        var part = way == 0 ? 0 : Math.abs(edge - one.longitude()) / way;
        line.addArray().add(edge).add(one.latitude() + part * (other.latitude() - one.latitude()));
    }

    private static void point(ArrayNode into, TrackLine.Step step) {
        into.add(step.longitude()).add(step.latitude());
    }
}
