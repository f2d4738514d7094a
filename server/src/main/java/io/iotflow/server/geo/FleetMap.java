package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.Severity;
import io.iotflow.server.geo.Positions.Located;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Devices on a map, as a feature collection of GeoJSON (RFC 7946). Where there are too many for one answer, those that
/// stand close together are one feature.
///
/// @param isOnline of a device
/// @param worst    the worst open alert of each device that has any; empty where the caller may not see alerts
record FleetMap(Box box, int most, Predicate<DeviceId> isOnline, Optional<Map<DeviceId, Severity>> worst) {

    /// What a map shows; if `west` is greater than `east`, it reaches over the line of 180 degrees.
    record Box(double west, double south, double east, double north) {
        static final Box WORLD = new Box(-180, -90, 180, 90);
        private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,3}(\\.[0-9]{1,17})?");

        static Box read(String text) {
            var parts = text.split(",", -1);
            for (var part : parts) if (!NUMBER.matcher(part.strip()).matches()) throw refused();
            if (parts.length != 4) throw refused();
            var box = new Box(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]),
                    Double.parseDouble(parts[2]), Double.parseDouble(parts[3]));
            if (!Area.isPlace(box.south, box.west) || !Area.isPlace(box.north, box.east) || box.south > box.north) {
                throw refused();
            }
            return box;
        }

        private static PlatformException refused() {
            return PlatformException.invalid("bbox",
                    "must be west,south,east,north in degrees, such as 5.9,47.3,15,55");
        }

        double width() {
            return west <= east ? east - west : east - west + 360;
        }

        /// How far east of the western edge, in degrees.
        double across(double longitude) {
            return longitude >= west ? longitude - west : longitude - west + 360;
        }

        boolean contains(Area.Point point) {
            return point.latitude() >= south && point.latitude() <= north && across(point.longitude()) <= width();
        }
    }

    /// @param isShown of a device
    ObjectNode of(Positions.Fleet fleet, Predicate<DeviceId> isShown) {
        var inside = fleet.devices().stream()
                .filter(it -> box.contains(it.place().point()) && isShown.test(it.device().id())).toList();
        var map = Json.mapper().createObjectNode().put("type", "FeatureCollection");
        var features = map.putArray("features");
        if (inside.size() <= most) inside.forEach(it -> device(it, features.addObject()));
        else cells(inside).forEach(cell -> cell(cell, features));
        return map.put("count", inside.size()).put("clustered", inside.size() > most)
                .put("complete", fleet.isComplete());
    }

    /// By their place on a grid that has no more cells than the answer may have features.
    private Iterable<List<Located>> cells(List<Located> inside) {
        var side = Math.max(1, (int) Math.sqrt(most));
        var cells = new TreeMap<Integer, List<Located>>();
        for (var it : inside) {
            var point = it.place().point();
            var column = at(box.across(point.longitude()), box.width(), side);
            var row = at(point.latitude() - box.south, box.north - box.south, side);
            cells.computeIfAbsent(row * side + column, _ -> new ArrayList<>()).add(it);
        }
        return cells.values();
    }

    private static int at(double where, double length, int side) {
        return length <= 0 ? 0 : Math.min(side - 1, (int) (where / length * side));
    }

    private void cell(List<Located> cell, ArrayNode features) {
        if (cell.size() == 1) {
            device(cell.getFirst(), features.addObject());
            return;
        }
        double down = 0;
        double across = 0;
        for (var it : cell) {
            down += it.place().point().latitude();
            across += box.across(it.place().point().longitude());
        }
        var longitude = box.west + across / cell.size();
        var feature = features.addObject().put("type", "Feature");
        point(feature, down / cell.size(), longitude > 180 ? longitude - 360 : longitude);
        var properties = feature.putObject("properties").put("cluster", true).put("count", cell.size())
                .put("online", cell.stream().filter(it -> isOnline.test(it.device().id())).count());
        worst.ifPresent(known -> {
            var severities = cell.stream().flatMap(it -> Stream.ofNullable(known.get(it.device().id()))).toList();
            properties.put("alerting", severities.size()).put("severity",
                    severities.stream().max(Comparator.naturalOrder()).map(Severity::word).orElse(null));
        });
    }

    private void device(Located it, ObjectNode feature) {
        feature.put("type", "Feature").put("id", it.device().id().value());
        point(feature, it.place().point().latitude(), it.place().point().longitude());
        var properties = feature.putObject("properties").put("cluster", false).put("name", it.device().name())
                .put("device_type", it.device().type()).put("status", it.device().status().word())
                .put("is_online", isOnline.test(it.device().id())).put("source", it.place().source().word())
                .put("timestamp", it.place().at().map(Instant::toString).orElse(null));
        worst.ifPresent(known -> properties.put("severity",
                Optional.ofNullable(known.get(it.device().id())).map(Severity::word).orElse(null)));
    }

    private static void point(ObjectNode feature, double latitude, double longitude) {
        feature.putObject("geometry").put("type", "Point").putArray("coordinates").add(longitude).add(latitude);
    }
}
