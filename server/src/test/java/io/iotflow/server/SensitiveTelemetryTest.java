package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.iotflow.server.live.LivePlatform;
import io.iotflow.server.live.LivePlatform.Answer;
import io.iotflow.server.live.LivePlatform.Known;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// Values of sensitive metrics: nowhere on disk, and in every answer to whoever may see them. One data folder, told in
/// order.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SensitiveTelemetryTest {
    private static final String TEXT = "the patient is called Zeynep Yilmaz";
    private static final double NUMBER = 48.210033214159;
    private static final long WHOLE = 7_301_118_220_190_333_557L;
    private static final String PASSWORD = "correct horse battery";
    private static final long AT = 1_767_225_600_000L;
    private static final String SPAN = "start_time=2026-01-01T00:00:00Z&end_time=2026-01-02T00:00:00Z";

    private Path folder;
    private LivePlatform platform;
    private Known device;
    private String viewer;

    @BeforeAll
    void start(@TempDir Path data) {
        folder = data;
        platform = new LivePlatform(folder, Map.of());
        device = platform.register("bracelet");
        platform.asOperator("POST", "/api/v1/users",
                "{\"name\":\"vera\",\"password\":\"" + PASSWORD + "\",\"role\":\"viewer\"}");
        viewer = signIn("vera");
        send("{\"pulse\":61.5,\"steps\":1,\"ts\":" + (AT - 1) + "}");
        mark("\"pulse\",\"note\",\"location.*\"");
        for (var i = 0; i < 10; i++) {
            send("{\"pulse\":" + (NUMBER + i) + ",\"note\":\"" + TEXT + "\",\"location\":{\"worn\":true,\"place\":"
                    + WHOLE + "},\"steps\":" + i + ",\"ts\":" + (AT + i * 1_000) + "}");
        }
    }

    @AfterAll
    void stop() {
        platform.close();
    }

    private String signIn(String name) {
        return "Bearer " + platform.send("POST", "/api/v1/auth/login", "{\"username\":\"" + name + "\",\"password\":\""
                + PASSWORD + "\"}").body().path("access_token").asText();
    }

    private void mark(String metrics) {
        var answer = platform.asOperator("PUT", "/api/v1/encryption", "{\"metrics\":[" + metrics
                + "],\"metadata\":[]}");
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    }

    private void send(String body) {
        assertThat(platform.as(device, "POST", "/api/v1/telemetry", body).status()).isEqualTo(201);
    }

    private Answer read(String path) {
        return platform.asOperator("GET", "/api/v1/telemetry/bracelet" + path, null);
    }

    private Answer readAsViewer(String path) {
        return platform.send("GET", "/api/v1/telemetry/bracelet" + path, null, "Authorization", viewer);
    }

    private void restart() {
        platform.close();
        platform = new LivePlatform(folder, Map.of());
    }

    private static byte[][] secrets() {
        var secrets = new ArrayList<byte[]>(List.of(TEXT.getBytes(StandardCharsets.UTF_8),
                Double.toString(NUMBER).getBytes(StandardCharsets.UTF_8),
                Long.toString(WHOLE).getBytes(StandardCharsets.UTF_8)));
        for (var bits : new long[] {Double.doubleToLongBits(NUMBER), WHOLE, Double.doubleToLongBits(WHOLE)}) {
            secrets.add(FolderSearch.big(bits));
            secrets.add(FolderSearch.little(bits));
        }
        return secrets.toArray(byte[][]::new);
    }

    private void nothingStandsInTheClear() throws Exception {
        assertThat(FolderSearch.filesWith(folder, secrets())).isEmpty();
    }

    @Test
    @Order(1)
    void noFileHasThemWhileAnswersDo() throws Exception {
        nothingStandsInTheClear();
        everythingIsAnswered();
        nothingStandsInTheClear();
        assertThat(FolderSearch.filesWith(folder, FolderSearch.little(Double.doubleToLongBits(61.5))))
                .as("what came before stands in the clear, or the search finds nothing at all").isNotEmpty();
        assertThat(platform.send("GET", "/metrics", null).whole().body())
                .contains("iotflow_encryption_sealed_total 40", "iotflow_encryption_unreadable_total 0");
    }

    private void everythingIsAnswered() {
        var latest = read("/latest").body();
        checkRow(latest.path("latest_data"), 9);
        assertThat(latest.path("timestamps").path("pulse").asText()).isEqualTo("2026-01-01T00:00:09Z");
        assertThat(latest.has("hidden") || latest.has("unreadable")).isFalse();
        var rows = read("?" + SPAN + "&order=asc").body().path("data");
        assertThat(rows).hasSize(10);
        for (var i = 0; i < 10; i++) checkRow(rows.path(i), i);
        assertThat(read("?start_time=2025-12-31T00:00:00Z&order=asc&limit=1&fields=pulse").body().at("/data/0/pulse")
                .asDouble()).as("from before it was sensitive").isEqualTo(61.5);
        var csv = read("/export?fields=pulse,note&" + SPAN).whole().body();
        assertThat(csv).contains("2026-01-01T00:00:00Z," + TEXT + "," + NUMBER);
        var own = platform.as(device, "GET", "/api/v1/devices/telemetry?" + SPAN, null).body();
        checkRow(own.at("/telemetry/0"), 9);
    }

    private static void checkRow(JsonNode row, int i) {
        assertThat(row.path("pulse").asDouble()).isEqualTo(NUMBER + i);
        assertThat(row.path("note").asText()).isEqualTo(TEXT);
        assertThat(row.path("location.worn").booleanValue()).isTrue();
        assertThat(row.path("location.place").longValue()).isEqualTo(WHOLE);
        assertThat(row.path("steps").asInt()).isEqualTo(i);
    }

    /// Its queues, retained messages and wills stand on disk.
    @Test
    @Order(2)
    void theBrokerDoesNotGetThem() throws Exception {
        var client = MqttClient.builder().useMqttVersion5().identifier("bracelet").serverHost("127.0.0.1")
                .serverPort(platform.platform().mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username("bracelet")
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().send();
        var harmless = "{\"place\":\"the hall on the left\",\"ts\":" + (AT - 100_000) + "}";
        for (var payload : List.of(harmless, "{\"note\":\"" + TEXT + "\",\"ts\":" + (AT - 50_000) + "}")) {
            client.publishWith().topic("devices/bracelet/telemetry").qos(MqttQos.AT_LEAST_ONCE).retain(true)
                    .payload(payload.getBytes(StandardCharsets.UTF_8)).send();
        }
        client.disconnect();
        assertThat(FolderSearch.filesWith(folder.resolve("mqtt"), harmless.getBytes(StandardCharsets.UTF_8)))
                .as("or the search proves nothing").isNotEmpty();
        nothingStandsInTheClear();
        var kept = read("?fields=note&order=asc&limit=1&start_time=2025-12-31T00:00:00Z").body().path("data");
        assertThat(kept.at("/0/note").asText()).isEqualTo(TEXT);
    }

    @Test
    @Order(2)
    void aggregatesAreMadeOfWhatIsInsideAndOfWhatCameBefore() {
        var day = read("/aggregated?fields=pulse,steps&aggregation=count,min,max&window=1d&" + SPAN).body()
                .at("/data/0");
        assertThat(day.at("/pulse/count").asInt()).isEqualTo(10);
        assertThat(day.at("/pulse/min").asDouble()).isEqualTo(NUMBER);
        assertThat(day.at("/pulse/max").asDouble()).isEqualTo(NUMBER + 9);
        assertThat(day.at("/steps/count").asInt()).isEqualTo(10);
        var both = read("/aggregated?field=pulse&aggregation=count&window=365d&start_time=2025-06-01T00:00:00Z").body();
        assertThat(both.path("data").valueStream().mapToInt(row -> row.path("value").asInt()).sum()).isEqualTo(11);
        assertThat(read("/aggregated?field=note&aggregation=last&window=1d&" + SPAN).body().at("/data/0/value")
                .asText()).isEqualTo(TEXT);
        assertThat(read("/aggregated?field=location.worn&aggregation=avg&window=1d&" + SPAN).body().at("/data/0/value")
                .asDouble()).isEqualTo(1);
        var fleet = platform.asOperator("GET", "/api/v1/analytics/fleet?metric=pulse&window=1d&aggregation=count&"
                + "start_time=2025-12-31T00:00:00Z", null).body();
        assertThat(fleet.path("data")).as("of all devices, only what is not sealed").hasSize(1);
        assertThat(fleet.at("/data/0/value").asInt()).isEqualTo(1);
    }

    @Test
    @Order(3)
    void aViewerSeesThatThereIsSomethingAndNotWhat() {
        var latest = readAsViewer("/latest").body();
        assertThat(latest.at("/latest_data/pulse").isNull()).isTrue();
        assertThat(latest.at("/latest_data/steps").asInt()).isEqualTo(9);
        assertThat(latest.path("hidden").toString()).isEqualTo("[\"location.place\",\"location.worn\",\"note\","
                + "\"pulse\"]");
        var rows = readAsViewer("?fields=pulse,steps&" + SPAN).body();
        assertThat(rows.path("data")).hasSize(10).allMatch(row -> row.get("pulse").isNull() && row.has("steps"));
        assertThat(rows.path("hidden").toString()).isEqualTo("[\"pulse\"]");
        var csv = readAsViewer("/export?fields=pulse,steps&" + SPAN).whole();
        assertThat(csv.headers().firstValue("X-Hidden-Metrics")).hasValue("pulse");
        assertThat(csv.body()).contains("2026-01-01T00:00:00Z,,0");
        var windows = readAsViewer("/aggregated?fields=pulse,steps&window=1d&" + SPAN).body();
        assertThat(windows.path("hidden").toString()).isEqualTo("[\"pulse\"]");
        assertThat(windows.at("/data/0").has("pulse")).isFalse();
        assertThat(windows.at("/data/0/steps/avg").asDouble()).isEqualTo(4.5);
        assertThat(readAsViewer("/aggregated?field=pulse&window=1d&" + SPAN).body().path("data")).isEmpty();
    }

    @Test
    @Order(4)
    void aRestartAndAReplayOfTheLogChangeNothing() throws Exception {
        platform.close();
        Files.delete(folder.resolve("journal/store.position"));
        Files.delete(folder.resolve("journal/lanes.position"));
        platform = new LivePlatform(folder, Map.of());
        everythingIsAnswered();
        nothingStandsInTheClear();
    }

    @Test
    @Order(5)
    void afterARotationOldAndNewAreBothReadable() {
        var rotated = platform.asOperator("POST", "/api/v1/encryption/rotate", null);
        assertThat(rotated.body().at("/key/version").asInt()).isEqualTo(2);
        assertThat(rotated.body().path("keys")).hasSize(2);
        send("{\"pulse\":70,\"ts\":" + (AT + 20_000) + "}");
        var pulses = read("?fields=pulse&order=asc&" + SPAN).body().path("data");
        assertThat(pulses).hasSize(11);
        assertThat(pulses.path(0).path("pulse").asDouble()).isEqualTo(NUMBER);
        assertThat(pulses.path(10).path("pulse").asDouble()).isEqualTo(70);
    }

    @Test
    @Order(6)
    void whatIsNoLongerSensitiveComesInTheClearAgain() {
        mark("\"note\"");
        send("{\"pulse\":71,\"ts\":" + (AT + 21_000) + "}");
        assertThat(readAsViewer("/latest?fields=pulse").body().at("/latest_data/pulse").asInt()).isEqualTo(71);
        var data = readAsViewer("?fields=pulse&limit=2&" + SPAN).body().path("data");
        assertThat(data.path(0).path("pulse").asInt()).isEqualTo(71);
        assertThat(data.path(1).path("pulse").isNull()).isTrue();
        mark("\"pulse\",\"note\",\"location.*\"");
    }

    @Test
    @Order(7)
    void sensitiveMetadataIsSealedInTheDatabaseAndShownToWhoMaySeeIt() throws Exception {
        var owner = "Nilüfer Öztürk-Karaca";
        assertThat(platform.asOperator("PUT", "/api/v1/encryption",
                "{\"metrics\":[\"pulse\",\"note\",\"location.*\"],\"metadata\":[\"owner\"]}").status()).isEqualTo(200);
        var made = platform.send("POST", "/api/v1/devices/register", "{\"name\":\"ring\",\"device_type\":\"ring\","
                + "\"metadata\":{\"owner\":{\"name\":\"" + owner + "\"},\"site\":\"A\"}}").body().path("device");
        assertThat(made.at("/metadata/owner/name").asText()).as("said by itself just now").isEqualTo(owner);
        var ring = "/api/v1/admin/devices/ring";
        assertThat(platform.asOperator("GET", ring, null).body().at("/device/metadata/owner/name").asText())
                .isEqualTo(owner);
        var own = platform.send("GET", "/api/v1/devices/status", null, "X-API-Key", made.path("api_key").asText());
        assertThat(own.body().at("/device/metadata/owner/name").asText()).isEqualTo(owner);
        for (var path : List.of(ring, "/api/v1/devices/ring/status")) {
            var seen = platform.send("GET", path, null, "Authorization", viewer).body().path("device");
            assertThat(seen.at("/metadata/owner").isNull()).isTrue();
            assertThat(seen.at("/metadata/site").asText()).isEqualTo("A");
            assertThat(seen.path("hidden_metadata").toString()).isEqualTo("[\"owner\"]");
        }
        assertThat(platform.send("GET", "/api/v1/admin/devices", null, "Authorization", viewer).whole().body())
                .doesNotContain("sealed", owner);
        var rows = platform.asOperator("POST", "/api/v1/devices/import", "name,device_type,location,metadata.owner\n"
                + "ring-2,ring,Hall 2,Ayşe\nring-1,ring,Hall 1,Özgür\n", "Content-Type", "text/csv").body()
                .path("rows");
        for (var row : rows) {
            var itself = platform.send("GET", "/api/v1/devices/status", null, "X-API-Key", row.path("api_key").asText())
                    .body().path("device");
            assertThat(itself.path("name").asText()).isEqualTo(row.path("name").asText());
            var isFirst = itself.path("name").asText().equals("ring-2");
            assertThat(itself.path("location").asText()).isEqualTo(isFirst ? "Hall 2" : "Hall 1");
            assertThat(itself.at("/metadata/owner").asText()).isEqualTo(isFirst ? "Ayşe" : "Özgür");
        }
        assertThat(rows.path(0).path("id").asLong()).as("numbered as they stand").isLessThan(rows.path(1).path("id")
                .asLong());
        change("{\"location\":\"Hall 2\"}");
        change("{\"metadata\":{\"owner\":null,\"site\":\"B\"}}");
        var changed = platform.asOperator("GET", ring, null).body().at("/device/metadata");
        assertThat(changed.at("/owner/name").asText()).as("a null leaves it").isEqualTo(owner);
        assertThat(changed.path("site").asText()).isEqualTo("B");
        var forged = platform.asOperator("PUT", ring, "{\"metadata\":{\"note\":{\"$sealed\":\"AQAA\"}}}");
        assertThat(forged.status()).isEqualTo(422);
        var audit = platform.asOperator("GET", "/api/v1/audit?target=ring", null).whole().body();
        assertThat(audit).contains("(sealed ").doesNotContain(owner, "$sealed");
        nothingStandsInTheClear();
        assertThat(FolderSearch.filesWith(folder, owner.getBytes(StandardCharsets.UTF_8))).isEmpty();
        change("{\"metadata\":{\"site\":\"B\"}}");
        assertThat(platform.asOperator("GET", ring, null).body().at("/device/metadata").has("owner")).isFalse();
        change("{\"metadata\":{\"owner\":\"" + owner + "\"}}");
    }

    private void change(String body) {
        var answer = platform.asOperator("PUT", "/api/v1/admin/devices/ring", body);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    }

    @Test
    @Order(8)
    void anOrganizationsKeysDoNotKeepItFromBeingDeleted() {
        var id = platform.asOperator("POST", "/api/v1/organizations", "{\"name\":\"clinic\"}").body().path("id")
                .asText();
        var named = platform.asOperator("PUT", "/api/v1/encryption",
                "{\"metrics\":[\"pulse\"],\"metadata\":[],\"organization_id\":" + id + "}").body();
        assertThat(named.path("organization_id").asText()).isEqualTo(id);
        assertThat(named.at("/inherited/metadata/0").asText()).isEqualTo("owner");
        assertThat(platform.asOperator("POST", "/api/v1/encryption/rotate", "{\"organization_id\":" + id + "}").body()
                .at("/key/version").asInt()).isEqualTo(1);
        assertThat(platform.asOperator("DELETE", "/api/v1/organizations/" + id, null).status()).isEqualTo(204);
        assertThat(platform.asOperator("GET", "/api/v1/encryption?organization_id=" + id, null).status())
                .isEqualTo(422);
    }

    @Test
    @Order(8)
    void whoeverManagesAnOrganizationManagesItsOwnKeysOnly() {
        var ward = platform.asOperator("POST", "/api/v1/organizations", "{\"name\":\"ward\"}").body().path("id")
                .asInt();
        platform.asOperator("POST", "/api/v1/users", "{\"name\":\"wanda\",\"password\":\"" + PASSWORD
                + "\",\"role\":\"admin\",\"organization_id\":" + ward + "}");
        var wanda = signIn("wanda");
        var named = platform.send("PUT", "/api/v1/encryption", "{\"metrics\":[\"steps\"],\"metadata\":[]}",
                "Authorization", wanda).body();
        assertThat(named.path("metrics").toString()).isEqualTo("[\"steps\"]");
        assertThat(named.path("organization_id").asInt()).isEqualTo(ward);
        assertThat(named.at("/inherited/metrics").toString()).contains("pulse");
        assertThat(platform.send("POST", "/api/v1/encryption/rotate", null, "Authorization", wanda).body()
                .path("keys")).hasSize(1);
        assertThat(platform.send("POST", "/api/v1/encryption/destroy", "{\"organization_id\":1}", "Authorization",
                wanda).status()).as("the root's").isEqualTo(422);
        assertThat(platform.send("POST", "/api/v1/encryption/destroy", "{\"organization_id\":" + ward + "}",
                "Authorization", wanda).body().path("destroyed_versions")).hasSize(1);
        assertThat(platform.send("GET", "/api/v1/encryption", null, "Authorization", viewer).status()).isEqualTo(403);
        checkRow(read("?" + SPAN + "&order=asc").body().at("/data/0"), 0);
    }

    @Test
    @Order(9)
    void onceTheKeysAreDestroyedNobodyReadsWhatTheyHaveSealed() {
        assertThat(platform.asOperator("POST", "/api/v1/encryption/destroy", "{}").status()).isEqualTo(422);
        var answer = platform.asOperator("POST", "/api/v1/encryption/destroy", "{\"organization_id\":1}");
        assertThat(answer.body().path("destroyed_versions").toString()).isEqualTo("[1,2]");
        for (var round = 0; round < 2; round++) {
            var rows = read("?fields=pulse,steps&order=asc&limit=10&" + SPAN).body();
            assertThat(rows.path("data")).hasSize(10).allMatch(row -> row.get("pulse").isNull());
            assertThat(rows.path("unreadable").toString()).isEqualTo("[\"pulse\"]");
            assertThat(read("/latest").body().path("unreadable").toString()).contains("note");
            assertThat(read("/aggregated?field=note&aggregation=count&window=1d&" + SPAN).body().path("unreadable")
                    .toString()).isEqualTo("[\"note\"]");
            var ring = platform.asOperator("GET", "/api/v1/admin/devices/ring", null).body().path("device");
            assertThat(ring.at("/metadata/owner").isNull()).isTrue();
            assertThat(ring.path("unreadable_metadata").toString()).isEqualTo("[\"owner\"]");
            if (round == 0) restart();
        }
        send("{\"pulse\":72,\"ts\":" + (AT + 22_000) + "}");
        assertThat(read("/latest?fields=pulse").body().at("/latest_data/pulse").asInt()).isEqualTo(72);
    }
}
