package io.iotflow.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.access.AccessConfig;
import io.iotflow.server.access.AccessMemory;
import io.iotflow.server.access.AccessRoutes;
import io.iotflow.server.access.AccessTokens;
import io.iotflow.server.access.AdminToken;
import io.iotflow.server.access.Sessions;
import io.iotflow.server.access.SigningKeys;
import io.iotflow.server.access.Users;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.AdminRoutes;
import io.iotflow.server.device.Credentials;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceRoutes;
import io.iotflow.server.device.DeviceSearch;
import io.iotflow.server.device.MqttAddress;
import io.iotflow.server.device.Presence;
import io.iotflow.server.device.Provisioning;
import io.iotflow.server.device.RegistrationConfig;
import io.iotflow.server.device.RegistrationGate;
import io.iotflow.server.device.Statuses;
import io.iotflow.server.http.HttpConfig;
import io.iotflow.server.http.HttpListener;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.OpenApiContract;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The calls about devices, over real HTTP with the real registry, presence and configurations behind it. Every answer
/// is held against the API document.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RoutesTest {
    private static final String ADMIN = "admin 0123456789abcdef";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Database database = SharedDatabase.open();
    private final InstantSource clock = InstantSource.system();
    private final Audit audit = new Audit(database, clock);
    private final DeviceRegistry registry =
            new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(), audit, clock);
    private final Presence presence = new Presence(database, DeviceConfig.standard(), clock);
    private final DeviceSearch search = new DeviceSearch(database, presence);
    private final Statuses statuses = new Statuses(database, registry, clock);
    private final Configurations configurations = new Configurations(database, ConfigurationConfig.standard(),
            GroupsKnown.NONE, audit, clock);
    private final List<ConfigurationChanged> events = new CopyOnWriteArrayList<>();
    private final HttpListener listener = listener();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final OpenApiContract contract =
            new OpenApiContract(URI.create("http://127.0.0.1:" + listener.port()));

    private record Answer(int status, JsonNode body, HttpResponse<String> response) {}

    private record Known(long id, String name, String apiKey) {}

    private HttpListener listener() {
        configurations.onChange(events::add);
        var registration = new RegistrationConfig(RegistrationConfig.Mode.OPEN, Optional.empty(), 10,
                Duration.ofMinutes(5), 0);
        var config = new HttpConfig("127.0.0.1", 0, List.of(), 256, 4, 1_000, Duration.ofSeconds(5),
                Duration.ofSeconds(2), List.of());
        var mqtt = new MqttAddress(Optional.empty(), 1883, 0, 9001);
        AdminRoutes.DeviceDetails details = (answer, device) -> {
            var active = configurations.active(OrganizationPath.ROOT, device.id());
            answer.put("configuration_version", active.version()).set("configurations", active.entries());
        };
        return new HttpListener(config, clock,
                List.of(new Credentials(registry), AdminToken.given("0123456789abcdef")::caller),
                List.of(accessRoutes(), new ConfigurationRoutes(registry, configurations, (scope, _) -> scope),
                        new DeviceRoutes(registry, search, new Provisioning(database, registry, audit, clock),
                                presence, statuses, new RegistrationGate(registration, clock), mqtt, presence::seen),
                        new AdminRoutes(registry, search, presence, statuses, details, (scope, _) -> scope,
                                () -> 7, clock)));
    }

    private AccessRoutes accessRoutes() {
        var config = AccessConfig.standard();
        var memory = new AccessMemory(database);
        var keyRing = SharedDatabase.keyRing();
        var users = new Users(database, memory, audit, clock);
        var tokens = new AccessTokens(new SigningKeys(database, keyRing, memory, config, clock), config, clock);
        var sessions = new Sessions(database, keyRing, memory, users, tokens, Optional.empty(), config,
                clock);
        return new AccessRoutes(sessions, users, tokens);
    }

    @AfterAll
    void stop() {
        contract.close();
        client.close();
        listener.close();
        presence.close();
    }

    @Test
    void registeredDeviceProvesItselfAndSeesItself() {
        var name = name();
        var made = call("POST", "devices/register", ADMIN, """
                {"name": "%s", "device_type": "temperature", "location": "İzmir", "user_id": 42, "site": "A",
                 "api_key": "mine", "metadata": {"floor": 2}, "capabilities": ["read"]}""".formatted(name));
        assertThat(made.status()).isEqualTo(201);
        var device = made.body().get("device");
        assertThat(device.get("metadata").toString()).isEqualTo("{\"site\":\"A\",\"floor\":2}");
        assertThat(device.get("status").textValue()).isEqualTo("active");
        assertThat(device.get("user_id").textValue()).isEqualTo("42");
        assertThat(device.get("description").isNull()).isTrue();
        assertThat(device.get("is_online").booleanValue()).isFalse();
        var key = device.get("api_key").textValue();

        var status = call("GET", "devices/status", key, null);
        assertThat(status.status()).isEqualTo(200);
        assertThat(status.body().at("/device/name").textValue()).isEqualTo(name);
        assertThat(status.body().at("/device").has("api_key")).isFalse();
        assertThat(call("GET", "devices/" + name + "/status", key, null).status()).isEqualTo(200);
        var other = register();
        assertThat(call("GET", "devices/" + other.name() + "/status", key, null).status()).isEqualTo(404);
        assertThat(call("GET", "devices/" + other.id() + "/status", key, null).status()).isEqualTo(404);
        assertThat(call("GET", "devices/" + other.id() + "/status", ADMIN, null).status()).isEqualTo(200);
        assertThat(call("GET", "auth/me", key, null).body().get("role").textValue()).isEqualTo("device");
        assertThat(call("GET", "auth/me", ADMIN, null).body().get("role").textValue()).isEqualTo("admin");
    }

    @Test
    void olderWordsAreUnderstood() {
        var name = name();
        var made = call("POST", "devices/register", ADMIN,
                "{\"deviceId\": \"%s\", \"type\": \"camera\", \"metadata\": {\"a\": 1}}".formatted(name));
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.body().at("/device/name").textValue()).isEqualTo(name);
        assertThat(made.body().at("/device/device_type").textValue()).isEqualTo("camera");
        assertThat(made.body().at("/device/metadata").toString()).isEqualTo("{\"a\":1}");
    }

    @Test
    void mistakesAreNamedAllAtOnceAndNothingIsMade() {
        var refused = call("POST", "admin/devices", ADMIN, """
                {"name": "a/b", "device_type": 7, "location": ["x"], "metadata": [], "firmware_version": "%s"}"""
                .formatted("1".repeat(65)));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body().get("errors").findValuesAsText("field")).containsExactlyInAnyOrder("name",
                "device_type", "location", "metadata", "firmware_version");
        for (var bad : List.of("", "[]", "7", "{", "null", "{\"name\":\"x\",\"name\":\"y\"}", "\"\ud83d\"")) {
            assertThat(call("POST", "admin/devices", ADMIN, bad).status()).as(bad).isEqualTo(400);
        }
        for (var bad : List.of("{}", "{\"name\":null,\"device_type\":\"t\"}", "{\"name\":\"42\",\"device_type\":\"t\"}",
                "{\"name\":\"ok\",\"device_type\":\"t\",\"x\":\"\\u0000\"}",
                "{\"name\":\"ok\",\"device_type\":\"t\",\"capabilities\":[1]}",
                "{\"name\":\"ok\",\"device_type\":\"t\",\"x\":\"" + "y".repeat(17_000) + "\"}")) {
            assertThat(call("POST", "admin/devices", ADMIN, bad).status()).as(bad).isEqualTo(422);
        }
    }

    @Test
    void takenNameIsAConflictAlsoInARace() throws Exception {
        var name = name();
        var wish = "{\"name\":\"%s\",\"device_type\":\"t\"}".formatted(name);
        Callable<Integer> call = () -> call("POST", "admin/devices", ADMIN, wish).status();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var statuses = threads.invokeAll(java.util.Collections.nCopies(8, call)).stream()
                    .map(done -> done.resultNow()).sorted().toList();
            assertThat(statuses).containsExactly(201, 409, 409, 409, 409, 409, 409, 409);
        }
        var refused = call("POST", "admin/devices", ADMIN, wish);
        assertThat(refused.body().get("code").textValue()).isEqualTo("name_taken");
        assertThat(refused.body().get("error").textValue()).isNotEmpty();
    }

    @Test
    void eleventhOpenRegistrationMustWait() {
        for (var i = 0; i < 10; i++) {
            assertThat(call("POST", "devices/register", "",
                    "{\"name\":\"%s\",\"device_type\":\"t\"}".formatted(name())).status()).isEqualTo(201);
        }
        var wish = "{\"name\":\"%s\",\"device_type\":\"t\"}".formatted(name());
        var refused = call("POST", "devices/register", "", wish);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.response().headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(1, 300);
        assertThat(call("POST", "devices/register", ADMIN, wish).status()).as("an operator").isEqualTo(201);
    }

    @Test
    void heartbeatMakesADeviceOnline() {
        var device = register();
        var beat = call("POST", "devices/heartbeat", device.apiKey(), null);
        assertThat(beat.status()).isEqualTo(200);
        assertThat(beat.body().get("device_id").longValue()).isEqualTo(device.id());
        assertThat(beat.body().get("status").textValue()).isEqualTo("online");
        var seen = call("GET", "devices/status", device.apiKey(), null).body().get("device");
        assertThat(seen.get("is_online").booleanValue()).isTrue();
        assertThat(seen.get("last_seen").textValue()).endsWith("Z");
    }

    @Test
    void statusesComeFromMemoryAndAreNeverOld() {
        var device = register();
        var first = call("GET", "devices/statuses?limit=10000", ADMIN, null).body();
        assertThat(first.at("/meta/total").longValue()).isPositive();
        awaitMemory();
        assertThat(call("PUT", "admin/devices/" + device.id() + "/status", ADMIN, "{\"status\":\"maintenance\"}")
                .status()).isEqualTo(200);
        var own = call("GET", "devices/statuses", device.apiKey(), null).body();
        assertThat(own.at("/meta/total").longValue()).as("a device sees itself only").isOne();
        assertThat(own.at("/devices/0/status").textValue()).isEqualTo("maintenance");
        assertThat(call("GET", "devices/statuses?status=maintenance&device_type=t&limit=10000", ADMIN, null).body()
                .get("devices").findValuesAsText("id")).contains(Long.toString(device.id()));
        assertThat(call("GET", "devices/statuses?limit=0", ADMIN, null).status()).isEqualTo(422);
        assertThat(call("GET", "admin/cache/device-status", ADMIN, null).body().get("entries").longValue())
                .isPositive();
        assertThat(call("DELETE", "admin/cache/device-status", ADMIN, null).status()).isEqualTo(200);
        assertThat(call("GET", "devices/statuses?limit=1", ADMIN, null).body().at("/meta/cache_used").booleanValue())
                .isFalse();
        assertThat(call("DELETE", "admin/cache/devices/" + device.name(), ADMIN, null).status()).isEqualTo(200);
        assertThat(call("GET", "devices/status", device.apiKey(), null).status()).isEqualTo(200);
    }

    @Test
    void deviceReportsItsStateWithinItsRights() {
        var device = register();
        var told = call("PUT", "devices/config", device.apiKey(),
                "{\"status\":\"inactive\",\"location\":\"roof\",\"firmware_version\":\"2.0\"}");
        assertThat(told.status()).isEqualTo(200);
        assertThat(told.body().at("/device/status").textValue()).isEqualTo("inactive");
        assertThat(told.body().at("/device/firmware_version").textValue()).isEqualTo("2.0");
        assertThat(call("PUT", "devices/config", device.apiKey(), "{\"status\":\"decommissioned\"}").status())
                .isEqualTo(409);
        assertThat(call("PUT", "devices/config", device.apiKey(), "{\"name\":\"other\"}").status()).isEqualTo(422);
        assertThat(call("PUT", "devices/config", device.apiKey(), "{\"status\":\"asleep\"}").status()).isEqualTo(422);
        assertThat(call("PUT", "devices/config", device.apiKey(), "{}").status()).isEqualTo(400);
    }

    @Test
    void configurationKeyMakesANewVersionAndIsTold() {
        var device = register();
        assertThat(call("GET", "devices/config", device.apiKey(), null).body().get("version").longValue()).isZero();
        var set = call("POST", "devices/config", device.apiKey(),
                "{\"config_key\":\"telemetry_interval\",\"config_value\":\"30\",\"data_type\":\"integer\"}");
        assertThat(set.status()).isEqualTo(201);
        assertThat(set.body().get("version").longValue()).isOne();
        assertThat(call("POST", "devices/" + device.name() + "/configurations", ADMIN,
                "{\"config_key\":\"mode\",\"config_value\":{\"eco\":true}}").status()).isEqualTo(201);
        var read = call("GET", "devices/config", device.apiKey(), null);
        assertThat(read.body().get("version").longValue()).isEqualTo(2);
        assertThat(read.body().at("/configuration/telemetry_interval/value").isIntegralNumber()).isTrue();
        assertThat(read.body().at("/configuration/telemetry_interval/data_type").textValue()).isEqualTo("integer");
        assertThat(read.body().at("/configuration/mode/value/eco").booleanValue()).isTrue();
        assertThat(read.response().headers().firstValue("ETag")).contains("\"2\"");
        assertThat(events).filteredOn(event -> event.active().device().value() == device.id())
                .extracting(event -> event.active().version()).containsExactly(1L, 2L);
        var detail = call("GET", "admin/devices/" + device.id(), ADMIN, null).body();
        assertThat(detail.at("/configurations/mode/data_type").textValue()).isEqualTo("json");
        assertThat(detail.at("/auth_records/0/active").booleanValue()).isTrue();
    }

    @Test
    void configurationIsReadAsItsTypeSaysOrRefused() {
        var device = register();
        check(device, "1.5", "float", 201);
        check(device, "\"yes\"", "boolean", 201);
        check(device, "\"[1]\"", "json", 201);
        check(device, "7", "string", 201);
        check(device, "\"x\"", "integer", 422);
        check(device, "1.5", "integer", 422);
        check(device, "\"NaN\"", "float", 422);
        check(device, "\"maybe\"", "boolean", 422);
        check(device, "\"{\"", "json", 422);
        check(device, "\"\"", "json", 422);
        check(device, "1", "blob", 422);
        check(device, "\"\\u0000\"", "string", 422);
        check(device, "\"" + "x".repeat(Limits.CONFIGURATION_BYTES) + "\"", "string", 413);
        assertThat(call("POST", "devices/config", device.apiKey(), "{\"config_key\":\"a b\",\"config_value\":1}")
                .status()).isEqualTo(422);
        assertThat(call("POST", "devices/config", device.apiKey(), "{\"config_key\":\"a\"}").status()).isEqualTo(422);
    }

    @Test
    void configurationsSetAtTheSameTimeAllCountAndOldVersionsAreDropped() throws Exception {
        var device = register();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < 120; i++) {
                var key = "key-" + i % 20;
                threads.submit(() -> call("POST", "devices/config", device.apiKey(),
                        "{\"config_key\":\"%s\",\"config_value\":1}".formatted(key)));
            }
        }
        var active = configurations.active(OrganizationPath.ROOT, new DeviceId(device.id()));
        assertThat(active.version()).isEqualTo(120);
        assertThat(active.entries()).hasSize(20);
        assertThat(database.<Integer, RuntimeException>transaction(OrganizationPath.ROOT, handle -> handle.createQuery(
                "SELECT count(*) FROM configurations WHERE device_id = :id").bind("id", device.id())
                .mapTo(Integer.class).one())).isEqualTo(Limits.CONFIGURATION_VERSIONS);
    }

    @Test
    void mqttCredentialsSayWhereToConnect() {
        var device = register();
        var answer = call("GET", "devices/mqtt-credentials", device.apiKey(), null).body().get("credentials");
        assertThat(answer.get("mqtt_host").textValue()).isEqualTo("127.0.0.1");
        assertThat(answer.get("mqtt_port").intValue()).isEqualTo(1883);
        assertThat(answer.get("mqtts_port").isNull()).isTrue();
        assertThat(answer.at("/topics/telemetry_publish").textValue())
                .isEqualTo("devices/" + device.id() + "/telemetry");
    }

    @Test
    void unregisteredDeviceIsAStrangerAtOnce() {
        var device = register();
        assertThat(call("DELETE", "devices/unregister", device.apiKey(), null).status()).isEqualTo(200);
        assertThat(call("GET", "devices/status", device.apiKey(), null).status()).isEqualTo(401);
        assertThat(call("GET", "admin/devices/" + device.name(), ADMIN, null).status()).isEqualTo(404);
        assertThat(call("GET", "admin/devices/" + device.id(), ADMIN, null).body().at("/device/status").textValue())
                .isEqualTo("decommissioned");
        assertThat(call("PUT", "admin/devices/" + device.id() + "/status", ADMIN, "{\"status\":\"active\"}").status())
                .isEqualTo(409);
    }

    @Test
    void operatorChangesADeviceHeHasRead() {
        var device = register();
        var path = "admin/devices/" + device.name();
        var tag = call("GET", path, ADMIN, null).response().headers().firstValue("ETag").orElseThrow();
        var moved = call("PUT", path, ADMIN, "{\"location\":\"Hall 3\",\"description\":null}", "If-Match", tag);
        assertThat(moved.status()).isEqualTo(200);
        assertThat(moved.body().at("/device/location").textValue()).isEqualTo("Hall 3");
        assertThat(call("PUT", path, ADMIN, "{\"location\":\"x\"}", "If-Match", tag).status()).isEqualTo(412);
        assertThat(call("PUT", path, ADMIN, "{\"location\":\"x\"}", "If-Match", "\"what\"").status()).isEqualTo(412);
        assertThat(call("PUT", path, ADMIN, "{\"status\":\"active\"}").status()).isEqualTo(422);
        assertThat(call("PUT", path, device.apiKey(), "{\"location\":\"x\"}").status()).isEqualTo(403);
        assertThat(call("PUT", path, "", "{\"location\":\"x\"}").status()).isEqualTo(401);
    }

    @Test
    void rotatedKeyReplacesTheOldOne() {
        var device = register();
        var path = "admin/devices/" + device.id() + "/api-key";
        var kind = call("POST", path, ADMIN, null);
        assertThat(kind.status()).isEqualTo(201);
        assertThat(call("GET", "devices/status", device.apiKey(), null).status()).as("within grace").isEqualTo(200);
        var hard = call("POST", path, ADMIN, "{\"grace_seconds\": 0}");
        for (var old : List.of(device.apiKey(), kind.body().get("api_key").textValue())) {
            assertThat(call("GET", "devices/status", old, null).status()).isEqualTo(401);
        }
        assertThat(call("GET", "devices/status", hard.body().get("api_key").textValue(), null).status()).isEqualTo(200);
        for (var bad : List.of("-1", "99999999", "\"1\"", "1.5")) {
            assertThat(call("POST", path, ADMIN, "{\"grace_seconds\": " + bad + "}").status()).isEqualTo(422);
        }
    }

    @Test
    void operatorListsAndCounts() {
        var type = name();
        var made = new ArrayList<Known>();
        for (var i = 0; i < 3; i++) made.add(register(name(), type));
        presence.counted(new DeviceId(made.get(1).id()), 5, clock.instant());
        var page = call("GET", "admin/devices?device_type=" + type + "&limit=2&sort=-name", ADMIN, null).body();
        assertThat(page.get("count").intValue()).isEqualTo(2);
        assertThat(page.get("total").intValue()).isEqualTo(3);
        var rest = call("GET", "admin/devices?device_type=" + type + "&limit=2&sort=-name&cursor="
                + page.get("next_cursor").textValue(), ADMIN, null).body();
        assertThat(rest.get("count").intValue()).isOne();
        assertThat(rest.get("next_cursor").isNull()).isTrue();
        var online = call("GET", "admin/devices?is_online=true&device_type=" + type, ADMIN, null).body();
        assertThat(online.get("total").intValue()).isOne();
        assertThat(online.at("/devices/0/telemetry_count").longValue()).isEqualTo(5);
        assertThat(call("GET", "admin/devices?is_online=false&device_type=" + type, ADMIN, null).body().get("total")
                .intValue()).isEqualTo(2);
        for (var bad : List.of("sort=size", "limit=x", "cursor=%25%25", "status=gone", "is_online=perhaps",
                "search=%00")) {
            assertThat(call("GET", "admin/devices?" + bad, ADMIN, null).status()).as(bad).isEqualTo(422);
        }
        var stats = call("GET", "admin/stats", ADMIN, null).body();
        assertThat(stats.at("/devices/by_type/" + type).longValue()).isEqualTo(3);
        assertThat(stats.at("/devices/online").longValue()).isPositive();
        assertThat(stats.at("/telemetry/points_written").longValue()).isEqualTo(7);
    }

    /// The notification of a change just made may still arrive, and costs one more reading.
    private void awaitMemory() {
        var deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!call("GET", "devices/statuses?limit=1", ADMIN, null).body().at("/meta/cache_used").booleanValue()) {
            assertThat(System.nanoTime()).as("answered from memory in the end").isLessThan(deadline);
        }
    }

    private void check(Known device, String value, String type, int status) {
        var answer = call("POST", "devices/config", device.apiKey(),
                "{\"config_key\":\"k\",\"config_value\":%s,\"data_type\":\"%s\"}".formatted(value, type));
        assertThat(answer.status()).as("%.40s as %s: %.200s", value, type, answer.body()).isEqualTo(status);
    }

    private Known register() {
        return register(name(), "t");
    }

    private Known register(String name, String type) {
        var made = call("POST", "admin/devices", ADMIN,
                "{\"name\":\"%s\",\"device_type\":\"%s\"}".formatted(name, type)).body().get("device");
        return new Known(made.get("id").longValue(), name, made.get("api_key").textValue());
    }

    private static String name() {
        return "routes-" + NUMBER.incrementAndGet();
    }

    /// @param credential a device's key, an `Authorization` that contains a space, or nothing
    private Answer call(String method, String path, String credential, String body, String... headers) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/api/v1/" + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (credential.contains(" ")) request.header("Authorization", credential);
        else if (!credential.isEmpty()) request.header("X-API-Key", credential);
        if (headers.length > 0) request.headers(headers);
        try {
            var response = client.send(request.build(), BodyHandlers.ofString());
            assertThat(contract.differences(documented(method, path), response))
                    .as("%s %s against the API document: %s", method, path, response.body()).isEmpty();
            return new Answer(response.statusCode(), Json.mapper().readTree(response.body()), response);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private OpenApiContract.Operation documented(String method, String path) {
        var plain = "/api/v1/" + path.replaceFirst("[?].*", "");
        return contract.operations().stream().filter(operation -> operation.method().equals(method))
                .filter(operation -> plain.matches(operation.path().replaceAll("[{]\\w+[}]", "[^/]+")))
                .min(Comparator.comparing(operation -> operation.path().contains("{"))).orElseThrow();
    }
}
