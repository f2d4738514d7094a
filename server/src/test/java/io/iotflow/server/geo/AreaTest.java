package io.iotflow.server.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.iotflow.server.core.Earth;
import io.iotflow.server.core.Limits;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Shapes on the earth.
class AreaTest {
    private static Area area(String json) {
        try {
            return Area.read(Fields.of("", Json.mapper().readTree("{" + json.replace('\'', '"') + "}")));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Area polygon(String points) {
        return area("'polygon':[" + points + "]");
    }

    private static Area circle(double latitude, double longitude, double radius) {
        return area("'circle':{'latitude':" + latitude + ",'longitude':" + longitude + ",'radius_m':" + radius + "}");
    }

    private static void in(Area area, double latitude, double longitude) {
        assertThat(area.contains(latitude, longitude)).as(latitude + ", " + longitude).isTrue();
    }

    private static void out(Area area, double latitude, double longitude) {
        assertThat(area.contains(latitude, longitude)).as(latitude + ", " + longitude).isFalse();
    }

    private static void refused(String json, String field, String why) {
        assertThatThrownBy(() -> area(json)).as(json).hasMessageContaining(field).hasMessageContaining(why);
    }

    @Test
    void distancesAreThoseOfASphere() {
        assertThat(Earth.distance(0, 0, 0, 1)).isCloseTo(111_195, within(1.0));
        assertThat(Earth.distance(52.52, 13.405, 48.8566, 2.3522)).isCloseTo(877_464, within(500.0)); // Berlin, Paris
        assertThat(Earth.distance(0, 179.5, 0, -179.5)).isCloseTo(111_195, within(1.0));
        assertThat(Earth.distance(90, 0, 90, 123)).isCloseTo(0, within(1e-6));
        assertThat(Earth.distance(0, 0, 0, 180)).isCloseTo(Math.PI * Earth.RADIUS_METRES, within(1e-6));
    }

    @Test
    void aCircleReachesAsFarAsItsRadius() {
        var yard = circle(52.52, 13.405, 1_000);
        in(yard, 52.52, 13.405);
        in(yard, 52.5289, 13.405); // 990 m to the north
        out(yard, 52.5291, 13.405); // 1,012 m
        in(yard, 52.52, 13.4197); // 995 m to the east
        out(yard, 52.52, 13.4199); // 1,008 m
    }

    @Test
    void aCircleGoesOverPolesAndTheDateline() {
        var pole = circle(89.9, 0, 50_000);
        in(pole, 89.9, 180);
        out(pole, 89.4, 180);
        var fiji = circle(-17, 179.9, 50_000);
        in(fiji, -17, -179.9);
        in(fiji, -17, 180);
        in(fiji, -17, -180);
        out(fiji, -17, -179);
    }

    @Test
    void aPolygonHasItsEdgesAndCorners() {
        var square = polygon("[0,0],[0,2],[2,2],[2,0]");
        in(square, 1, 1);
        for (var corner : List.of(0.0, 2.0)) {
            in(square, corner, 1);
            in(square, 1, corner);
            in(square, corner, corner);
        }
        out(square, -1e-9, 1);
        out(square, 2 + 1e-9, 1);
        out(square, 1, 2 + 1e-9);
        out(square, 0, -1e-9);
        in(polygon("[0,0],[0,2],[2,2],[2,0],[0,0]"), 1, 1); // closed by hand
        in(polygon("[2,0],[2,2],[0,2],[0,0]"), 1, 1); // the other way round
        in(polygon("[0,0],[0,1],[0,2],[2,2],[2,0]"), 0, 1); // a point on the line
    }

    @Test
    void aPolygonMayHaveBaysAndTouchTheEdgesOfTheWorld() {
        var bay = polygon("[0,0],[0,4],[4,4],[4,3],[1,3],[1,1],[4,1],[4,0]"); // a U, open to the north
        in(bay, 0.5, 2);
        in(bay, 3, 0.5);
        in(bay, 3, 3.5);
        out(bay, 3, 2);
        out(bay, 3, 5);
        in(bay, 3, 3);
        var east = polygon("[-10,170],[-10,180],[10,180],[10,170]");
        in(east, 0, 180);
        out(east, 0, -180);
        in(polygon("[-90,-180],[-90,0],[-90,180],[90,180],[90,0],[90,-180]"), 12, 34);
    }

    /// What holds for a thousand random places holds for the polygon's own arithmetic, too.
    @Test
    void aRoundPolygonIsNearlyTheCircle() {
        var points = IntStream.range(0, Limits.GEOFENCE_POINTS).mapToDouble(i -> i * 2 * Math.PI
                / Limits.GEOFENCE_POINTS).mapToObj(a -> "[" + Math.sin(a) + "," + Math.cos(a) + "]")
                .collect(Collectors.joining(","));
        var round = polygon(points);
        var random = new Random(1);
        for (var i = 0; i < 1_000; i++) {
            var x = random.nextDouble(-1.2, 1.2);
            var y = random.nextDouble(-1.2, 1.2);
            if (Math.abs(Math.hypot(x, y) - 1) < 1e-4) continue;
            assertThat(round.contains(y, x)).as(y + ", " + x).isEqualTo(Math.hypot(x, y) < 1);
        }
    }

    @Test
    void aLineThatCrossesItselfIsRefusedWithThePlace() {
        refused("'polygon':[[0,0],[2,2],[0,2],[2,0]]", "polygon", "crosses or touches itself at [1.0, 1.0]");
        refused("'polygon':[[0,0],[0,4],[4,4],[4,0],[2,2],[0,3],[1,0]]", "polygon", "crosses or touches itself at [");
        refused("'polygon':[[0,0],[0,2],[0,4]]", "polygon", "crosses or touches itself");
        refused("'polygon':[[0,0],[0,4],[4,4],[0,2],[4,0]]", "polygon", "at [0.0, 2.0]"); // touches its own line
        refused("'polygon':[[0,0],[0,2],[2,2],[3,3],[2,2],[2,0]]", "polygon", "itself at ["); // a spike
    }

    @Test
    void overTheDatelineItIsTwo() {
        refused("'polygon':[[-20,175],[-20,-175],[-10,-175],[-10,175]]", "polygon", "make it two geofences");
        refused("'polygon':[[-90,-180],[-90,180],[90,180],[90,-180]]", "polygon", "put a point in between");
    }

    @Test
    void whatIsNoShapeIsRefusedByItsField() {
        refused("", "circle", "exactly one");
        refused("'circle':{'latitude':1,'longitude':1,'radius_m':1},'polygon':[[0,0],[0,1],[1,1]]", "circle",
                "exactly one");
        refused("'circle':{'latitude':91,'longitude':1,'radius_m':1}", "circle.latitude", "from -90 to 90");
        refused("'circle':{'latitude':1,'longitude':-180.1,'radius_m':1}", "circle.longitude", "from -180 to 180");
        refused("'circle':{'latitude':1,'longitude':1,'radius_m':0}", "circle.radius_m", "above zero");
        refused("'circle':{'latitude':1,'longitude':1,'radius_m':20000001}", "circle.radius_m", "at most");
        refused("'circle':{'latitude':1,'longitude':1}", "circle.radius_m", "missing");
        refused("'circle':{'latitude':1,'longitude':1,'radius_m':1,'unit':'km'}", "circle.unit", "not a field");
        refused("'polygon':[[0,0],[0,1]]", "polygon", "at least 3");
        refused("'polygon':[[0,0],[0,1],[0,0],[0,1]]", "polygon", "at least 3 different");
        refused("'polygon':[[0,0],[0,1],[91,1]]", "polygon[2]", "[latitude, longitude]");
        refused("'polygon':[[0,0],[0,1],['a',1]]", "polygon[2]", "[latitude, longitude]");
        refused("'polygon':[[[0,0],[0,9],[9,9]],[[1,1],[1,2],[2,2]]]", "polygon[0]", "without holes");
        var many = IntStream.rangeClosed(0, Limits.GEOFENCE_POINTS).mapToObj(i -> "[" + i / 100.0 + "," + i % 2 + "]")
                .collect(Collectors.joining(","));
        refused("'polygon':[" + many + "]", "polygon", Limits.GEOFENCE_POINTS + " points at most");
    }

    @Test
    void whatWasWrittenIsReadBack() {
        for (var area : List.of(circle(1.5, -2.25, 300), polygon("[0,0],[0,2.125],[2,2]"))) {
            var written = Json.mapper().createObjectNode();
            area.write(written);
            var again = Json.mapper().createObjectNode();
            AreaReader.kept(written).write(again);
            assertThat(again).isEqualTo(written);
            var read = Json.mapper().createObjectNode();
            Area.read(Fields.of("", written)).write(read);
            assertThat(read).isEqualTo(written);
        }
    }
}
