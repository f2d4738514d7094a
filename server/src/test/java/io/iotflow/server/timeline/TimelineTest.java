package io.iotflow.server.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestFirmware;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The story of a device on a whole platform.
class TimelineTest {
    private static final String API = "/api/v1/";
    private static final byte[] IMAGE = {1, 2, 3};

    private static TestPlatform platform;
    private static TestDevice pump;

    /// To one device happens one of everything; to another nothing but its registration.
    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
        platform.device("bystander");
        pump = platform.device("pump");
        call("PUT", "admin/devices/pump/status", "{'status':'maintenance'}");
        call("PUT", "admin/devices/pump/status", "{'status':'active'}");
        call("POST", "devices/pump/configurations",
                "{'config_key':'interval','config_value':'10','data_type':'integer'}");
        call("PATCH", "devices/pump/shadow", "{'desired':{'valve':{'open':true}}}");
        call("POST", "devices/pump/commands", "{'type':'restart'}");
        call("POST", "devices/pump/sensors", "{'name':'probe','metric':'heat'}");
        call("POST", "devices/pump/sensors/probe/calibrations", "{'offset':1.5,'note':'yearly'}");
        try (var firmware = TestFirmware.on(platform)) {
            call("POST", "devices/pump/updates", "{'firmware_id':" + firmware.ready("2.0", IMAGE, "") + "}");
        }
        call("POST", "rules", "{'name':'Too hot','severity':'major','condition':'heat > 80',"
                + "'scope':{'devices':['pump']}}");
        var sent = platform.send("POST", API + "telemetry", "{\"heat\":90}", "X-API-Key", pump.key());
        assertThat(sent.statusCode()).as(sent.body()).isEqualTo(201);
        TestPlatform.await(() -> story(""), it -> it.stream().anyMatch(line -> line.startsWith("alert")));
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode call(String method, String path, String body) {
        return platform.call(method, API + path, body.replace('\'', '"'));
    }

    private static List<String> story(String query) {
        return lines(platform.get(API + "devices/pump/timeline?limit=100" + query));
    }

    private static List<String> lines(JsonNode page) {
        return page.path("entries").valueStream().map(entry -> (entry.path("kind").asText() + " "
                + entry.path("what").asText() + " " + entry.path("subject").asText()).strip()).toList();
    }

    /// Who may do so much and no more.
    private static String somebody(String name, String permissions) {
        call("POST", "roles", "{'name':'" + name + "','permissions':[" + permissions + "]}");
        call("POST", "users", "{'name':'" + name + "','password':'correct horse battery','role':'" + name + "'}");
        var answer = platform.send("POST", API + "auth/login",
                "{\"username\":\"" + name + "\",\"password\":\"correct horse battery\"}");
        return "Bearer " + json(answer.body()).path("access_token").asText();
    }

    private static JsonNode json(String body) {
        return Json.read(body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void allThatHappenedIsToldTheNewestFirst() {
        assertThat(story("").reversed()).containsSubsequence("device device.registered", "device device.status_changed",
                "device device.status_changed", "configuration activated version 1", "shadow desired",
                "command queued restart", "sensor calibrated probe", "firmware offered lamp 2.0")
                .contains("presence online", "alert begun Too hot");
        var all = platform.get(API + "devices/pump/timeline?limit=100");
        assertThat(all.path("left_out")).isEmpty();
        assertThat(all.path("next_cursor").isNull()).isTrue();
        var times = all.path("entries").valueStream().map(entry -> entry.path("timestamp").asText()).toList();
        assertThat(times).isSortedAccordingTo((one, other) ->
                Instant.parse(other).compareTo(Instant.parse(one)));
        assertThat(lines(platform.get(API + "devices/bystander/timeline"))).containsExactly("device device.registered");
    }

    @Test
    void anEntrySaysWhoDidItAndWhereMoreStands() {
        var page = platform.get(API + "devices/pump/timeline?kinds=alert,shadow,sensor&limit=100").path("entries");
        for (var entry : page) {
            switch (entry.path("kind").asText()) {
                case "alert" -> {
                    assertThat(entry.path("actor").asText()).isEqualTo("rule");
                    assertThat(entry.at("/data/severity").asText()).isEqualTo("major");
                    assertThat(platform.get(API + "alerts/" + entry.path("link").asText()).path("rule_name").asText())
                            .isEqualTo("Too hot");
                }
                case "shadow" -> {
                    assertThat(entry.path("actor").asText()).isNotEmpty();
                    assertThat(entry.path("data").toString()).isEqualTo("{\"valve\":{\"open\":true}}");
                }
                case "sensor" -> {
                    assertThat(entry.path("detail").asText()).isEqualTo("yearly");
                    assertThat(entry.at("/data/after/offset").asDouble()).isEqualTo(1.5);
                }
                default -> throw new AssertionError(entry);
            }
        }
        assertThat(page.valueStream().map(entry -> entry.path("kind").asText())).contains("alert", "shadow", "sensor");
    }

    @Test
    void pagesNeitherOverlapNorLeaveAnythingOut() {
        var all = story("");
        var found = new ArrayList<String>();
        var cursor = "";
        do {
            var page = platform.get(API + "devices/pump/timeline?limit=2" + cursor);
            found.addAll(lines(page));
            cursor = page.path("next_cursor").isNull() ? "" : "&cursor=" + page.path("next_cursor").asText();
        } while (!cursor.isEmpty());
        assertThat(found).isEqualTo(all);
        for (var wrong : List.of("cursor=x", "cursor=1.2.3", "kinds=nothing", "limit=0")) {
            assertThat(platform.send("GET", API + "devices/pump/timeline?" + wrong, "", "Authorization",
                    "admin " + TestPlatform.TOKEN).statusCode()).as(wrong).isEqualTo(422);
        }
    }

    @Test
    void whoMayNotSeeAKindIsToldSo() {
        var viewer = somebody("looker", "\"devices:read\"");
        var seen = json(platform.send("GET", API + "devices/pump/timeline?limit=100", "", "Authorization", viewer)
                .body());
        assertThat(lines(seen)).contains("device device.registered", "command queued restart", "presence online")
                .doesNotContain("device device.status_changed")
                .noneMatch(line -> line.startsWith("alert") || line.startsWith("firmware"));
        assertThat(seen.path("left_out").valueStream().map(JsonNode::asText))
                .containsExactlyInAnyOrder("device", "alert", "firmware");
        assertThat(platform.send("GET", API + "devices/pump/timeline?kinds=alert", "", "Authorization", viewer)
                .statusCode()).isEqualTo(403);
        var nobody = somebody("nobody", "\"rules:read\"");
        assertThat(platform.send("GET", API + "devices/pump/timeline", "", "Authorization", nobody).statusCode())
                .isEqualTo(403);
    }
}
