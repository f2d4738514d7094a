package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/// Two names under which a device's position may stand, in telemetry and in metadata alike.
record Coordinates(String latitude, String longitude) {
    /// The first of which both are known counts. Rules look at those that come first.
    static final List<Coordinates> ALL = List.of(new Coordinates("latitude", "longitude"),
            new Coordinates("location.latitude", "location.longitude"),
            new Coordinates("position.latitude", "position.longitude"),
            new Coordinates("gps.latitude", "gps.longitude"),
            new Coordinates("lat", "lon"), new Coordinates("lat", "lng"),
            new Coordinates("location.lat", "location.lon"), new Coordinates("location.lat", "location.lng"),
            new Coordinates("position.lat", "position.lon"), new Coordinates("position.lat", "position.lng"),
            new Coordinates("gps.lat", "gps.lon"), new Coordinates("gps.lat", "gps.lng"));

    /// Where metadata say that a device is.
    static Optional<Area.Point> in(JsonNode metadata) {
        for (var names : ALL) {
            var latitude = number(metadata, names.latitude);
            var longitude = number(metadata, names.longitude);
            if (Area.isPlace(latitude, longitude)) return Optional.of(new Area.Point(latitude, longitude));
        }
        return Optional.empty();
    }

    /// NaN for what is none.
    private static double number(JsonNode metadata, String name) {
        var dot = name.indexOf('.');
        var found = metadata.path(name);
        if (found.isMissingNode() && dot > 0) {
            found = metadata.path(name.substring(0, dot)).path(name.substring(dot + 1));
        }
        return found.isNumber() ? found.doubleValue() : Double.NaN;
    }
}
