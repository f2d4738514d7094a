package io.iotflow.server.geo;

import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.http.Json;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Geofences and the rules that name them, on the whole platform.
class GeofencesTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static String square(double size) {
        return "'polygon':[[0,0],[0," + size + "],[" + size + "," + size + "],[" + size + ",0]]";
    }

    private static JsonNode made(String name, String more) {
        return platform.call("POST", "/api/v1/geofences", ("{'name':'" + name + "'," + more + "}").replace('\'', '"'));
    }

    private static JsonNode rule(String name, String more) {
        return platform.call("POST", "/api/v1/rules", ("{'name':'" + name + "'," + more + "}").replace('\'', '"'));
    }

    private static String path(JsonNode geofence) {
        return "/api/v1/geofences/" + geofence.path("id").asText();
    }

    private static HttpResponse<String> operator(String method, String path, String body, String... headers) {
        var all = new String[headers.length + 2];
        all[0] = "Authorization";
        all[1] = "admin " + TestPlatform.TOKEN;
        System.arraycopy(headers, 0, all, 2, headers.length);
        return platform.send(method, path, body.replace('\'', '"'), all);
    }

    private static JsonNode refused(int status, HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.mapper().readTree(answer.body());
    }

    private static void send(TestPlatform.TestDevice device, String payload) {
        var answer = platform.send("POST", "/api/v1/telemetry", payload.replace('\'', '"'), "X-API-Key", device.key());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private static JsonNode awaitAlert(JsonNode rule, String state, int count) {
        var path = "/api/v1/alerts?rule=" + rule.path("id").asText() + "&state=" + state;
        return TestPlatform.await(() -> platform.get(path).path("alerts"), it -> it.size() == count);
    }

    @Test
    void aGeofenceIsKeptChangedByRevisionAndDeleted() throws Exception {
        var created = operator("POST", "/api/v1/geofences", "{'name':'life'," + square(2) + "}");
        var geofence = Json.mapper().readTree(created.body());
        var tag = created.headers().firstValue("ETag").orElseThrow();
        assertThat(platform.get(path(geofence))).isEqualTo(geofence);
        var change = "{'name':'lives','circle':{'latitude':1,'longitude':2,'radius_m':3}}";
        assertThat(operator("PUT", path(geofence), change, "If-Match", "\"7\"").statusCode()).isEqualTo(412);
        var changed = operator("PUT", path(geofence), change, "If-Match", tag);
        assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
        assertThat(Json.mapper().readTree(changed.body()).at("/circle/radius_m").doubleValue()).isEqualTo(3);
        assertThat(operator("DELETE", path(geofence), "", "If-Match", tag).statusCode()).isEqualTo(412);
        var taken = operator("POST", "/api/v1/geofences", "{'name':'lives'," + square(2) + "}");
        assertThat(refused(409, taken).path("code").asText()).isEqualTo("name_taken");
        // What was read may be sent back.
        var read = platform.get(path(geofence)).toString();
        assertThat(operator("PUT", path(geofence), read).statusCode()).isEqualTo(200);
        assertThat(operator("DELETE", path(geofence), "").statusCode()).isEqualTo(204);
        assertThat(operator("GET", path(geofence), "").statusCode()).isEqualTo(404);
        var log = platform.get("/api/v1/audit?target_type=geofence&target=" + geofence.path("id").asText());
        assertThat(log.path("entries").findValuesAsText("action"))
                .containsExactly("geofence.deleted", "geofence.changed", "geofence.changed", "geofence.created");
    }

    @Test
    void whatIsNoGeofenceIsRefused() throws Exception {
        for (var body : new String[] {"{'name':'x'}", "{'name':' x'," + square(1) + "}", "{" + square(1) + "}",
            "{'name':'x','polygon':[[0,0],[2,2],[0,2],[2,0]]}", "{'name':'x','color':'red'," + square(1) + "}",
            "{'name':'x','organization_id':999999," + square(1) + "}"}) {
            var refusal = refused(422, operator("POST", "/api/v1/geofences", body));
            assertThat(refusal.path("errors").size()).as(body).isEqualTo(1);
        }
    }

    @Test
    void mapsReadGeoJson() throws Exception {
        var square = made("map square", square(2));
        var circle = made("map circle", "'circle':{'latitude':52.5,'longitude':13.5,'radius_m':250}");
        var after = square.path("id").asLong() - 1;
        var answer = operator("GET", "/api/v1/geofences?format=geojson&limit=2&cursor=" + after, "");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/geo+json");
        var map = Json.mapper().readTree(answer.body());
        assertThat(map.path("type").asText()).isEqualTo("FeatureCollection");
        // Longitude first, against the clock, and closed.
        assertThat(map.at("/features/0/geometry").toString()).isEqualTo("{\"type\":\"Polygon\",\"coordinates\":"
                + "[[[0.0,0.0],[2.0,0.0],[2.0,2.0],[0.0,2.0],[0.0,0.0]]]}");
        assertThat(map.at("/features/1/geometry").toString())
                .isEqualTo("{\"type\":\"Point\",\"coordinates\":[13.5,52.5]}");
        assertThat(map.at("/features/1/properties/radius_m").doubleValue()).isEqualTo(250);
        assertThat(map.at("/features/1/id").asLong()).isEqualTo(circle.path("id").asLong());
        assertThat(operator("GET", "/api/v1/geofences?format=kml", "").statusCode()).isEqualTo(422);
    }

    @Test
    void aRuleMayNameOnlyWhatThereIs() throws Exception {
        made("named pier", square(1));
        var refusal = refused(422, operator("POST", "/api/v1/rules",
                "{'name':'no','condition':{'type':'geofence','geofence':'named peer'}}"));
        assertThat(refusal.at("/errors/0/field").asText()).isEqualTo("condition.geofence");
        assertThat(refusal.at("/errors/0/detail").asText()).contains("named pier");
        assertThat(platform.call("POST", "/api/v1/rules/test", """
                {"rule":{"condition":"inside('named pier')"},
                 "messages":[{"ts":1767225600000,"values":{"latitude":0.5,"longitude":0.5}},
                             {"ts":1767225601000,"values":{"latitude":1.5,"longitude":0.5}}]}""")
                .path("steps").findValuesAsText("holds")).containsExactly("true", "false");
    }

    @Test
    void whatRulesNameStays() throws Exception {
        var geofence = made("used", square(1));
        var on = rule("uses it", "'condition':{'type':'geofence','geofence':'used'}");
        var off = platform.call("POST", "/api/v1/rules",
                "{\"name\":\"used it\",\"mode\":\"off\",\"condition\":\"!inside('used')\"}");
        var refusal = refused(409, operator("DELETE", path(geofence), ""));
        assertThat(refusal.path("detail").asText()).contains("uses it", "used it");
        refused(409, operator("PUT", path(geofence), "{'name':'other'," + square(1) + "}"));
        assertThat(operator("PUT", path(geofence), "{'name':'used'," + square(3) + "}").statusCode()).isEqualTo(200);
        operator("DELETE", "/api/v1/rules/" + on.path("id").asText(), "");
        assertThat(refused(409, operator("DELETE", path(geofence), "")).path("detail").asText())
                .contains("used it").doesNotContain("uses it");
        platform.call("PUT", "/api/v1/rules/" + off.path("id").asText(),
                "{\"name\":\"used it\",\"condition\":\"t > 1\"}");
        assertThat(operator("DELETE", path(geofence), "").statusCode()).isEqualTo(204);
    }

    @Test
    void devicesComeAndGo() {
        made("depot", square(1));
        var device = platform.device("van");
        var enter = rule("van is back",
                "'scope':{'devices':['van']},'condition':{'type':'geofence','geofence':'depot'}");
        var fast = platform.call("POST", "/api/v1/rules", """
                {"name":"too fast there","scope":{"devices":["van"]},"condition":"speed > 10 && inside('depot')",
                 "message":"${device.name} goes ${speed} at ${location.latitude}"}""");
        send(device, "{'location':{'latitude':5,'longitude':5},'speed':50}");
        send(device, "{'location':{'latitude':0.5,'longitude':0.5},'speed':12}");
        var alert = awaitAlert(enter, "active", 1).at("/0/id").asText();
        assertThat(platform.get("/api/v1/alerts/" + alert).at("/why/condition/geofence").asText()).isEqualTo("depot");
        assertThat(awaitAlert(fast, "active", 1).at("/0/message").asText()).isEqualTo("van goes 12 at 0.5");
        send(device, "{'location':{'latitude':5,'longitude':0.5}}");
        awaitAlert(enter, "resolved", 1);
        awaitAlert(fast, "resolved", 1);
    }

    @Test
    void anotherShapeTakesEffectAtOnce() {
        var geofence = made("field", square(1));
        var device = platform.device("parked");
        var rule = rule("on the field", "'scope':{'devices':['parked']},"
                + "'condition':{'type':'geofence','geofence':'field'}");
        send(device, "{'latitude':1.5,'longitude':1.5}");
        platform.call("PUT", path(geofence), ("{'name':'field'," + square(2) + "}").replace('\'', '"'));
        awaitAlert(rule, "active", 1);
        platform.call("PUT", path(geofence), ("{'name':'field'," + square(1) + "}").replace('\'', '"'));
        awaitAlert(rule, "resolved", 1);
    }

    @Test
    void daughtersUseWhatIsAboveThemAndTheirOwnFirst() throws Exception {
        var daughter = platform.call("POST", "/api/v1/organizations", "{\"name\":\"daughter\"}").path("id").asText();
        var sister = platform.call("POST", "/api/v1/organizations", "{\"name\":\"sister\"}").path("id").asText();
        var above = made("shared", square(1));
        made("sisters only", square(1) + ",'organization_id':" + sister);
        var rule = "{'name':'there','organization_id':" + daughter
                + ",'condition':{'type':'geofence','geofence':'%s'}}";
        var refusal = refused(422, operator("POST", "/api/v1/rules", rule.formatted("sisters only")));
        assertThat(refusal.at("/errors/0/detail").asText()).contains("shared");
        assertThat(operator("POST", "/api/v1/rules", rule.formatted("shared")).statusCode()).isEqualTo(201);
        assertThat(operator("DELETE", path(above), "").statusCode()).isEqualTo(409);
        var own = made("shared", square(9) + ",'organization_id':" + daughter);
        assertThat(operator("DELETE", path(own), "").statusCode()).isEqualTo(409);
        assertThat(operator("DELETE", path(above), "").statusCode()).isEqualTo(204);
    }

    @Test
    void everyNodeHearsOfAChange() {
        var database = SharedDatabase.open();
        var clock = InstantSource.system();
        var here = new Geofences(database, new Audit(database, clock), clock);
        var there = new Geofences(database, new Audit(database, clock), clock);
        var yard = here.create(Actor.PLATFORM, ROOT, "heard of", new Area.Circle(new Area.Point(1, 2), 3));
        assertThat(here.known().find(ROOT, "heard of")).isPresent();
        TestPlatform.await("the other node knows it", () -> there.known().find(ROOT, "heard of").isPresent());
        var heard = new CountDownLatch(1);
        there.onChange(heard::countDown);
        here.delete(Actor.PLATFORM, yard.id(), OptionalLong.empty());
        TestPlatform.await("the other node forgets it", () -> there.known().find(ROOT, "heard of").isEmpty());
        TestPlatform.await("rules are told", () -> heard.getCount() == 0);
    }
}
