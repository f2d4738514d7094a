package io.iotflow.server.rule;

import io.iotflow.server.core.Limits;
import io.iotflow.server.geo.Area;
import io.iotflow.server.http.Fields;
import java.util.Map;

/// Reads a condition about positions.
final class GeofenceReader {
    private GeofenceReader() {}

    static Condition read(Fields fields, RuleProgram.Parts parts) {
        var latitude = fields.text("latitude_metric", 128);
        var longitude = fields.text("longitude_metric", 128);
        var position = latitude.isEmpty() && longitude.isEmpty() ? Position.usual(parts)
                : Position.of(parts, latitude.orElse("latitude"), longitude.orElse("longitude"));
        var isLeaving = fields.word("event", Map.of("enter", false, "leave", true)).orElse(false);
        var name = fields.text("geofence", Limits.ACCESS_NAME_CHARACTERS);
        var shapes = (fields.find("circle").isPresent() ? 1 : 0) + (fields.find("polygon").isPresent() ? 1 : 0);
        if (shapes + (name.isPresent() ? 1 : 0) != 1) {
            throw fields.refusal("geofence", "or circle or polygon: exactly one of them says where");
        }
        var area = name.isPresent() ? parts.geofence(fields.path("geofence"), name.get()) : Area.read(fields);
        return new InArea(position, name.orElse(""), area, isLeaving, parts.slots(1));
    }
}
