package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Earth;
import io.iotflow.server.http.Fields;
import java.util.ArrayList;
import java.util.List;
import org.locationtech.jts.algorithm.locate.IndexedPointInAreaLocator;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.Location;

/// A piece of the earth's surface; degrees of WGS 84. Its edge belongs to it. Immutable, shared among threads.
public sealed interface Area {

    boolean contains(double latitude, double longitude);

    /// Writes what [#read] reads.
    void write(ObjectNode into);

    /// From the field `circle` or `polygon`, of which there must be exactly one.
    ///
    /// @throws io.iotflow.server.core.PlatformException `INVALID`, naming the field and, of a line that crosses itself,
    ///         the place
    static Area read(Fields fields) {
        return AreaReader.read(fields);
    }

    /// Whether there is such a place at all.
    static boolean isPlace(double latitude, double longitude) {
        return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    }

    record Point(double latitude, double longitude) {
        public Point {
            if (!isPlace(latitude, longitude)) {
                throw new IllegalArgumentException(latitude + ", " + longitude + " is nowhere");
            }
        }
    }

    /// All that is no farther away than `radius`, in metres, on a sphere; over the poles and the line of 180 degrees,
    /// too.
    record Circle(Point center, double radius) implements Area {
        @Override
        public boolean contains(double latitude, double longitude) {
            return Earth.distance(center.latitude, center.longitude, latitude, longitude) <= radius;
        }

        @Override
        public void write(ObjectNode into) {
            into.putObject("circle").put("latitude", center.latitude).put("longitude", center.longitude)
                    .put("radius_m", radius);
        }
    }

    /// What lies between straight lines on a map of degrees, from each point to the next and from the last to the
    /// first. It does not reach over the line of 180 degrees: such an area is two.
    final class Polygon implements Area {
        private final List<Point> points;
        private final org.locationtech.jts.geom.Polygon geometry;
        private final IndexedPointInAreaLocator locator;

        /// @param points three at least, of which the last is not the first
        Polygon(List<Point> points) {
            this.points = List.copyOf(points);
            var ring = new ArrayList<>(points.stream().map(it -> new Coordinate(it.longitude, it.latitude)).toList());
            ring.add(ring.getFirst().copy());
            geometry = new GeometryFactory().createPolygon(ring.toArray(Coordinate[]::new));
            locator = new IndexedPointInAreaLocator(geometry);
        }

        List<Point> points() {
            return points;
        }

        /// With x for the longitude.
        org.locationtech.jts.geom.Polygon geometry() {
            return geometry;
        }

        @Override
        public boolean contains(double latitude, double longitude) {
            return locator.locate(new Coordinate(longitude, latitude)) != Location.EXTERIOR;
        }

        @Override
        public void write(ObjectNode into) {
            var list = into.putArray("polygon");
            for (var point : points) list.addArray().add(point.latitude).add(point.longitude);
        }
    }
}
