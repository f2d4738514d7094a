package io.iotflow.server.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.live.LivePlatform;
import io.iotflow.server.live.LivePlatform.Answer;
import io.iotflow.server.live.LivePlatform.Known;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Telemetry over HTTP into a whole platform, and what is there afterwards.
class IngestRoutesTest {
    private static final long TIME = 1_767_225_600_000L;

    @TempDir
    static Path folder;
    private static LivePlatform platform;

    @BeforeAll
    static void start() {
        platform = new LivePlatform(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static Answer post(Known device, String body) {
        return platform.as(device, "POST", "/api/v1/telemetry", body);
    }

    private static Answer batch(Known device, String type, String body) {
        return platform.as(device, "POST", "/api/v1/telemetry/batch", body, "Content-Type", type);
    }

    private static JsonNode rows(Known device) {
        return platform.as(device, "GET", "/api/v1/telemetry/" + device.id() + "?start_time=0&order=asc&limit=1000",
                null)
                .body().path("data");
    }

    private static boolean isOnline(Known device) {
        return platform.as(device, "GET", "/api/v1/devices/status", null).body().path("device").path("is_online")
                .asBoolean();
    }

    @Test
    void allFiveShapesMeanTheSame() {
        var device = platform.register("shapes");
        for (var body : new String[] {
            "{\"data\":{\"t\":23.5,\"door\":{\"open\":true}},"
                    + "\"metadata\":{\"a\":1},\"timestamp\":\"2026-01-01T00:00:00Z\"}",
            "{\"metrics\":{\"t\":23.5},\"timestamp\":" + (TIME + 1) + "}",
            "{\"values\":{\"t\":23.5},\"ts\":" + (TIME + 2) + "}",
            "{\"t\":23.5,\"ts\":" + (TIME + 3) + ",\"device_id\":99}",
            "[{\"ts\":" + (TIME + 4) + ",\"values\":{\"t\":23.5}},{\"t\":23.5,\"ts\":" + (TIME + 5) + "}]"}) {
            var answer = post(device, body);
            assertThat(answer.status()).as(body).isEqualTo(201);
        }
        var rows = rows(device);
        assertThat(rows).hasSize(6).allSatisfy(row -> assertThat(row.path("t").asDouble()).isEqualTo(23.5));
        assertThat(rows.get(0).path("door.open").asBoolean()).isTrue();
    }

    @Test
    void theAnswerIsExactlyWhatIsPromised() {
        var device = platform.register("exact");
        var answer = platform.as(device, "POST", "/api/v1/devices/telemetry", "{\"t\":1,\"ts\":" + TIME + "}");
        assertThat(answer.whole().body()).isEqualTo("{\"message\":\"Telemetry stored\",\"device_id\":" + device.id()
                + ",\"device_name\":\"exact\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"stored\":true,"
                + "\"stored_in_iotdb\":true}");
        assertThat(answer.status()).isEqualTo(201);
    }

    @Test
    void whatCannotBeKeptIsRefusedWithItsReason() {
        var device = platform.register("refused");
        for (var wrong : new String[] {"", "{", "nonsense", "5", "\"a\"", "null"}) {
            assertThat(post(device, wrong).status()).as(wrong).isEqualTo(400);
        }
        for (var wrong : new String[] {"{\"t\":1,\"ts\":-5000}", "{\"t\":1,\"ts\":\"1969-12-31T23:59:59Z\"}",
            "{\"t\":1,\"ts\":\"9999-12-31T00:00:00Z\"}", "{\"t\":1,\"ts\":\"yesterday\"}", "{\"bad name\":1}", "{}"}) {
            assertThat(post(device, wrong).status()).as(wrong).isIn(400, 422);
        }
        assertThat(post(device, "{\"t\":1}").status()).isEqualTo(201);
        var changed = post(device, "{\"t\":\"warm\"}");
        assertThat(changed.status()).isEqualTo(422);
        assertThat(changed.body().path("code").asText()).isEqualTo("type_changed");
        assertThat(post(device, "{\"t\":\"" + "x".repeat(300_000) + "\"}").status()).isEqualTo(413);
        assertThat(platform.as(device, "POST", "/api/v1/telemetry", "{\"t\":1}", "Content-Type", "text/plain").status())
                .isEqualTo(415);
        assertThat(platform.send("POST", "/api/v1/telemetry", "{\"t\":1}").status()).isEqualTo(401);
        assertThat(platform.asOperator("POST", "/api/v1/telemetry", "{\"t\":1}").status()).isEqualTo(403);
        assertThat(rows(device)).hasSize(1);
    }

    @Test
    void aDeviceMayNotSpeakForAnother() {
        var device = platform.register("honest");
        var other = platform.register("other");
        assertThat(platform.as(device, "POST", "/api/v1/mqtt/telemetry/" + other.id(), "{\"t\":1}")
                .status()).isEqualTo(404);
        assertThat(platform.as(device, "POST", "/api/v1/mqtt/telemetry/honest", "{\"t\":1}").status()).isEqualTo(201);
        assertThat(platform.asOperator("POST", "/api/v1/mqtt/telemetry/other", "{\"t\":1}").status()).isEqualTo(201);
        var answer = batch(device, "application/json",
                "[{\"t\":1},{\"device\":\"other\",\"t\":2},{\"device\":\"honest\",\"t\":3},{\"device\":"
                        + other.id() + ",\"t\":4}]");
        assertThat(answer.status()).isEqualTo(207);
        assertThat(answer.body().path("accepted").asInt()).isEqualTo(2);
        assertThat(answer.body().path("errors")).extracting(it -> it.path("index").asInt() + it.path("code").asText())
                .containsExactly("1not_found", "3not_found");
        assertThat(rows(other)).hasSize(1);
    }

    @Test
    void recordsOfABatchAreJudgedOneByOne() {
        var a = platform.register("batch-a");
        var b = platform.register("batch-b");
        var body = "\n{\"device\":\"batch-a\",\"t\":1,\"ts\":" + TIME + "}\r\n   \n{\"device\":\"batch-b\",\"t\":2}"
                + "\n[1]\n{nonsense\n"
                + "{\"t\":5}\n{\"device\":\"nobody\",\"t\":6}\n{\"device\":\"batch-a\",\"t\":\"word\"}\n"
                + "{\"device\":\"batch-a\",\"values\":{\"t\":7},\"ts\":" + (TIME + 1) + "}";
        var answer = platform.asOperator("POST", "/api/v1/telemetry/batch",
                body, "Content-Type", "application/x-ndjson");
        assertThat(answer.status()).isEqualTo(207);
        assertThat(answer.body().path("errors")).extracting(
                it -> it.path("index").asInt() + " " + it.path("code").asText())
                .containsExactly("2 malformed_request", "3 malformed_request", "4 invalid",
                        "5 not_found", "6 type_changed");
        assertThat(rows(a)).extracting(row -> row.path("t").asInt()).containsExactly(1, 7);
        assertThat(rows(b)).hasSize(1);
    }

    @Test
    void tablesAreReadAsPeopleWriteThem() {
        var device = platform.register("table");
        var answer = batch(device, "text/csv", "ts,temperature,note,is_open,count\r\n" + TIME
                + ",21.5,\"a \"\"quoted\"\", word\",true,007\r\n" + (TIME + 1) + ",,,false,\r\n\r\n" + (TIME + 2)
                + ",-3e2,\"two\nlines\",,\n");
        assertThat(answer.whole().body()).contains("\"accepted\":3");
        assertThat(answer.status()).isEqualTo(201);
        var rows = rows(device);
        assertThat(rows.get(0).path("temperature").asDouble()).isEqualTo(21.5);
        assertThat(rows.get(0).path("note").asText()).isEqualTo("a \"quoted\", word");
        assertThat(rows.get(0).path("is_open").asBoolean()).isTrue();
        assertThat(rows.get(0).path("count").asText()).isEqualTo("007");
        assertThat(rows.get(1).has("temperature")).isFalse();
        assertThat(rows.get(1).path("is_open").isBoolean()).isTrue();
        assertThat(rows.get(2).path("temperature").asDouble()).isEqualTo(-300);
        assertThat(rows.get(2).path("note").asText()).isEqualTo("two\nlines");
    }

    @Test
    void aBatchHasItsBounds() {
        var device = platform.register("bounds");
        assertThat(batch(device, "application/json", "[]").status()).isEqualTo(422);
        assertThat(batch(device, "application/json", "{}").status()).isEqualTo(400);
        assertThat(batch(device, "application/x-ndjson", "\n\n").status()).isEqualTo(422);
        assertThat(batch(device, "text/csv", "").status()).isIn(400, 422);
        assertThat(batch(device, "application/xml", "<a/>").status()).isEqualTo(415);
        var cut = batch(device, "application/json", "[{\"t\":1,\"ts\":" + TIME + "},{\"t\":2");
        assertThat(cut.status()).isEqualTo(400);
        assertThat(cut.body().path("detail").asText()).contains("the 1 taken before it are kept");
        assertThat(rows(device)).hasSize(1);
        var many = IntStream.rangeClosed(0, 10_000).mapToObj(n -> "{\"t\":1,\"ts\":" + (TIME + n) + "}")
                .collect(Collectors.joining("\n"));
        assertThat(batch(device, "application/x-ndjson", many).status()).isEqualTo(413);
    }

    @Test
    void aDeviceInQuarantineIsRefusedAndOneThatBeatsIsOnline() {
        var device = platform.register("patient");
        assertThat(platform.as(device, "POST", "/api/v1/devices/heartbeat", null).status()).isEqualTo(200);
        // Presence follows the log, a moment after the answer.
        var deadline = System.nanoTime() + 20_000_000_000L;
        while (!isOnline(device)) assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        platform.asOperator("PUT", "/api/v1/admin/devices/patient/status", "{\"status\":\"quarantined\"}");
        assertThat(post(device, "{\"t\":1}").status()).isEqualTo(403);
        assertThat(batch(device, "application/json", "[{\"t\":1}]").status()).isEqualTo(403);
        assertThat(platform.asOperator("POST", "/api/v1/mqtt/telemetry/patient", "{\"t\":1}").status()).isEqualTo(403);
    }
}
