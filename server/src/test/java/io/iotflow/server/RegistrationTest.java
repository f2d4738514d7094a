package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.iotflow.server.live.LivePlatform;
import io.iotflow.server.live.LivePlatform.Answer;
import io.iotflow.server.live.LivePlatform.Known;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How devices come, by key, by file, by approval, and how they go.
class RegistrationTest {
    private static final String ADMIN = "/api/v1/admin/devices/";

    @TempDir
    static Path folder;
    private static LivePlatform platform;

    @BeforeAll
    static void start() {
        platform = new LivePlatform(folder, Map.of("registration.mode", "approval"));
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static Answer register(String body, String... headers) {
        return platform.send("POST", "/api/v1/devices/register", body, headers);
    }

    private static JsonNode key(String body) {
        var made = platform.asOperator("POST", "/api/v1/provisioning-keys", body);
        assertThat(made.status()).as(made.whole().body()).isEqualTo(201);
        return made.body().path("provisioning_key");
    }

    private static Known known(Answer made) {
        assertThat(made.status()).as(made.whole().body()).isEqualTo(201);
        var device = made.body().path("device");
        return new Known(device.path("id").asLong(), device.path("name").asText(), device.path("api_key").asText());
    }

    private static Mqtt5BlockingClient client(Known device) {
        return MqttClient.builder().useMqttVersion5().identifier(device.name()).serverHost("127.0.0.1")
                .serverPort(platform.platform().mqttPort()).simpleAuth().username(device.name())
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().buildBlocking();
    }

    @Test
    void numbersThatTheDatabaseWouldWriteOutForEverAreRefused() {
        var one = known(platform.asOperator("POST", "/api/v1/admin/devices",
                "{\"name\":\"numbers\",\"device_type\":\"t\",\"metadata\":{\"x\":1e90,\"y\":-1.5e-80}}"));
        for (var number : new String[] {"1e200", "-1e200", "1e400", "1e-200", "1e999999", "9".repeat(125)}) {
            for (var metadata : new String[] {"{\"x\":" + number + "}", "{\"a\":[{\"x\":" + number + "}]}"}) {
                var body = "{\"device_type\":\"t\",\"metadata\":" + metadata + "}";
                var made = platform.asOperator("POST", "/api/v1/admin/devices", body.replace("{\"device_type",
                        "{\"name\":\"number\",\"device_type"));
                assertThat(made.status()).as(body).isEqualTo(422);
                assertThat(made.body().at("/errors/0/field").asText()).isEqualTo("metadata");
                assertThat(platform.asOperator("PUT", ADMIN + one.id(), body).status()).as(body).isEqualTo(422);
            }
        }
        assertThat(platform.asOperator("PUT", ADMIN + one.id(), "{\"metadata\":{\"x\":1e-400}}").status())
                .as("as good as 0").isEqualTo(200);
        for (var depth : new int[] {30, 60, 62, 63, 64, 65, 500, 5_000}) {
            var deep = "{\"metadata\":{\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}}";
            assertThat(platform.asOperator("PUT", ADMIN + one.id(), deep).status()).as("%s deep", depth)
                    .isIn(200, 400, 422);
            assertThat(platform.asOperator("GET", ADMIN + one.id(), null).status()).as("%s deep", depth)
                    .isEqualTo(200);
            assertThat(platform.asOperator("GET", "/api/v1/admin/devices?limit=1000", null).status()).isEqualTo(200);
        }
    }

    // ---- approval

    @Test
    void anUnknownDeviceMayDoNothingButAskForItsStatusUntilItIsAdmitted() throws Exception {
        var device = known(register("{\"name\":\"stranger\",\"device_type\":\"lamp\"}"));
        var status = platform.as(device, "GET", "/api/v1/devices/status", null);
        assertThat(status.status()).isEqualTo(200);
        assertThat(status.body().at("/device/status").asText()).isEqualTo("provisioning");
        for (var call : new String[] {"GET devices/config", "POST devices/heartbeat", "GET devices/mqtt-credentials",
            "POST telemetry", "GET stream", "DELETE devices/unregister", "GET auth/me", "GET devices/statuses",
            "GET devices/stranger/status"}) {
            var words = call.split(" ");
            var answer = platform.as(device, words[0], "/api/v1/" + words[1], words[0].equals("POST") ? "{}" : null);
            assertThat(answer.status()).as(call).isEqualTo(403);
        }
        var mqtt = client(device);
        assertThat(connects(mqtt)).isFalse();
        var waiting = platform.asOperator("GET", "/api/v1/admin/devices?status=provisioning", null).body();
        assertThat(waiting.path("devices").findValuesAsText("name")).contains("stranger");

        assertThat(platform.asOperator("PUT", ADMIN + device.id() + "/status", "{\"status\":\"active\"}").status())
                .isEqualTo(200);
        assertThat(platform.as(device, "POST", "/api/v1/telemetry", "{\"t\":1}").status()).isEqualTo(201);
        assertThat(connects(mqtt)).isTrue();
        mqtt.disconnect();
    }

    private static boolean connects(Mqtt5BlockingClient client) {
        try {
            client.connect();
            return true;
        } catch (Mqtt5ConnAckException | ConnectionFailedException refused) {
            return false;
        }
    }

    // ---- provisioning keys

    @Test
    void aKeyRegistersDevicesOfItsTypeAndNoMoreThanItMay() throws Exception {
        var key = key("{\"name\":\"factory\",\"device_type\":\"meter\",\"max_devices\":25}");
        var secret = key.path("key").asText();
        var wishes = new ArrayList<Callable<Answer>>();
        for (var n = 0; n < 40; n++) {
            var name = "meter-" + n;
            wishes.add(() -> register("{\"name\":\"" + name + "\"}", "X-Provisioning-Key", secret));
        }
        var answers = new ArrayList<Answer>();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (var done : threads.invokeAll(wishes)) answers.add(done.get());
        }
        assertThat(answers.stream().filter(answer -> answer.status() == 201).count()).isEqualTo(25);
        for (var answer : answers) {
            if (answer.status() == 201) {
                assertThat(answer.body().at("/device/device_type").asText()).isEqualTo("meter");
                assertThat(answer.body().at("/device/status").asText()).isEqualTo("active");
            } else {
                assertThat(answer.status()).as(answer.whole().body()).isIn(403, 429);
            }
        }
        var listed = platform.asOperator("GET", "/api/v1/provisioning-keys", null).body().path("provisioning_keys");
        for (var one : listed) {
            assertThat(one.has("key")).as("the secret is shown once").isFalse();
            if (one.path("id").equals(key.path("id"))) {
                assertThat(one.path("used").asInt()).isEqualTo(25);
                assertThat(one.path("state").asText()).isEqualTo("used_up");
            }
        }
    }

    @Test
    void aDeviceThatIsRefusedIsNotCounted() {
        var secret = key("{\"name\":\"pair\",\"device_type\":\"door\",\"max_devices\":2}").path("key").asText();
        known(register("{\"name\":\"door-1\"}", "X-Provisioning-Key", secret));
        assertThat(register("{\"name\":\"door-1\"}", "X-Provisioning-Key", secret).status()).isEqualTo(409);
        assertThat(register("{\"name\":\"door-2\",\"device_type\":\"lamp\"}", "X-Provisioning-Key", secret).status())
                .as("another type").isEqualTo(422);
        known(register("{\"name\":\"door-2\"}", "X-Provisioning-Key", secret));
    }

    @Test
    void aRevokedKeyOpensNothingAndWhatItOpenedStays() {
        var key = key("{\"name\":\"old\",\"max_devices\":5}");
        var secret = key.path("key").asText();
        var device = known(register("{\"name\":\"old-1\",\"device_type\":\"x\"}", "X-Provisioning-Key", secret));
        var path = "/api/v1/provisioning-keys/" + key.path("id").asText();
        assertThat(platform.asOperator("DELETE", path, null).body().at("/provisioning_key/state").asText())
                .isEqualTo("revoked");
        assertThat(register("{\"name\":\"old-2\",\"device_type\":\"x\"}", "X-Provisioning-Key", secret).status())
                .isEqualTo(403);
        assertThat(platform.as(device, "GET", "/api/v1/devices/status", null).status()).isEqualTo(200);
        assertThat(platform.asOperator("GET", "/api/v1/audit?text=old", null).body().path("entries")
                .findValuesAsText("action"))
                .contains("provisioning_key.created", "device.registered", "provisioning_key.revoked");
        assertThat(platform.asOperator("DELETE", "/api/v1/provisioning-keys/99999", null).status()).isEqualTo(404);
        assertThat(platform.asOperator("POST", "/api/v1/provisioning-keys", "{\"name\":\"\",\"max_devices\":0,"
                + "\"expires_at\":\"2001-01-01T00:00:00Z\"}").body().path("errors").findValuesAsText("field"))
                .containsExactly("name", "max_devices");
        assertThat(platform.asOperator("POST", "/api/v1/provisioning-keys", "{\"name\":\"late\",\"max_devices\":1,"
                + "\"expires_at\":\"2001-01-01T00:00:00Z\"}").status()).isEqualTo(422);
    }

    // ---- files

    private static Answer send(String file, String query, String... headers) {
        var all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "text/csv";
        return platform.asOperator("POST", "/api/v1/devices/import" + query, file, all);
    }

    @Test
    void everyRowOfAFileHasItsOutcomeAndTheSameAgainChangesNothing() {
        var file = """
                name,device_type,location,metadata.site
                imp-1,lamp,"Hall, 2",A
                ,lamp,,
                -bad-,,x,
                imp-1,lamp,,
                """;
        var trial = send(file, "?dry_run=true").body();
        assertThat(trial.path("rows").findValuesAsText("outcome"))
                .containsExactly("created", "refused", "refused", "exists");
        assertThat(trial.path("rows").get(0).has("api_key")).isFalse();
        assertThat(platform.asOperator("GET", ADMIN + "imp-1", null).status()).as("after a trial").isEqualTo(404);

        var first = send(file, "").body();
        assertThat(first.path("rows").findValuesAsText("outcome"))
                .containsExactly("created", "refused", "refused", "exists");
        assertThat(first.path("rows").get(2).path("errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder("name", "device_type");
        assertThat(first.path("created").asInt()).isOne();
        var device = new Known(0, "imp-1", first.path("rows").get(0).path("api_key").asText());
        var own = platform.as(device, "GET", "/api/v1/devices/status", null).body().path("device");
        assertThat(own.path("location").asText()).isEqualTo("Hall, 2");
        assertThat(own.at("/metadata/site").asText()).isEqualTo("A");

        assertThat(platform.asOperator("GET", "/api/v1/audit?action=device.registered&target=imp-1", null).body()
                .path("entries")).as("entries of the only one made").hasSize(1);

        var again = send(file, "", "Accept", "text/csv").whole().body().lines().toList();
        assertThat(again.get(0)).isEqualTo("row,name,outcome,id,api_key,detail");
        assertThat(again.get(1)).isEqualTo("1,\"imp-1\",exists," + own.path("id").asText() + ",,");
        assertThat(again.get(3)).startsWith("3,\"'-bad-\",refused,,,\"");
    }

    @Test
    void aFileThatIsNoneIsRefusedAsAWhole() {
        assertThat(send("", "").status()).isEqualTo(400);
        assertThat(send("name,device_type\n", "").status()).isEqualTo(422);
        assertThat(send("name\nx\n", "").body().path("errors").findValuesAsText("field"))
                .containsExactly("device_type");
        assertThat(send("name,device_type,colour\nx,y,z\n", "").body().path("errors").findValuesAsText("field"))
                .containsExactly("colour");
        assertThat(send("name,device_type\nx,y,z,too,many\n", "").status()).isEqualTo(400);
        assertThat(send("name,device_type\n" + "x,y\n".repeat(10_001), "").status()).isEqualTo(413);
    }

    @Test
    void tenThousandDevicesComeInOneFileAndTheRestOfABrokenOne() {
        var half = rows(0, 5_000);
        send("name,device_type,metadata.batch\n" + half, "");
        var began = System.nanoTime();
        var answer = send("name,device_type,metadata.batch\n" + half + rows(5_000, 10_000), "").body();
        var took = (System.nanoTime() - began) / 1_000_000;
        System.out.printf("import: 5,000 new of 10,000 rows in %,d ms%n", took);
        assertThat(answer.path("created").asInt()).isEqualTo(5_000);
        assertThat(answer.path("exists").asInt()).isEqualTo(5_000);
        assertThat(answer.path("rows")).hasSize(10_000);
        assertThat(took).isLessThan(60_000);
    }

    @Test
    void twoWhoSendTheSameDevicesAtOnceMakeEachOnce() throws Exception {
        var names = IntStream.range(0, 600).mapToObj(n -> "both-" + n).toList();
        var files = Stream.of(names, names.reversed()).map(order -> order.stream().map(name -> name + ",meter\n")
                .collect(Collectors.joining("", "name,device_type\n", ""))).toList();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var answers = threads.invokeAll(files.stream().<Callable<JsonNode>>map(file -> () -> send(file, "").body())
                    .toList());
            var made = new ArrayList<String>();
            for (var answer : answers) {
                for (var row : answer.get().path("rows")) {
                    if (row.path("outcome").asText().equals("created")) made.add(row.path("name").asText());
                    else assertThat(row.path("outcome").asText()).isEqualTo("exists");
                }
            }
            assertThat(made).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    private static String rows(int from, int to) {
        return IntStream.range(from, to).mapToObj(n -> "bulk-" + n + ",meter," + n / 100 + "\n")
                .collect(Collectors.joining());
    }

    // ---- the end

    @Test
    void decommissioningEndsEverythingThatADeviceHasOpen() throws Exception {
        var secret = key("{\"name\":\"end\",\"device_type\":\"lamp\",\"max_devices\":1}").path("key").asText();
        var device = known(register("{\"name\":\"leaving\"}", "X-Provisioning-Key", secret));
        var mqtt = client(device);
        mqtt.connect();
        var closed = new CompletableFuture<Integer>();
        var heard = new CompletableFuture<String>();
        var socket = platform.client().newWebSocketBuilder().header("X-API-Key", device.key()).buildAsync(
                URI.create(platform.uri("/ws").toString().replace("http", "ws")), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        heard.complete(text.toString());
                        from.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
                        closed.complete(status);
                        return null;
                    }
                }).join();
        socket.sendText("{\"subscribe\":{}}", true).join();
        var stream = platform.client().send(HttpRequest.newBuilder(platform.uri("/api/v1/stream"))
                .header("X-API-Key", device.key()).build(), BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);
        assertThat(platform.as(device, "POST", "/api/v1/telemetry", "{\"t\":1}").status()).isEqualTo(201);
        heard.get(20, TimeUnit.SECONDS);

        assertThat(platform.asOperator("DELETE", ADMIN + device.id(), null).status()).isEqualTo(200);

        assertThat(closed.get(20, TimeUnit.SECONDS)).as("the WebSocket").isEqualTo(4401);
        try (var lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.lines().filter(line -> line.startsWith("data: ")).toList()).as("read to its end")
                    .last().asString().contains("\"decommissioned\"");
        }
        TestPlatform.await("MQTT is closed", () -> !mqtt.getState().isConnected());
        assertThat(platform.as(device, "GET", "/api/v1/devices/status", null).status()).isEqualTo(401);
    }
}
