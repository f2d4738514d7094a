package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.geo.TestGeofences;
import io.iotflow.server.http.Json;
import org.junit.jupiter.api.Test;

/// Where devices are: geofences by name, and `inside`. In the stories' world there are a yard, and a gate in it.
class InAreaTest {
    private static final double YARD = 52.521;
    private static final double GATE = 52.52;
    private static final double AWAY = 52.6;

    private static Story at(Story story, double second, double latitude) {
        return story.at(second, "latitude", latitude, "longitude", 13.405);
    }

    @Test
    void aNamedGeofenceIsEnteredLeftAndDweltIn() {
        var enter = Story.of("{'type':'geofence','geofence':'yard'}");
        at(enter, 1, AWAY).says();
        at(enter, 2, YARD).says("begun 2");
        at(at(enter, 3, GATE), 4, AWAY).says("ended 4");
        var leave = Story.of("{'type':'geofence','geofence':'yard','event':'leave'}");
        at(leave, 1, AWAY).says();
        at(at(leave, 2, YARD), 3, AWAY).says("begun 3");
        at(leave, 4, YARD).says("ended 4");
        var dwell = Story.of("{'type':'geofence','geofence':'gate','hold':'10m'}");
        at(dwell, 0, GATE).until(599).says();
        dwell.until(601).says("begun 600");
        at(dwell, 700, YARD).says("ended 700");
        at(at(dwell, 701, GATE), 1_000, YARD).until(2_000).says();
    }

    @Test
    void insideIsAskedAgainWhenThePositionChanges() {
        var story = Story.of("inside(\"yard\") && !inside(\"gate\")");
        at(story, 1, AWAY).says();
        at(story, 2, YARD).says("begun 2");
        at(story, 3, GATE).says("ended 3");
        var mixed = Story.of("speed > 30 && inside(\"yard\")");
        mixed.at(1, "speed", 50).says(); // nowhere, as far as is known
        at(mixed, 2, YARD).says("begun 2");
        mixed.at(3, "speed", 20).says("ended 3");
        var outside = Story.of("!inside(\"yard\")");
        outside.at(1, "speed", 50).says();
        at(outside, 2, AWAY).says("begun 2");
        at(outside, 3, YARD).says("ended 3");
    }

    @Test
    void aPositionMayStandInAnObjectCalledLocation() {
        for (var condition : new String[] {"inside(\"yard\")", "{'type':'geofence','geofence':'yard'}"}) {
            var story = Story.of(condition);
            story.at(1, "location.latitude", YARD, "location.longitude", 13.405).says("begun 1");
            story.at(2, "location.latitude", AWAY, "location.longitude", 13.405).says("ended 2");
            at(story, 3, YARD).says("begun 3");
            // Once there is the other, it counts.
            story.at(4, "location.latitude", AWAY, "location.longitude", 13.405).says();
            at(story, 5, AWAY).says("ended 5");
        }
        var named = Story.of("{'type':'geofence','geofence':'yard',"
                + "'latitude_metric':'gps.lat','longitude_metric':'gps.lon'}");
        at(named, 1, YARD).says();
        named.at(2, "gps.lat", YARD, "gps.lon", 13.405).says("begun 2");
    }

    @Test
    void whatIsNowhereOnEarthIsNoPosition() {
        var enter = Story.of("inside(\"yard\")");
        at(enter, 1, YARD).says("begun 1");
        at(enter, 2, 999).says("ended 2");
        var leave = Story.of("{'type':'geofence','geofence':'yard','event':'leave'}");
        at(leave, 1, YARD);
        at(leave, 2, 999).says(); // it has not left for nowhere
        at(leave, 3, AWAY).says("begun 3");
        Story.of("inside(\"yard\")").at(1, "latitude", YARD).says(); // half a position
    }

    @Test
    void messagesAndKeysMayAskToo() {
        var story = Story.rule("""
                {"name":"r","condition":"speed > 30","key":"${inside(\\"yard\\") ? \\"in\\" : \\"out\\"}"}""", "{}");
        at(story, 1, YARD).at(2, "speed", 31).says("begun 2 in");
        at(story, 3, AWAY).says("ended 3 in", "begun 3 out");
    }

    @Test
    void theAlertSaysWhichGeofenceAndWhere() {
        var story = Story.of("{'type':'geofence','geofence':'yard'}");
        at(story, 1, YARD);
        var why = Json.mapper().createObjectNode();
        story.state().program.condition().explain(story.state(), why);
        assertThat(why.toString()).isEqualTo("{\"type\":\"geofence\",\"event\":\"enter\",\"geofence\":\"yard\","
                + "\"latitude\":52.521,\"longitude\":13.405}");
    }

    @Test
    void anUnknownGeofenceIsRefusedWithTheNamesThatThereAre() {
        refused("{'name':'r','condition':{'type':'geofence','geofence':'yrad'}}", "condition.geofence", "gate, yard");
        refused("{'name':'r','condition':{'type':'all','of':['inside(\\\"dock\\\")']}}",
                "condition.of[0]", "gate, yard");
        refused("{'name':'r','condition':'t > 1','message':'${inside(\\\"dock\\\")}'}", "message", "the geofence dock");
        refused("{'name':'r','condition':{'type':'geofence','geofence':'yard','polygon':[[0,0],[0,1],[1,1]]}}",
                "condition.geofence", "exactly one");
    }

    private static void refused(String document, String field, String why) {
        assertThatThrownBy(() -> Story.program(document)).hasMessageContaining(field)
                .hasMessageContaining(why);
    }

    @Test
    void theNearestGeofenceOfANameIsMeant() {
        var daughter = OrganizationPath.ROOT.child(2);
        var own = TestGeofences.circle(1, daughter, "yard", 0, 0, 10);
        var above = TestGeofences.circle(2, "yard", 9, 9, 10);
        var sister = TestGeofences.circle(3, OrganizationPath.ROOT.child(3), "hall", 9, 9, 10);
        var known = TestGeofences.of(own, above, sister);
        assertThat(known.find(daughter.child(5), "yard")).contains(own);
        assertThat(known.find(OrganizationPath.ROOT.child(3), "yard")).contains(above);
        assertThat(known.find(daughter, "hall")).isEmpty();
        assertThat(known.names(daughter)).containsExactly("yard");
    }
}
