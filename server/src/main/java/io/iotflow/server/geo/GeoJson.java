package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import org.locationtech.jts.algorithm.Orientation;

/// Geofences as maps read them: GeoJSON, RFC 7946. It has no circles: one is the point in its middle, with its radius
/// among the properties.
final class GeoJson {
    private GeoJson() {}

    static ObjectNode of(Page<Geofence> page) {
        var collection = Json.mapper().createObjectNode().put("type", "FeatureCollection");
        var features = collection.putArray("features");
        for (var geofence : page.items()) feature(geofence, features.addObject());
        return collection.put("next_cursor", page.next() == 0 ? null : Long.toString(page.next()));
    }

    private static void feature(Geofence geofence, ObjectNode into) {
        into.put("type", "Feature").put("id", geofence.id());
        var geometry = into.putObject("geometry");
        var properties = into.putObject("properties").put("name", geofence.name())
                .put("organization_id", geofence.organization().id());
        switch (geofence.area()) {
            case Area.Circle(var center, var radius) -> {
                point(geometry.put("type", "Point").putArray("coordinates"), center);
                properties.put("radius_m", radius);
            }
            case Area.Polygon polygon ->
                    ring(polygon, geometry.put("type", "Polygon").putArray("coordinates").addArray());
        }
    }

    /// Closed, and against the clock.
    private static void ring(Area.Polygon polygon, ArrayNode into) {
        var points = Orientation.isCCW(polygon.geometry().getExteriorRing().getCoordinateSequence())
                ? polygon.points() : polygon.points().reversed();
        for (var point : points) point(into.addArray(), point);
        point(into.addArray(), points.getFirst());
    }

    private static void point(ArrayNode into, Area.Point point) {
        into.add(point.longitude()).add(point.latitude());
    }
}
