package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Fields;
import java.util.ArrayList;
import java.util.List;
import org.locationtech.jts.operation.valid.IsValidOp;
import org.locationtech.jts.operation.valid.TopologyValidationError;

/// Reads shapes, and refuses what no shape is.
final class AreaReader {
    private AreaReader() {}

    static Area read(Fields fields) {
        var circle = fields.object("circle");
        var polygon = fields.find("polygon");
        if (circle.isPresent() == polygon.isPresent()) {
            throw fields.refusal("circle", "or polygon: exactly one of them says where");
        }
        return circle.isPresent() ? circle(circle.get()) : polygon(fields);
    }

    /// What was written by [Area#write], and found good before that.
    static Area kept(JsonNode shape) {
        var circle = shape.path("circle");
        if (circle.isObject()) {
            return new Area.Circle(new Area.Point(circle.path("latitude").doubleValue(),
                    circle.path("longitude").doubleValue()), circle.path("radius_m").doubleValue());
        }
        var points = new ArrayList<Area.Point>();
        for (var point : shape.path("polygon")) {
            points.add(new Area.Point(point.path(0).doubleValue(), point.path(1).doubleValue()));
        }
        return new Area.Polygon(points);
    }

    private static Area circle(Fields circle) {
        var center = new Area.Point(within(circle, "latitude", 90), within(circle, "longitude", 180));
        var radius = circle.requiredNumber("radius_m");
        if (radius <= 0 || radius > Limits.GEOFENCE_RADIUS_M) {
            throw circle.refusal("radius_m", "must be above zero and at most " + Limits.GEOFENCE_RADIUS_M);
        }
        circle.end();
        return new Area.Circle(center, radius);
    }

    private static double within(Fields fields, String field, int bound) {
        var degrees = fields.requiredNumber(field);
        if (Math.abs(degrees) > bound) throw fields.refusal(field, "must be from -" + bound + " to " + bound);
        return degrees;
    }

    private static Area polygon(Fields fields) {
        // One more, for the first may be said again at the end.
        var points = new ArrayList<>(fields.list("polygon", Limits.GEOFENCE_POINTS + 1, AreaReader::point));
        if (points.size() > 1 && points.getLast().equals(points.getFirst())) points.removeLast();
        if (points.size() > Limits.GEOFENCE_POINTS) {
            throw fields.refusal("polygon", "must have " + Limits.GEOFENCE_POINTS + " points at most");
        }
        if (points.stream().distinct().count() < 3) {
            throw fields.refusal("polygon", "must have at least 3 different points");
        }
        refuseWideEdges(fields, points);
        var polygon = new Area.Polygon(points);
        var error = new IsValidOp(polygon.geometry()).getValidationError();
        if (error != null) throw fields.refusal("polygon", flaw(error));
        return polygon;
    }

    private static Area.Point point(String path, JsonNode point) {
        if (!point.isArray() || point.size() != 2 || !point.get(0).isNumber() || !point.get(1).isNumber()
                || !Area.isPlace(point.get(0).doubleValue(), point.get(1).doubleValue())) {
            throw PlatformException.invalid(path, "must be [latitude, longitude] in degrees; a polygon is one line,"
                    + " without holes");
        }
        return new Area.Point(point.get(0).doubleValue(), point.get(1).doubleValue());
    }

    /// On a map of degrees such an edge goes the long way round the earth, which nobody means.
    private static void refuseWideEdges(Fields fields, List<Area.Point> points) {
        for (int i = 0, before = points.size() - 1; i < points.size(); before = i++) {
            var from = points.get(before);
            var to = points.get(i);
            if (Math.abs(to.longitude() - from.longitude()) <= 180) continue;
            throw fields.refusal("polygon", "reaches from longitude " + from.longitude() + " to " + to.longitude()
                    + " in one line; over the line of 180 degrees make it two geofences, and if it is that wide, put a"
                    + " point in between");
        }
    }

    private static String flaw(TopologyValidationError error) {
        var at = error.getCoordinate();
        return "crosses or touches itself" + (at == null ? "" : " at [" + at.y + ", " + at.x + "]")
                + "; its line must go round the area once";
    }
}
