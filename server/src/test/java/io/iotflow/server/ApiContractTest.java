package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.alert.TestAlerts;
import io.iotflow.server.core.Severity;
import io.iotflow.server.http.OpenApiContract;
import io.iotflow.server.http.OpenApiContract.Example;
import io.iotflow.server.http.OpenApiContract.Operation;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Route;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Holds the whole platform to its API document, both ways: what is declared is documented and the other way round, and
/// every documented request, sent with its examples, gets the documented answer.
class ApiContractTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final String ADMIN = "admin " + TOKEN;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /// What people and devices do with their own secrets, which no example knows; `SignInTest` and `OidcSignInTest`
    /// hold the answers to the document.
    private static final Set<String> PERSONAL = Set.of("signIn", "refreshSession", "changeOwnPassword", "startTotp",
            "confirmTotp", "removeTotp", "startOidc", "finishOidc", "redeemOidc", "attestationChallenge", "attest");
    /// The device that examples speak of.
    private static final String EXAMPLE_DEVICE = "greenhouse-1";

    @TempDir
    static Path folder;

    private static Platform platform;
    private static URI base;
    private static OpenApiContract contract;
    private static HttpClient client;
    private static ContractFirmware firmware;
    private static int devices;

    private record Known(String id, String name, String key) {}

    @BeforeAll
    static void start() {
        var settings = Map.of("data.folder", folder.resolve("data").toString(), "http.host", "127.0.0.1",
                "http.port", "0", "mqtt.host", "127.0.0.1", "mqtt.port", "0", "mqtt.websocket_port", "0",
                "registration.mode", "open", "registration.limit", "10000");
        platform = new Platform(PlatformConfig.read(folder.resolve("none.yaml"), Map.of(), new HashMap<>(settings)),
                Optional.of(TOKEN), InstantSource.system());
        base = URI.create("http://127.0.0.1:" + platform.httpPort());
        contract = new OpenApiContract(base);
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        firmware = new ContractFirmware(base, ADMIN);
    }

    @AfterAll
    static void stop() {
        if (firmware != null) firmware.close();
        if (client != null) client.shutdownNow();
        if (contract != null) contract.close();
        if (platform != null) platform.close();
    }

    @Test
    void everythingDeclaredIsDocumentedAndTheOtherWayRound() {
        var declared = platform.routes().stream().map(route -> (route.isWebSocket() ? "GET" : route.method()) + " "
                + route.path()).collect(Collectors.toCollection(TreeSet::new));
        assertThat(contract.documented()).as("openapi.yaml and the routes").isEqualTo(declared);
    }

    @Test
    void everyWriteSaysWhetherItHeedsAnIdempotencyKey() {
        var declared = platform.routes().stream().filter(Route::takesIdempotencyKey).map(Route::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        var documented = contract.operations().stream().filter(operation -> operation.parameters()
                .findValuesAsText("name").contains("Idempotency-Key")).map(Operation::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(declared);
    }

    @Test
    void theDocumentNamesWhoMayMakeEachCall() {
        var wrong = new ArrayList<String>();
        for (var route : platform.routes()) {
            var access = route.access();
            var security = new TreeSet<String>();
            if (access.devices()) security.add("deviceKey");
            if (access.users()) security.add("adminToken");
            var about = contract.about(route.isWebSocket() ? "GET" : route.method(), route.path());
            var written = new TreeSet<String>();
            about.path("security").forEach(kind -> written.add(kind.isEmpty() ? "{}" : kind.fieldNames().next()));
            var permission = access.permission().map(Permission::word).orElse("");
            var isSame = access.anybody() ? written.isEmpty() || written.contains("{}") : written.equals(security);
            if (!isSame || !about.path("x-permission").asText().equals(permission)) {
                wrong.add(route + ": security " + security + ", x-permission " + permission);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void theDocumentsExamplesAreWhatItsSchemasSay() {
        assertThat(contract.wrongExamples()).isEmpty();
    }

    @Test
    void everyDocumentedRequestGetsTheDocumentedAnswer() throws Exception {
        var wrong = new ArrayList<String>();
        for (var operation : contract.operations()) {
            if (operation.isEndless() || PERSONAL.contains(operation.id())) continue;
            for (var example : contract.examples(operation)) {
                for (var difference : send(example)) wrong.add(example + ": " + difference);
            }
        }
        assertThat(wrong).isEmpty();
    }

    /// With a device of its own, so that requests that end a device disturb no other.
    private static List<String> send(Example example) throws IOException, InterruptedException {
        var operation = example.operation();
        if (operation.id().equals("registerDevice")) return contract.check(example, Map.of(), 201);
        if (operation.id().equals("claimCertificate")) {
            return contract.check(example, Map.of(), 201, "X-Provisioning-Key", answered("provisioning-keys",
                    "{\"name\":\"claim\",\"max_devices\":1}").at("/provisioning_key/key").asText());
        }
        var device = register();
        var values = new HashMap<>(Map.of("device", device.name()));
        for (var parameter : List.of("organization", "user", "role", "token", "channel")) {
            if (operation.path().contains("{" + parameter + "}")) values.put(parameter, made(parameter));
        }
        if (operation.path().contains("{rule}")) values.put("rule", rule());
        if (operation.path().contains("{device_type}")) values.put("device_type", deviceType());
        if (operation.path().contains("{sensor}")) values.put("sensor", sensor(device));
        if (operation.path().contains("{recalculation}")) values.put("recalculation", recalculation(device));
        if (operation.path().contains("{geofence}")) values.put("geofence", geofence());
        if (operation.path().contains("{group}")) values.put("group", group(device));
        if (operation.path().contains("{replay}")) values.put("replay", replay());
        if (operation.path().contains("{processing_rule}")) values.put("processing_rule", processingRule());
        if (operation.path().contains("{fingerprint}")) values.put("fingerprint", certificate(device));
        if (operation.path().contains("{command}")) values.put("command", command(device));
        if (operation.id().equals("thingsBoardCall")) command(device);
        if (operation.path().contains("{call}")) values.put("call", called(device));
        if (operation.path().contains("{command_job}")) values.put("command_job", answered("commands",
                "{\"type\":\"none\",\"devices\":[\"" + device.id() + "\"]}").path("id").asText());
        if (operation.path().contains("{batch}")) values.put("batch", answered("devices/batch",
                "{\"operation\":\"set_tags\",\"params\":{\"set\":{\"a\":1}},\"devices\":[\"" + device.id() + "\"]}")
                .path("id").asText());
        if (operation.path().contains("config")) values.putAll(configuration(operation, device));
        if (operation.path().contains("{alert}")) {
            values.put("alert", Long.toString(TestAlerts.raise(platform.database(), Long.parseLong(device.id()),
                    "contract", Severity.MAJOR, Instant.now())));
        }
        values.putAll(firmware.values(operation, device.id(), device.key()));
        var credential = credential(operation, device);
        return contract.check(example, values, success(operation), credential);
    }

    private static String command(Known device) throws IOException, InterruptedException {
        return answered("devices/" + device.id() + "/commands", "{\"type\":\"none\"}").path("command_id").asText();
    }

    /// The number under which a device of ThingsBoard was called to do a command.
    private static String called(Known device) throws IOException, InterruptedException {
        command(device);
        var call = client.send(HttpRequest.newBuilder(base.resolve("/api/v1/" + device.key() + "/rpc"))
                .timeout(PATIENCE).build(), BodyHandlers.ofString());
        return Json.mapper().readTree(call.body()).path("id").asText();
    }

    /// The number of a new thing of this kind, so that requests that end one disturb no other.
    private static String made(String kind) throws IOException, InterruptedException {
        var body = "{\"name\":\"contract-" + devices++ + "\"" + switch (kind) {
            case "organization" -> "}";
            case "user" -> ",\"password\":\"correct horse battery\",\"role\":\"viewer\"}";
            // Refused before anybody is called.
            case "channel" -> ",\"kind\":\"webhook\",\"settings\":{\"url\":\"https://127.0.0.1/\"}}";
            case "role" -> ",\"permissions\":[\"devices:read\"]}";
            default -> ",\"permissions\":[\"devices:read\"],\"expires_at\":\"+1d\"}";
        };
        return answered(kind + "s", body).path("id").asText();
    }

    private static String rule() throws IOException, InterruptedException {
        return answered("rules", "{\"name\":\"contract-" + devices++ + "\",\"condition\":\"none > 1\"}").path("id")
                .asText();
    }

    private static String geofence() throws IOException, InterruptedException {
        return answered("geofences", "{\"name\":\"contract-" + devices++
                + "\",\"circle\":{\"latitude\":1,\"longitude\":2,\"radius_m\":3}}").path("id").asText();
    }

    /// With the name that the examples give it, which cannot change; its own each time.
    private static String deviceType() throws IOException, InterruptedException {
        client.send(HttpRequest.newBuilder(base.resolve("/api/v1/device-types/greenhouse-probe")).timeout(PATIENCE)
                .header("Authorization", ADMIN).DELETE().build(), BodyHandlers.ofString());
        return answered("device-types", "{\"name\":\"greenhouse-probe\"}").path("id").asText();
    }

    /// With a certificate.
    private static String sensor(Known device) throws IOException, InterruptedException {
        var sensors = "devices/" + device.id() + "/sensors";
        var made = answered(sensors, "{\"name\":\"s\",\"metric\":\"t\"}").path("id").asText();
        client.send(HttpRequest.newBuilder(base.resolve("/api/v1/" + sensors + "/s/certificate")).timeout(PATIENCE)
                .header("Content-Type", "text/plain").header("Authorization", ADMIN)
                .PUT(BodyPublishers.ofString("good")).build(), BodyHandlers.ofString());
        return made;
    }

    private static String recalculation(Known device) throws IOException, InterruptedException {
        return answered("devices/" + device.id() + "/sensors/" + sensor(device) + "/recalculate",
                "{\"from\":\"-1h\"}").path("id").asText();
    }

    /// With the device in it.
    private static String group(Known device) throws IOException, InterruptedException {
        var made = answered("groups", "{\"name\":\"contract-" + devices++ + "\"}").path("id").asText();
        answered("groups/" + made + "/members", "{\"add\":{\"devices\":[\"" + device.id() + "\"]}}");
        return made;
    }

    private static String replay() throws IOException, InterruptedException {
        return answered("rules/replay", """
                {"rule":{"condition":"none > 1"},"start_time":"-1h"}""").path("id").asText();
    }

    private static String processingRule() throws IOException, InterruptedException {
        return answered("processing-rules", "{\"name\":\"contract-" + devices++
                + "\",\"steps\":[{\"type\":\"drop\",\"metric\":\"none\"}]}").path("id").asText();
    }

    /// Whose configuration it is about: two versions that were active, the second of them still, and a draft.
    private static Map<String, String> configuration(Operation operation, Known device)
            throws IOException, InterruptedException {
        var type = "contract-" + devices++;
        if (operation.path().endsWith("/schema")) {
            var set = contract.operations().stream().filter(it -> it.id().equals("setConfigurationSchema"))
                    .findFirst().orElseThrow();
            assertThat(contract.check(contract.examples(set).getFirst(), Map.of("device_type", type), 200,
                    "Authorization", ADMIN)).isEmpty();
            return Map.of("device_type", type);
        }
        var path = operation.path().contains("devices/") ? "devices/" + device.id() + "/configurations"
                : "configurations?target=type:" + type;
        for (var more : List.of(",\"activate\":true", ",\"activate\":true", "")) {
            answered(path, "{\"configuration\":{\"a\":" + devices++ + "}" + more + "}");
        }
        return Map.of("target", "type:" + type, "version", "3");
    }

    /// The fingerprint of a new certificate of the device, from the document's own request.
    private static String certificate(Known device) throws IOException, InterruptedException {
        var add = contract.operations().stream().filter(it -> it.id().equals("addCertificate")).findFirst()
                .orElseThrow();
        return answered("devices/" + device.id() + "/certificates", contract.examples(add).getFirst().body())
                .at("/certificate/fingerprint").asText();
    }

    /// What the operator is answered who makes or changes something.
    private static JsonNode answered(String path, String body) throws IOException, InterruptedException {
        var answer = client.send(HttpRequest.newBuilder(base.resolve("/api/v1/" + path)).timeout(PATIENCE)
                .header("Content-Type", "application/json").header("Authorization", ADMIN)
                .POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201, 202);
        return Json.mapper().readTree(answer.body());
    }

    private static int success(Operation operation) {
        for (var response : operation.about().path("responses").properties()) {
            if (response.getKey().startsWith("2")) return Integer.parseInt(response.getKey());
        }
        // Some are refused whatever is sent.
        return Integer.parseInt(operation.about().path("responses").fieldNames().next());
    }

    /// The operator's where the document allows it, else the device's, else none.
    private static String[] credential(Operation operation, Known device) {
        var security = operation.about().path("security").toString();
        if (security.contains("adminToken")) return new String[] {"Authorization", ADMIN};
        if (security.contains("deviceKey")) return new String[] {"X-API-Key", device.key()};
        return new String[0];
    }

    private static Known register() throws IOException, InterruptedException {
        var answer = client.send(HttpRequest.newBuilder(base.resolve("/api/v1/devices/register")).timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\":\"contract-" + devices++ + "\",\"device_type\":\"probe\"}"))
                .build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        var device = Json.mapper().readTree(answer.body()).path("device");
        return new Known(device.path("id").asText(), device.path("name").asText(), device.path("api_key").asText());
    }

    @Test
    void withoutACredentialEveryGuardedCallAnswers401() {
        var wrong = new ArrayList<String>();
        for (var operation : contract.operations()) {
            var security = operation.about().path("security").toString();
            if (security.equals("") || security.contains("{}") || security.equals("[]")) continue;
            var example = contract.examples(operation).getFirst();
            for (var why : contract.check(example, Map.of("device", EXAMPLE_DEVICE), 401)) {
                wrong.add(operation + ": " + why);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void endlessAnswersBeginAsDocumented() throws Exception {
        var stream = client.send(HttpRequest.newBuilder(base.resolve("/api/v1/stream")).timeout(PATIENCE)
                .header("Authorization", ADMIN).build(), BodyHandlers.ofInputStream());
        try (var _ = stream.body()) {
            assertThat(stream.statusCode()).isEqualTo(200);
            assertThat(stream.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        }
        var socket = client.newWebSocketBuilder().header("Authorization", ADMIN)
                .buildAsync(URI.create("ws://127.0.0.1:" + platform.httpPort() + "/ws"), new WebSocket.Listener() {})
                .get(20, TimeUnit.SECONDS);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
    }
}
