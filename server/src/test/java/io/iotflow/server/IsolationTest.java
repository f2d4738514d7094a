package io.iotflow.server;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.alert.TestAlerts;
import io.iotflow.server.core.Severity;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.OpenApiContract;
import io.iotflow.server.http.Route;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The first wall between organizations: whatever an administrator of one asks for of its sister's is not there. The
/// routes are the platform's own, so that a new one cannot be forgotten; the second wall is `RowSecurityTest`'s.
class IsolationTest {
    private static final String PASSWORD = "correct horse battery";
    /// In the name of everything that is theirs.
    private static final String MARK = "theirs-8fb2";

    private static TestPlatform platform;
    private static OpenApiContract contract;
    /// The thing of theirs for each path parameter that names one.
    private static Map<String, String> theirs;
    private static String ourAdmin;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.start();
        contract = new OpenApiContract(URI.create("http://127.0.0.1:" + platform.platform().httpPort()));
        var them = made("organizations", "");
        var us = platform.call("POST", "/api/v1/organizations", "{\"name\":\"ours\"}").path("id").asText();
        var device = platform.call("POST", "/api/v1/admin/devices", "{\"name\":\"" + MARK
                + "\",\"device_type\":\"lamp\",\"organization_id\":" + them + "}").path("device");
        var key = device.path("api_key").asText();
        assertThat(platform.send("POST", "/api/v1/telemetry", "{\"temperature\":23.5}", "X-API-Key", key).statusCode())
                .isEqualTo(201);
        theirs = new HashMap<>(Map.of("organization", them, "device", device.path("id").asText()));
        theirs.put("user", made("users", user(them)));
        theirs.put("role", made("roles", ",\"permissions\":[\"devices:read\"],\"organization_id\":" + them));
        theirs.put("token", made("tokens", ",\"permissions\":[\"devices:read\"],\"expires_at\":\"+1d\""
                + ",\"organization_id\":" + them));
        theirs.put("processing_rule", made("processing-rules", ",\"organization_id\":" + them
                + ",\"steps\":[{\"type\":\"drop\",\"metric\":\"noise\"}]"));
        theirs.put("rule", made("rules", ",\"condition\":\"t > 1\",\"organization_id\":" + them));
        theirs.put("group", made("groups", ",\"organization_id\":" + them));
        theirs.put("geofence", made("geofences", ",\"organization_id\":" + them
                + ",\"circle\":{\"latitude\":1,\"longitude\":2,\"radius_m\":3}"));
        theirs.put("device_type", made("device-types", ",\"organization_id\":" + them));
        var sensors = "/api/v1/devices/" + theirs.get("device") + "/sensors";
        theirs.put("sensor", platform.call("POST", sensors, "{\"name\":\"" + MARK + "\",\"metric\":\"t\"}")
                .path("id").asText());
        theirs.put("recalculation", platform.call("POST", sensors + "/" + theirs.get("sensor") + "/recalculate",
                "{\"from\":\"-1h\"}").path("id").asText());
        theirs.put("replay", platform.call("POST", "/api/v1/rules/replay", """
                {"rule":{"condition":"t > 1"},"start_time":"-1h"}""").path("id").asText());
        theirs.put("channel", made("channels", ",\"kind\":\"in_app\",\"organization_id\":" + them));
        theirs.put("command", platform.call("POST", "/api/v1/devices/" + theirs.get("device") + "/commands",
                "{\"type\":\"" + MARK + "\"}").path("command_id").asText());
        theirs.put("command_job", platform.call("POST", "/api/v1/commands", "{\"type\":\"" + MARK
                + "\",\"devices\":[\"" + theirs.get("device") + "\"]}").path("id").asText());
        theirs.put("batch", platform.call("POST", "/api/v1/devices/batch", "{\"operation\":\"set_tags\",\"devices\":[\""
                + theirs.get("device") + "\"],\"params\":{\"set\":{\"a\":1}}}").path("id").asText());
        theirs.put("entry", platform.get("/api/v1/audit?target=" + MARK).path("entries").path(0).path("id").asText());
        platform.call("POST", "/api/v1/users", "{\"name\":\"our-admin\"" + user(us) + "}");
        ourAdmin = signIn("our-admin");
        var made = platform.send("POST", "/api/v1/provisioning-keys", "{\"name\":\"" + MARK + "\",\"max_devices\":1}",
                "Authorization", signIn(MARK));
        var add = contract.operations().stream().filter(it -> it.id().equals("addCertificate")).findFirst()
                .orElseThrow();
        theirs.put("fingerprint", platform.call("POST", "/api/v1/devices/" + theirs.get("device") + "/certificates",
                contract.examples(add).getFirst().body()).at("/certificate/fingerprint").asText());
        theirs.put("alert", Long.toString(TestAlerts.raise(platform.platform().database(),
                Long.parseLong(theirs.get("device")), MARK, Severity.MAJOR, Instant.EPOCH)));
        try (var firmware = TestFirmware.on(platform)) {
            var image = firmware.announced(MARK, new byte[] {1}, ",'organization_id':" + them);
            firmware.upload(image, new byte[] {1});
            firmware.json("POST", "/api/v1/firmware/" + image + "/finish", new byte[0]);
            theirs.put("firmware", image);
            theirs.put("rollout", made("rollouts", ",\"firmware_id\":" + image + ",\"organization_id\":" + them));
        }
        theirs.put("firmware_key", made("firmware/keys", ",\"organization_id\":" + them + ",\"public_key\":"
                + "\"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""));
        theirs.put("key", json(made.body()).path("provisioning_key").path("id").asText());
    }

    private static String signIn(String name) throws Exception {
        return "Bearer " + json(platform.send("POST", "/api/v1/auth/login", "{\"username\":\"" + name
                + "\",\"password\":\"" + PASSWORD + "\"}").body()).path("access_token").asText();
    }

    @AfterAll
    static void stop() {
        if (contract != null) contract.close();
        if (platform != null) platform.close();
    }

    private static String user(String organization) {
        return ",\"password\":\"" + PASSWORD + "\",\"role\":\"admin\",\"organization_id\":" + organization;
    }

    private static String made(String kind, String more) {
        return platform.call("POST", "/api/v1/" + kind, "{\"name\":\"" + MARK + "\"" + more + "}").path("id").asText();
    }

    private static JsonNode json(String text) throws Exception {
        return Json.mapper().readTree(text);
    }

    private static List<Route> routes() {
        return platform.platform().routes().stream().filter(route -> route.access().users() && !route.isWebSocket())
                .toList();
    }

    private static TreeSet<String> parameters(Route route) {
        return Pattern.compile("\\{([a-z_]+)\\}").matcher(route.path()).results().map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void whatBelongsToASisterIsNotThere() {
        var wrong = new ArrayList<String>();
        for (var route : routes()) {
            var named = parameters(route);
            named.retainAll(theirs.keySet());
            if (named.isEmpty()) {
                // Templates are the platform's own.
                assertThat(parameters(route)).as(route + ": give start() a thing of theirs for its parameter")
                        .isSubsetOf("template");
                continue;
            }
            var operation = contract.operations().stream().filter(it -> it.toString().equals(route.toString()))
                    .findFirst().orElseThrow();
            for (var example : contract.examples(operation)) {
                contract.check(example, theirs, 404, "Authorization", ourAdmin)
                        .forEach(difference -> wrong.add(example + ": " + difference));
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void namesOfASistersThingsLeadNowhereEither() {
        for (var path : List.of("/api/v1/admin/devices/" + MARK, "/api/v1/telemetry/" + MARK + "/latest")) {
            assertThat(platform.send("GET", path, "", "Authorization", ourAdmin).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void listsDoNotHoldWhatBelongsToASister() {
        for (var route : routes()) {
            if (!route.method().equals("GET") || !parameters(route).isEmpty() || isEndless(route)) continue;
            var answer = platform.send("GET", route.path(), "", "Authorization", ourAdmin);
            assertThat(answer.body()).as(route.toString()).doesNotContain(MARK);
            if (!answer.headers().firstValue("Content-Type").orElse("").equals("application/json")) continue;
            // The root sees them where they can be seen at all, or this test would prove nothing.
            if (List.of("users", "roles", "tokens", "organizations", "alerts", "channels", "geofences", "groups",
                            "rules", "device-types", "firmware", "rollouts")
                    .stream().anyMatch(route.path()::endsWith)) {
                assertThat(platform.get(route.path()).toString()).as(route.toString()).contains(MARK);
            }
        }
    }

    private static boolean isEndless(Route route) {
        return contract.operations().stream().anyMatch(it -> it.toString().equals(route.toString()) && it.isEndless());
    }

    @Test
    void nothingIsMadeInASistersOrganization() {
        var them = theirs.get("organization");
        for (var call : List.of(
                entry("groups", "{\"name\":\"spy\",\"organization_id\":" + them + "}"),
                entry("admin/devices", "{\"name\":\"spy\",\"device_type\":\"lamp\",\"organization_id\":" + them + "}"),
                entry("rules", "{\"name\":\"spy\",\"condition\":\"t > 1\",\"organization_id\":" + them + "}"),
                entry("channels", "{\"name\":\"spy\",\"kind\":\"in_app\",\"organization_id\":" + them + "}"),
                entry("geofences",
                        "{\"name\":\"spy\",\"polygon\":[[0,0],[0,1],[1,1]],\"organization_id\":" + them + "}"),
                entry("firmware", "{\"name\":\"spy\",\"version\":\"1\",\"size\":1,\"sha256\":\"" + "a".repeat(64)
                        + "\",\"organization_id\":" + them + "}"),
                entry("organizations", "{\"name\":\"spy\",\"parent_id\":" + them + "}"),
                entry("device-types", "{\"name\":\"spy\",\"organization_id\":" + them + "}"),
                entry("users", "{\"name\":\"spy\"" + user(them) + "}"),
                entry("roles",
                        "{\"name\":\"spy\",\"permissions\":[\"devices:read\"],\"organization_id\":" + them + "}"),
                entry("processing-rules", "{\"name\":\"spy\",\"steps\":[{\"type\":\"drop\",\"metric\":\"x\"}],"
                        + "\"organization_id\":" + them + "}"),
                entry("tokens", "{\"name\":\"spy\",\"permissions\":[\"devices:read\"],\"expires_at\":\"+1d\","
                        + "\"organization_id\":" + them + "}"))) {
            var answer = platform.send("POST", "/api/v1/" + call.getKey(), call.getValue(), "Authorization", ourAdmin);
            assertThat(answer.statusCode()).as(call.getKey() + ": " + answer.body()).isEqualTo(422);
        }
    }

    @Test
    void theRootsThingsAreNotTheDaughters() {
        assertThat(platform.send("GET", "/api/v1/organizations/1", "", "Authorization", ourAdmin).statusCode())
                .isEqualTo(404);
        var root = platform.call("POST", "/api/v1/users", "{\"name\":\"root-admin\",\"password\":\"" + PASSWORD
                + "\",\"role\":\"admin\"}").path("id").asText();
        var answer = platform.send("POST", "/api/v1/users/" + root + "/password",
                "{\"password\":\"staple of another kind\"}", "Authorization", ourAdmin);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body())
                .doesNotContain("root-admin");
    }
}
