package io.iotflow.server.geo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Positions on a whole platform.
class PositionsTest {
    private static final String API = "/api/v1/";
    private static final long START = 1_767_225_600;

    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static JsonNode get(String path) {
        return platform.get(API + path);
    }

    private static void send(TestDevice device, String body) {
        var answer = platform.send("POST", API + "telemetry", body.replace('\'', '"'), "X-API-Key", device.key());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private static TestDevice placed(String name, double latitude, double longitude) {
        var device = platform.device(name);
        send(device, "{'latitude':" + latitude + ",'longitude':" + longitude + "}");
        return device;
    }

    private static String position(String device) {
        var position = get("devices/" + device + "/position").path("position");
        return position.isNull() ? "none" : position.path("latitude").asDouble() + " "
                + position.path("longitude").asDouble() + " " + position.path("source").asText();
    }

    private static int refusal(String path) {
        return platform.send("GET", API + path, "", "Authorization", "admin " + TestPlatform.TOKEN).statusCode();
    }

    @Test
    void aPositionComesFromTheLatestValuesElseFromMetadata() {
        var device = platform.device("van-1");
        assertThat(position("van-1")).isEqualTo("none");
        platform.call("PUT", API + "admin/devices/van-1", "{\"metadata\":{\"location\":{\"lat\":1,\"lon\":2}}}");
        TestPlatform.await(() -> position("van-1"), "1.0 2.0 metadata"::equals);
        send(device, "{'lat':3,'lon':4}");
        assertThat(position("van-1")).isEqualTo("3.0 4.0 telemetry");
        send(device, "{'location':{'latitude':5,'longitude':6}}");
        assertThat(position("van-1")).isEqualTo("5.0 6.0 telemetry");
        send(device, "{'latitude':999,'longitude':7}"); // no fix
        assertThat(position("van-1")).isEqualTo("5.0 6.0 telemetry");
        send(device, "{'latitude':8,'longitude':9,'ts':" + START + "}"); // late, but the first of its metrics
        assertThat(position("van-1")).isEqualTo("5.0 6.0 telemetry");
        send(device, "{'latitude':8,'longitude':9}");
        assertThat(position("van-1")).isEqualTo("8.0 9.0 telemetry");
    }

    @Test
    void aDeviceSeesItsOwnPositionAndNoOther() {
        var device = placed("own-1", 10, 10);
        placed("own-2", 10, 10);
        var answer = platform.send("GET", API + "devices/own-1/position", "", "X-API-Key", device.key());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(platform.send("GET", API + "devices/own-2/position", "", "X-API-Key", device.key()).statusCode())
                .isEqualTo(404);
    }

    @Test
    void aTrackIsALineThatKeepsItsShapeWhenItIsSimplified() {
        var device = platform.device("track-1");
        assertThat(get("devices/track-1/track").path("geometry").isNull()).isTrue();
        var records = new ArrayList<String>();
        // Along two sides of a square, with a point every second.
        for (var i = 0; i <= 100; i++) records.add(record(i, Math.min(i, 50) / 50.0, Math.max(i - 50, 0) / 50.0));
        records.add("{'ts':" + (START + 200) + ",'values':{'latitude':5}}"); // half a position is none
        send(device, "[" + String.join(",", records) + "]");
        var whole = get("devices/track-1/track?from=" + START + "&to=" + (START + 1_000));
        assertThat(whole.at("/geometry/type").asText()).isEqualTo("LineString");
        assertThat(whole.at("/geometry/coordinates")).hasSize(101);
        assertThat(whole.at("/properties/simplified").asBoolean()).isFalse();
        var short3 = get("devices/track-1/track?from=" + START + "&to=" + (START + 1_000) + "&limit=3");
        assertThat(short3.at("/geometry/coordinates").toString()).isEqualTo("[[0.0,0.0],[0.0,1.0],[1.0,1.0]]");
        assertThat(short3.at("/properties/positions").asInt()).isEqualTo(101);
        assertThat(short3.at("/properties/times/1").asText()).isEqualTo("2026-01-01T00:00:50Z");
        assertThat(get("devices/track-1/track?from=" + START + "&to=" + (START + 1)).at("/geometry/type").asText())
                .isEqualTo("Point");
        assertThat(refusal("devices/track-1/track?from=-1h&to=-2h")).isEqualTo(422);
        assertThat(refusal("devices/track-1/track?limit=1")).isEqualTo(422);
    }

    private static String record(int second, double latitude, double longitude) {
        return "{'ts':" + (START + second) + ",'values':{'latitude':" + latitude + ",'longitude':" + longitude + "}}";
    }

    @Test
    void aTrackOverTheLineOf180DegreesIsTwoLines() {
        var device = platform.device("track-2");
        send(device, "[" + record(0, 0, 179) + "," + record(1, 2, -179) + "]");
        var track = get("devices/track-2/track?from=" + START + "&to=" + (START + 10));
        assertThat(track.path("geometry").toString()).isEqualTo("{\"type\":\"MultiLineString\",\"coordinates\":"
                + "[[[179.0,0.0],[180.0,1.0]],[[-180.0,1.0],[-179.0,2.0]]]}");
    }

    @Test
    void devicesNearAPointComeByTheirDistancePageByPage() {
        for (var i = 1; i <= 5; i++) placed("near-" + i, -60, 100 + i / 100.0);
        var all = names(get("devices/near?latitude=-60&longitude=100&radius=2500"));
        assertThat(all).containsExactly("near-1", "near-2", "near-3", "near-4");
        var first = get("devices/near?latitude=-60&longitude=100&radius=2500&limit=3");
        assertThat(first.path("total").asInt()).isEqualTo(4);
        assertThat(first.at("/devices/0/distance_m").asDouble()).isBetween(555.0, 557.0);
        var second = get("devices/near?latitude=-60&longitude=100&radius=2500&limit=3&cursor="
                + first.path("next_cursor").asText());
        assertThat(names(second)).containsExactly("near-4");
        assertThat(second.path("next_cursor").isNull()).isTrue();
        assertThat(refusal("devices/near?latitude=91&longitude=0&radius=1")).isEqualTo(422);
        assertThat(refusal("devices/near?latitude=1&longitude=NaN&radius=1")).isEqualTo(422);
        assertThat(refusal("devices/near?latitude=1&longitude=1")).isEqualTo(422);
        assertThat(refusal("devices/near?latitude=-60&longitude=100&radius=2500&cursor=x")).isEqualTo(422);
    }

    private static List<String> names(JsonNode near) {
        return near.path("devices").valueStream().map(device -> device.path("name").asText()).toList();
    }

    @Test
    void aMapShowsWhatIsInItsBoxAndGathersWhatIsTooMuch() {
        for (var i = 0; i < 9; i++) placed("map-" + i, 70 + i % 3, 170 + i / 3);
        placed("map-east", 71, -179);
        var box = get("map?bbox=169,69,173,73");
        assertThat(box.path("count").asInt()).isEqualTo(9);
        assertThat(box.path("clustered").asBoolean()).isFalse();
        assertThat(box.path("complete").asBoolean()).isTrue();
        assertThat(get("map?bbox=169,69,-178,73").path("count").asInt()).isEqualTo(10);
        var few = get("map?bbox=169,69,173,73&limit=4");
        assertThat(few.path("clustered").asBoolean()).isTrue();
        assertThat(few.path("features").size()).isBetween(1, 4);
        var sum = few.path("features").valueStream().mapToInt(it -> it.at("/properties/count").asInt(1)).sum();
        assertThat(sum).isEqualTo(9);
        assertThat(refusal("map?bbox=1,2,3")).isEqualTo(422);
        assertThat(refusal("map?bbox=1,9,3,4")).isEqualTo(422);
    }

    @Test
    void aMapShowsWhatTheFilterLeavesOver() {
        placed("left-1", -70, 10);
        placed("left-2", -70, 11);
        platform.call("PUT", API + "admin/devices/left-2", "{\"metadata\":{\"tags\":{\"site\":\"A\"}}}");
        assertThat(get("map?bbox=9,-71,12,-69").path("count").asInt()).isEqualTo(2);
        for (var query : List.of("filter=" + encoded("tags.site === 'A'"), "tag=site:A",
                "filter=" + encoded("device.name.startsWith('left') && tags.site === 'A'"))) {
            var map = get("map?bbox=9,-71,12,-69&" + query);
            assertThat(map.path("count").asInt()).as(query).isEqualTo(1);
            assertThat(map.at("/features/0/properties/name").asText()).isEqualTo("left-2");
        }
        assertThat(get("map?filter=" + encoded("device.name === 'nobody'")).path("features")).isEmpty();
        assertThat(refusal("map?filter=" + encoded("device.name ==="))).isEqualTo(422);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void aMapSaysHowBadTheWorstOpenAlertIsToWhoeverMayReadAlerts() {
        var hot = placed("alerting-1", -50, 10);
        placed("alerting-2", -50, 10.1);
        for (var severity : List.of("critical", "warning")) {
            platform.call("POST", API + "rules", ("{'name':'" + severity + "','severity':'" + severity
                    + "','condition':'heat > 80','scope':{'devices':['alerting-1']}}").replace('\'', '"'));
        }
        send(hot, "{'heat':90}");
        TestPlatform.await(() -> get("map?bbox=9,-51,11,-49"), map -> severities(map).equals("critical none"));
        var cluster = get("map?bbox=9,-51,11,-49&limit=1").at("/features/0/properties");
        assertThat(cluster.path("alerting").asInt()).isEqualTo(1);
        assertThat(cluster.path("severity").asText()).isEqualTo("critical");
        platform.call("POST", API + "roles", "{\"name\":\"mapper\",\"permissions\":[\"telemetry:read\"]}");
        var seen = platform.send("GET", API + "map?bbox=9,-51,11,-49", "", "Authorization",
                somebody("mapper", "mapper"));
        assertThat(seen.statusCode()).isEqualTo(200);
        assertThat(seen.body()).contains("alerting-1").doesNotContain("severity");
    }

    private static String severities(JsonNode map) {
        return map.path("features").valueStream().map(it -> it.at("/properties/severity").asText("none"))
                .collect(Collectors.joining(" "));
    }

    /// The credential of a new user.
    private static String somebody(String name, String role) {
        platform.call("POST", API + "users", "{\"name\":\"" + name
                + "\",\"password\":\"correct horse battery\",\"role\":\"" + role + "\"}");
        var answer = platform.send("POST", API + "auth/login",
                "{\"username\":\"" + name + "\",\"password\":\"correct horse battery\"}");
        return "Bearer " + Json.read(answer.body().getBytes(StandardCharsets.UTF_8)).path("access_token").asText();
    }

    @Test
    void whatLiesUnderMapsIsToldAsItIsConfigured() {
        assertThat(get("map/tiles").toString()).isEqualTo("{\"tiles\":null,\"attribution\":\"\",\"max_zoom\":19}");
        try (var other = TestPlatform.start("map.tiles=https://tile.example.org/{z}/{x}/{y}.png",
                "map.attribution=© Map makers", "map.max_zoom=12")) {
            assertThat(other.get(API + "map/tiles").path("tiles").asText()).endsWith("/{z}/{x}/{y}.png");
            assertThat(other.get(API + "map/tiles").path("attribution").asText()).isEqualTo("© Map makers");
            var page = other.send("GET", "/", "", "Accept", "text/html").headers();
            assertThat(page.firstValue("Content-Security-Policy").orElse(""))
                    .contains("img-src 'self' data: blob: https://tile.example.org;");
        }
    }

    @Test
    void sealedPositionsAreShownToWhomeverMaySeeWhatIsSensitive() {
        var viewer = somebody("looker", "viewer");
        platform.call("PUT", API + "encryption", "{\"metrics\":[\"gps.*\"],\"metadata\":[]}");
        var device = platform.device("hidden-1");
        send(device, "{'gps':{'latitude':33,'longitude':44},'ts':" + START + "}");
        assertThat(position("hidden-1")).isEqualTo("33.0 44.0 telemetry");
        for (var path : List.of("devices/hidden-1/position", "devices/hidden-1/track?from=" + START, "map",
                "devices/near?latitude=33&longitude=44&radius=1000")) {
            assertThat(get(path).toString()).as(path).contains("33.0");
            var seen = platform.send("GET", API + path, "", "Authorization", viewer);
            assertThat(seen.statusCode()).isEqualTo(200);
            assertThat(seen.body()).as(path).doesNotContain("33.0");
        }
    }
}
