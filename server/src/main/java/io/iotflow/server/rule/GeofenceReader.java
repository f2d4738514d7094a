package io.iotflow.server.rule;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Fields;
import io.iotflow.server.language.Input;
import java.util.Map;

/// Reads the shape in a condition about positions.
final class GeofenceReader {
    private GeofenceReader() {}

    static Condition read(Fields fields, RuleProgram.Parts parts) {
        var latitude = parts.input(new Input.Metric(fields.text("latitude_metric", 128).orElse("latitude")));
        var longitude = parts.input(new Input.Metric(fields.text("longitude_metric", 128).orElse("longitude")));
        var isLeaving = fields.word("event", Map.of("enter", false, "leave", true)).orElse(false);
        var circle = fields.object("circle");
        var polygon = fields.find("polygon");
        if (circle.isPresent() == polygon.isPresent()) {
            throw fields.refusal("circle", "or polygon: exactly one of them says where");
        }
        var area = circle.isPresent() ? circle(circle.get()) : polygon(fields);
        return new Geofence(latitude, longitude, area, isLeaving, parts.slots(1));
    }

    private static Area circle(Fields circle) {
        var area = new Area.Circle(within(circle, "latitude", 90), within(circle, "longitude", 180),
                circle.requiredNumber("radius_m"));
        if (area.radius() <= 0) throw circle.refusal("radius_m", "must be above zero");
        circle.end();
        return area;
    }

    private static double within(Fields fields, String field, double bound) {
        var degrees = fields.requiredNumber(field);
        if (Math.abs(degrees) > bound) throw fields.refusal(field, "must be from -" + bound + " to " + bound);
        return degrees;
    }

    private static Area polygon(Fields fields) {
        var points = fields.list("polygon", Limits.GEOFENCE_POINTS, (path, point) -> {
            if (!point.isArray() || point.size() != 2 || !point.get(0).isNumber() || !point.get(1).isNumber()
                    || Math.abs(point.get(0).doubleValue()) > 90 || Math.abs(point.get(1).doubleValue()) > 180) {
                throw PlatformException.invalid(path, "must be [latitude, longitude] in degrees");
            }
            return new double[] {point.get(0).doubleValue(), point.get(1).doubleValue()};
        });
        if (points.size() < 3) throw fields.refusal("polygon", "must have at least 3 points");
        return new Area.Polygon(points.stream().mapToDouble(point -> point[0]).toArray(),
                points.stream().mapToDouble(point -> point[1]).toArray());
    }
}
