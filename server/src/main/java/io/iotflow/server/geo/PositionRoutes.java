package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Earth;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.Severity;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceSearch;
import io.iotflow.server.geo.Positions.Located;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.MapConfig;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Query;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.telemetry.Freshness;
import io.iotflow.server.telemetry.TelemetryStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Where devices are, and were. Sealed positions are shown to whoever may see what is sensitive, and to the device.
public final class PositionRoutes implements Routes {
    private static final String GEOJSON = "application/geo+json";
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,9}(\\.[0-9]{1,17})?");
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,18})-([0-9]{1,9})");
    private static final Duration USUAL_SPAN = Duration.ofHours(24);
    private static final Comparator<Near> ORDER =
            Comparator.comparingLong(Near::millimetres).thenComparingLong(it -> it.located.device().id().value());

    private final Positions positions;
    private final DeviceRegistry devices;
    private final DeviceSearch search;
    private final TelemetryStore store;
    private final Freshness freshness;
    private final Predicate<DeviceId> isOnline;
    private final OpenAlerts alerts;
    private final MapConfig map;

    /// A device and how far it is away. Whole millimetres, so that a cursor says exactly where a page ends.
    private record Near(Located located, long millimetres) {}

    /// How bad the worst open alert is at each device that has any.
    @FunctionalInterface
    public interface OpenAlerts {
        Map<DeviceId, Severity> within(OrganizationPath scope);
    }

    public PositionRoutes(Positions positions, DeviceRegistry devices, DeviceSearch search, TelemetryStore store,
            Freshness freshness, Predicate<DeviceId> isOnline, OpenAlerts alerts, MapConfig map) {
        this.positions = positions;
        this.devices = devices;
        this.search = search;
        this.store = store;
        this.freshness = freshness;
        this.isOnline = isOnline;
        this.alerts = alerts;
        this.map = map;
    }

    @Override
    public void declare(RouteTable table) {
        var readers = Access.deviceOrWith(Permission.TELEMETRY_READ);
        table.get("devices/{device}/position", readers, this::position);
        table.get("devices/{device}/track", readers, this::track);
        table.get("devices/near", Access.with(Permission.TELEMETRY_READ), this::near);
        table.get("map", Access.with(Permission.TELEMETRY_READ), this::map);
        table.get("map/tiles", Access.USER, _ -> tiles());
    }

    private Device device(Request request) {
        return devices.require(request.caller(), request.parameter("device"));
    }

    private static boolean opens(Request request) {
        return switch (request.caller()) {
            case Caller.Device _ -> true;
            case Caller.User user -> user.may(Permission.SENSITIVE_READ);
            case Caller.Anonymous _ -> false;
        };
    }

    private Reply position(Request request) throws InterruptedException {
        var device = device(request);
        freshness.catchUp(Limits.CATCH_UP);
        var answer = Json.mapper().createObjectNode().put("device_id", device.id().value())
                .put("device_name", device.name());
        var place = positions.of(device.id(), opens(request));
        answer.set("position", place.map(PositionRoutes::json).orElse(null));
        return Reply.ok(answer);
    }

    private static ObjectNode json(Positions.Place place) {
        return Json.mapper().createObjectNode().put("latitude", place.point().latitude())
                .put("longitude", place.point().longitude()).put("source", place.source().word())
                .put("timestamp", place.at().map(Instant::toString).orElse(null));
    }

    private Reply track(Request request) throws InterruptedException {
        var device = device(request);
        var query = request.query();
        var from = query.time("from").orElse(request.receivedAt().minus(USUAL_SPAN));
        var to = query.time("to").orElse(request.receivedAt());
        if (!from.isBefore(to)) throw PlatformException.invalid("from", "must lie before to");
        var most = query.whole("limit", FleetLimits.TRACK_POINTS_DEFAULT, 2, FleetLimits.TRACK_POINTS);
        freshness.catchUp(Limits.CATCH_UP);
        var feature = new Tracks(store, positions, opens(request)).of(device, micros(from), micros(to), most);
        return geoJson(feature);
    }

    /// As far as the store's times reach.
    private static long micros(Instant time) {
        var earliest = Timestamps.ofMicros(TelemetryStore.EARLIEST_MICROS);
        var latest = Timestamps.ofMicros(TelemetryStore.LATEST_MICROS);
        return Timestamps.micros(time.isBefore(earliest) ? earliest : time.isAfter(latest) ? latest : time);
    }

    private static Reply geoJson(ObjectNode body) {
        return Reply.bytes(GEOJSON, body.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Reply near(Request request) throws InterruptedException {
        var query = request.query();
        var latitude = number(query, "latitude", -90, 90);
        var longitude = number(query, "longitude", -180, 180);
        var radius = Math.round(number(query, "radius", 0, Limits.GEOFENCE_RADIUS_M) * 1_000);
        var limit = query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX);
        var after = query.text("cursor");
        freshness.catchUp(Limits.CATCH_UP);
        var fleet = positions.fleet(request.scope(), opens(request));
        var within = fleet.devices().stream().map(it -> new Near(it, millimetres(it, latitude, longitude)))
                .filter(it -> it.millimetres <= radius).sorted(ORDER).toList();
        var page = within.stream().filter(it -> after.isEmpty() || isAfter(it, after.get())).limit(limit + 1L).toList();
        var answer = Json.mapper().createObjectNode();
        var list = answer.putArray("devices");
        page.stream().limit(limit).forEach(it -> list.add(json(it)));
        return Reply.ok(answer.put("count", list.size()).put("total", within.size())
                .put("complete", fleet.isComplete())
                .put("next_cursor", page.size() > limit ? cursor(page.get(limit - 1)) : null));
    }

    private static double number(Query query, String name, double least, double most) {
        var text = query.text(name).filter(it -> NUMBER.matcher(it).matches());
        var number = text.map(Double::parseDouble).orElse(Double.NaN);
        if (number >= least && number <= most) return number;
        throw PlatformException.invalid(name, "must be a number from " + (long) least + " to " + (long) most);
    }

    private static long millimetres(Located it, double latitude, double longitude) {
        var point = it.place().point();
        return Math.round(Earth.distance(latitude, longitude, point.latitude(), point.longitude()) * 1_000);
    }

    private static String cursor(Near it) {
        return it.millimetres + "-" + it.located.device().id();
    }

    private static boolean isAfter(Near it, String cursor) {
        var match = CURSOR.matcher(cursor);
        if (!match.matches()) {
            throw PlatformException.invalid("cursor", "is not one of this call: send next_cursor of the answer before");
        }
        var distance = Long.compare(it.millimetres, Long.parseLong(match.group(1)));
        return distance > 0 || distance == 0
                && it.located.device().id().value() > Long.parseLong(match.group(2));
    }

    private ObjectNode json(Near it) {
        var device = it.located.device();
        var json = Json.mapper().createObjectNode().put("id", device.id().value()).put("name", device.name())
                .put("device_type", device.type()).put("status", device.status().word())
                .put("is_online", isOnline.test(device.id()));
        json.setAll(json(it.located.place()));
        return json.put("distance_m", it.millimetres / 1e3);
    }

    private Reply map(Request request) throws InterruptedException {
        var query = request.query();
        var box = query.text("bbox").map(FleetMap.Box::read).orElse(FleetMap.Box.WORLD);
        var most = query.whole("limit", FleetLimits.MAP_FEATURES_DEFAULT, 1, FleetLimits.MAP_FEATURES);
        var chosen = search.chosen(request.scope(), query);
        freshness.catchUp(Limits.CATCH_UP);
        var worst = request.caller() instanceof Caller.User user && user.may(Permission.ALERTS_READ)
                ? Optional.of(alerts.within(request.scope())) : Optional.<Map<DeviceId, Severity>>empty();
        return geoJson(new FleetMap(box, most, isOnline, worst).of(
                positions.fleet(request.scope(), opens(request)), id -> chosen.map(ids -> ids.contains(id))
                        .orElse(true)));
    }

    private Reply tiles() {
        return Reply.ok(Json.mapper().createObjectNode().put("tiles", map.tiles().orElse(null))
                .put("attribution", map.attribution()).put("max_zoom", map.maxZoom()));
    }
}
