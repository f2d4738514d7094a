package io.iotflow.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What those may do who manage others: never more than they may do themselves.
class AuthorityTest {
    private static final String PASSWORD = "correct horse battery";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static volatile Duration ahead = Duration.ZERO;
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start(() -> Instant.now().plus(ahead), "access.sign_in_limit=10000");
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static String name() {
        return "thing-" + NUMBER.incrementAndGet();
    }

    private static long organization() {
        return platform.call("POST", "/api/v1/organizations", "{\"name\":\"" + name() + "\"}").path("id").asLong();
    }

    private static JsonNode user(String role, long organization) {
        return platform.call("POST", "/api/v1/users", "{\"name\":\"" + name() + "\",\"password\":\"" + PASSWORD
                + "\",\"role\":\"" + role + "\",\"organization_id\":" + organization + "}");
    }

    private static String signIn(JsonNode user) {
        var answer = platform.send("POST", "/api/v1/auth/login", "{\"username\":\"" + user.path("name").asText()
                + "\",\"password\":\"" + PASSWORD + "\"}");
        return "Bearer " + read(answer.body()).path("access_token").asText();
    }

    private static JsonNode read(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(text, e);
        }
    }

    private static int status(String method, String path, String body, String credential) {
        return platform.send(method, "/api/v1/" + path, body, "Authorization", credential).statusCode();
    }

    private static JsonNode token(long organization, String permission) {
        return platform.call("POST", "/api/v1/tokens", "{\"name\":\"" + name() + "\",\"permissions\":[\"" + permission
                + "\"],\"expires_at\":\"+30d\",\"organization_id\":" + organization + "}");
    }

    @Test
    void nobodyGivesWhatHeDoesNotHave() {
        platform.call("POST", "/api/v1/roles", "{\"name\":\"helpdesk\",\"permissions\":"
                + "[\"users:read\",\"users:write\",\"tokens:write\",\"devices:read\"]}");
        var clerk = signIn(user("helpdesk", 1));
        var admin = user("admin", 1).path("id").asText();
        var user = "{\"name\":\"" + name() + "\",\"password\":\"" + PASSWORD + "\",\"role\":\"%s\"}";
        assertThat(status("POST", "users", user.formatted("admin"), clerk)).isEqualTo(403);
        assertThat(status("POST", "users", user.formatted("viewer"), clerk)).isEqualTo(403);
        assertThat(status("POST", "users", user.formatted("helpdesk"), clerk)).isEqualTo(201);
        var role = "{\"name\":\"" + name() + "\",\"permissions\":[\"%s\"]}";
        assertThat(status("POST", "roles", role.formatted("telemetry:erase"), clerk)).isEqualTo(403);
        assertThat(status("POST", "roles", role.formatted("devices:read"), clerk)).isEqualTo(201);
        var token = "{\"name\":\"x\",\"permissions\":[\"%s\"],\"expires_at\":\"+1d\"}";
        assertThat(status("POST", "tokens", token.formatted("devices:write"), clerk)).isEqualTo(403);
        assertThat(status("POST", "tokens", token.formatted("devices:read"), clerk)).isEqualTo(201);
        // Nor takes the place of somebody who has.
        assertThat(status("POST", "users/" + admin + "/password", "{\"password\":\"staple of another kind\"}", clerk))
                .isEqualTo(403);
        assertThat(status("PUT", "users/" + admin, "{\"role\":\"helpdesk\"}", clerk)).isEqualTo(403);
        assertThat(status("PUT", "users/" + admin, "{\"totp\":false}", clerk)).isEqualTo(403);
        assertThat(status("DELETE", "users/" + admin, "", clerk)).isEqualTo(403);
        assertThat(status("GET", "users/" + admin, "", clerk)).isEqualTo(200);
    }

    @Test
    void nobodyDisablesOrRemovesHimself() {
        var admin = user("admin", 1);
        var id = admin.path("id").asText();
        var bearer = signIn(admin);
        assertThat(status("PUT", "users/" + id, "{\"disabled\":true}", bearer)).isEqualTo(409);
        assertThat(status("DELETE", "users/" + id, "", bearer)).isEqualTo(409);
    }

    @Test
    void namesOfUsersAreTakenOnTheWholePlatform() {
        var user = user("viewer", organization());
        var body = "{\"name\":\"" + user.path("name").asText().toUpperCase(java.util.Locale.ROOT) + "\",\"password\":\""
                + PASSWORD + "\",\"role\":\"viewer\"}";
        assertThat(status("POST", "users", body, "admin " + TestPlatform.TOKEN)).isEqualTo(409);
    }

    @Test
    void anOrganizationIsDeletedOnlyWhenNothingBelongsToIt() {
        var admin = "admin " + TestPlatform.TOKEN;
        var parent = organization();
        var child = platform.call("POST", "/api/v1/organizations", "{\"name\":\"child\",\"parent_id\":" + parent + "}");
        assertThat(child.path("parent_id").asLong()).isEqualTo(parent);
        assertThat(status("DELETE", "organizations/" + parent, "", admin)).isEqualTo(409);
        assertThat(status("DELETE", "organizations/" + child.path("id").asText(), "", admin)).isEqualTo(204);
        var user = user("viewer", parent).path("id").asText();
        assertThat(status("DELETE", "organizations/" + parent, "", admin)).isEqualTo(409);
        assertThat(status("DELETE", "users/" + user, "", admin)).isEqualTo(204);
        assertThat(status("DELETE", "organizations/" + parent, "", admin)).isEqualTo(204);
        assertThat(status("GET", "organizations/" + parent, "", admin)).isEqualTo(404);
        assertThat(status("DELETE", "organizations/1", "", admin)).isEqualTo(409);
    }

    @Test
    void aDeviceIsMadeBelowAndStaysThere() {
        var below = organization();
        var device = platform.call("POST", "/api/v1/admin/devices", "{\"name\":\"" + name()
                + "\",\"device_type\":\"lamp\",\"organization_id\":" + below + "}").path("device");
        assertThat(device.path("organization_id").asLong()).isEqualTo(below);
        assertThat(device.path("metadata").has("organization_id")).isFalse();
        var viewer = signIn(user("viewer", below));
        assertThat(status("GET", "admin/devices/" + device.path("id").asText(), "", viewer)).isEqualTo(200);
    }

    @Test
    void everyActIsRecordedAndNoSecretWithIt() {
        var below = organization();
        var user = user("viewer", below);
        var path = "users/" + user.path("id").asText();
        var admin = "admin " + TestPlatform.TOKEN;
        platform.send("POST", "/api/v1/auth/login", "{\"username\":\"" + user.path("name").asText()
                + "\",\"password\":\"wrong horse battery\"}");
        platform.send("POST", "/api/v1/auth/login", "{\"username\":\"typed-here\",\"password\":\"by mistake\"}");
        signIn(user);
        status("POST", path + "/unlock", "", admin);
        status("POST", path + "/password", "{\"password\":\"staple of another kind\"}", admin);
        status("PUT", path, "{\"role\":\"operator\"}", admin);
        status("PUT", path, "{\"disabled\":true}", admin);
        status("DELETE", path, "", admin);
        var token = token(below, "devices:read");
        status("DELETE", "tokens/" + token.path("id").asText(), "", admin);
        var id = platform.call("POST", "/api/v1/roles", "{\"name\":\"" + name()
                + "\",\"permissions\":[\"devices:read\"],\"organization_id\":" + below + "}").path("id").asText();
        status("PUT", "roles/" + id, "{\"name\":\"x\",\"permissions\":[\"audit:read\"]}", admin);
        status("DELETE", "roles/" + id, "", admin);
        status("PUT", "organizations/" + below, "{\"name\":\"" + name() + "\"}", admin);
        status("DELETE", "organizations/" + below, "", admin);
        assertThat(actions("user", user.path("id").asText())).containsExactly("user.created", "user.sign_in_failed",
                "user.signed_in", "user.unlocked", "user.password_changed", "user.updated", "user.disabled",
                "user.removed");
        assertThat(actions("token", token.path("id").asText())).containsExactly("token.created", "token.revoked");
        assertThat(actions("role", id)).containsExactly("role.created", "role.changed", "role.removed");
        assertThat(actions("organization", Long.toString(below))).containsExactly("organization.created",
                "organization.updated", "organization.removed");
        assertThat(platform.get("/api/v1/audit?limit=1000").toString()).contains("unknown")
                .doesNotContain(PASSWORD, "wrong horse", "staple", "typed-here", token.path("token").asText());
    }

    /// In the order in which they were done.
    private static List<String> actions(String type, String id) {
        return platform.get("/api/v1/audit?target_type=" + type + "&target=" + id).path("entries")
                .findValuesAsText("action").reversed();
    }

    @Test
    void aServiceTokenEndsWhenItIsRevokedAndByItself() {
        var token = token(1, "devices:read");
        var bearer = "Bearer " + token.path("token").asText();
        assertThat(status("GET", "admin/devices", "", bearer)).isEqualTo(200);
        assertThat(status("DELETE", "tokens/" + token.path("id").asText(), "", "admin " + TestPlatform.TOKEN))
                .isEqualTo(204);
        assertThat(status("GET", "admin/devices", "", bearer)).isEqualTo(401);
        var other = "Bearer " + token(1, "devices:read").path("token").asText();
        assertThat(status("GET", "admin/devices", "", other)).isEqualTo(200);
        var client = client();
        var connected = token(1, "telemetry:read");
        connect(client, connected.path("name").asText(), connected.path("token").asText());
        ahead = ahead.plus(Duration.ofDays(30)).plusSeconds(1);
        assertThat(status("GET", "admin/devices", "", other)).isEqualTo(401);
        TestPlatform.await("its MQTT connection ends with it", () -> !client.getState().isConnected());
        assertThat(platform.get("/api/v1/tokens?limit=10000").toString()).doesNotContain("iotf_");
        assertThat(status("POST", "tokens",
                "{\"name\":\"x\",\"permissions\":[\"devices:read\"],\"expires_at\":\"+400d\"}",
                "admin " + TestPlatform.TOKEN)).isEqualTo(422);
    }

    @Test
    void aServiceTokenMakesNoneThatOutlivesIt() {
        var maker = "Bearer " + token(1, "tokens:write").path("token").asText();
        var wish = "{\"name\":\"heir\",\"permissions\":[\"tokens:write\"],\"expires_at\":\"%s\"}";
        assertThat(status("POST", "tokens", wish.formatted("+40d"), maker)).isEqualTo(422);
        assertThat(status("POST", "tokens", wish.formatted("+1d"), maker)).isEqualTo(201);
    }

    @Test
    void aServiceTokenIsThePasswordOverMqttAndSeesItsOrganizationOnly() {
        var below = organization();
        var ours = platform.call("POST", "/api/v1/admin/devices", "{\"name\":\"" + name()
                + "\",\"device_type\":\"lamp\",\"organization_id\":" + below + "}").path("device").path("name")
                .asText();
        var roots = platform.device(name());
        var client = client();
        var token = token(below, "telemetry:read");
        connect(client, token.path("name").asText(), token.path("token").asText());
        try {
            subscribe(client, "devices/" + ours + "/telemetry");
            for (var filter : new String[] {"devices/+/telemetry", "devices/#", "#", roots.topic("telemetry")}) {
                assertThatThrownBy(() -> subscribe(client, filter)).as(filter).isInstanceOf(Mqtt5SubAckException.class);
            }
            assertThat(client.getState().isConnected()).isTrue();
        } finally {
            status("DELETE", "tokens/" + token.path("id").asText(), "", "admin " + TestPlatform.TOKEN);
        }
        TestPlatform.await("revoking cuts it off", () -> !client.getState().isConnected());
        assertThatThrownBy(() -> connect(client(), token.path("name").asText(), "iotf_" + "A".repeat(43)))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    private static Mqtt5BlockingClient client() {
        return MqttClient.builder().useMqttVersion5().identifier(name()).serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
    }

    private static void connect(Mqtt5BlockingClient client, String name, String token) {
        client.connectWith().simpleAuth().username(name).password(token.getBytes(UTF_8)).applySimpleAuth().send();
    }

    private static void subscribe(Mqtt5BlockingClient client, String filter) {
        client.subscribeWith().topicFilter(filter).send();
    }
}
