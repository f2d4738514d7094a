package io.iotflow.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Flag;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Callers;
import io.iotflow.server.http.HttpConfig;
import io.iotflow.server.http.HttpListener;
import io.iotflow.server.http.Json;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TelemetryRoutesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final DeviceId SENSOR = new DeviceId(7);
    private static final DeviceId ERASED = new DeviceId(9);
    private static final String[] ADMIN = {"Authorization", "admin operator-token"};
    private static final String[] DEVICE = {"X-API-Key", "device-key"};

    private TelemetryStore store;
    private HttpListener listener;
    private HttpClient client;
    private volatile Optional<Duration> stale = Optional.empty();

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        var clock = InstantSource.fixed(NOW);
        store = TelemetryStore.open(TelemetryConfig.USUAL, folder, clock);
        var config = new HttpConfig("127.0.0.1", 0, List.of(), 64, 4, 1_000, Duration.ofSeconds(5),
                Duration.ofSeconds(2), List.of());
        listener = new HttpListener(config, clock, List.of(TelemetryRoutesTest::authenticate), List.of(
                new TelemetryRoutes(store, new Directory(), atMost -> stale, (_, _, _, _) -> Optional.empty(),
                        (_, device, metrics, from, to) -> store.erase(device, metrics, from, to))));
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (var i = 0; i < 120; i++) {
            write(SENSOR, "temperature", -i, new Real(20 + i % 10));
            if (i % 2 == 0) write(SENSOR, "count", -i, new Whole(i));
        }
        write(SENSOR, "door", -3, new Text("open, \"wide\""));
        write(SENSOR, "on", -3, new Flag(true));
        write(ERASED, "secret", -5, new Real(1));
        store.commit();
        assertThat(store.awaitApplied(Duration.ofSeconds(20))).isTrue();
    }

    @AfterAll
    void close() {
        client.close();
        listener.close();
        store.close();
    }

    private static Optional<Caller> authenticate(String scheme, String credential) {
        return switch (scheme + " " + credential) {
            case "apikey device-key" -> Optional.of(Callers.device(SENSOR.value(), "sensor-7"));
            case "admin operator-token" -> Optional.of(Callers.ADMIN);
            default -> Optional.empty();
        };
    }

    private static final class Directory implements DeviceDirectory {
        @Override
        public Entry resolve(Caller caller, String idOrName) {
            var id = switch (idOrName) {
                case "7", "sensor-7" -> SENSOR;
                case "9" -> ERASED;
                default -> throw PlatformException.notFound("device");
            };
            if (caller instanceof Caller.Device it && !it.id().equals(id)) throw PlatformException.notFound("device");
            return new Entry(id, "sensor-" + id, "thermometer");
        }

        @Override
        public Map<String, String> units(DeviceId device) {
            return Map.of();
        }

        @Override
        public Optional<List<DeviceId>> visible(OrganizationPath scope) {
            return Optional.empty();
        }
    }

    @Test
    void answersRawRowsNewestFirst() throws Exception {
        var answer = json(get("/telemetry/sensor-7?limit=5", ADMIN), 200);
        assertThat(answer.path("device_id").asLong()).isEqualTo(7);
        assertThat(answer.path("device_name").asText()).isEqualTo("sensor-7");
        assertThat(answer.path("device_type").asText()).isEqualTo("thermometer");
        assertThat(answer.path("start_time").asText()).isEqualTo("2026-02-28T12:00:00Z");
        assertThat(answer.path("count").asInt()).isEqualTo(5);
        assertThat(answer.at("/data/0").toString())
                .isEqualTo("{\"timestamp\":\"2026-03-01T12:00:00Z\",\"count\":0,\"temperature\":20.0}");
        assertThat(answer.at("/data/3").toString()).isEqualTo("{\"timestamp\":\"2026-03-01T11:57:00Z\","
                + "\"door\":\"open, \\\"wide\\\"\",\"on\":true,\"temperature\":23.0}");
        assertThat(answer.path("next_cursor").asText()).isNotEmpty();
        assertThat(answer.has("stale_by_ms")).isFalse();
    }

    @Test
    void pagesToTheEndInBothOrders() throws Exception {
        for (var order : List.of("asc", "desc")) {
            var times = new ArrayList<String>();
            var path = "/telemetry/7?start_time=-3h&limit=7&order=" + order;
            for (var answer = json(get(path, DEVICE), 200); ; ) {
                answer.path("data").forEach(row -> times.add(row.path("timestamp").asText()));
                if (answer.path("next_cursor").isNull()) break;
                answer = json(get(path + "&cursor=" + answer.path("next_cursor").asText(), DEVICE), 200);
            }
            assertThat(times).hasSize(120).doesNotHaveDuplicates();
        }
    }

    @Test
    void answersTheSameRowsAsLines() throws Exception {
        var csv = get("/telemetry/7?format=csv&start_time=-3m&order=asc&end_time=2026-03-01T11:58:30Z", ADMIN);
        assertThat(csv.headers().firstValue("Content-Type")).hasValue("text/csv; charset=utf-8");
        assertThat(csv.body()).isEqualTo("timestamp,count,door,on,temperature\r\n"
                + "2026-03-01T11:57:00Z,,\"open, \"\"wide\"\"\",true,23.0\r\n"
                + "2026-03-01T11:58:00Z,2,,,22.0\r\n");
        var lines = get("/telemetry/7?format=ndjson&fields=count&limit=2", ADMIN);
        assertThat(lines.headers().firstValue("X-Next-Cursor")).isPresent();
        assertThat(lines.body()).isEqualTo("{\"timestamp\":\"2026-03-01T12:00:00Z\",\"count\":0}\n"
                + "{\"timestamp\":\"2026-03-01T11:58:00Z\",\"count\":2}\n");
    }

    @Test
    void answersTheDevicesOwn() throws Exception {
        var answer = json(get("/devices/telemetry?limit=3", DEVICE), 200);
        assertThat(answer.path("status").asText()).isEqualTo("success");
        assertThat(answer.path("telemetry")).hasSize(3);
        assertThat(answer.path("count").asInt()).isEqualTo(3);
        assertThat(answer.path("limit").asInt()).isEqualTo(3);
        assertThat(answer.path("start_time").asText()).isEqualTo("2026-02-28T12:00:00Z");
    }

    @Test
    void answersRangeAndStatus() throws Exception {
        var range = json(get("/telemetry/7/range?from=-10m&to=-5m&metric=temperature", ADMIN), 200);
        assertThat(range.path("data")).hasSize(5);
        var status = json(get("/telemetry/status", DEVICE), 200);
        assertThat(status.path("status").asText()).isEqualTo("healthy");
        assertThat(status.path("points_written").asLong()).isGreaterThanOrEqualTo(183);
    }

    @Test
    void answersLatestPerMetric() throws Exception {
        var answer = json(get("/telemetry/7/latest", DEVICE), 200);
        assertThat(answer.path("latest_data").toString()).isEqualTo("{\"timestamp\":\"2026-03-01T12:00:00Z\","
                + "\"count\":0,\"door\":\"open, \\\"wide\\\"\",\"on\":true,\"temperature\":20.0}");
        assertThat(answer.at("/timestamps/door").asText()).isEqualTo("2026-03-01T11:57:00Z");
    }

    @Test
    void answersWindows() throws Exception {
        var flat = json(get("/telemetry/7/aggregated?window=1h&field=temperature&aggregation=count", ADMIN), 200);
        assertThat(flat.path("data").toString()).isEqualTo("[{\"timestamp\":\"2026-03-01T10:00:00Z\",\"value\":59},"
                + "{\"timestamp\":\"2026-03-01T11:00:00Z\",\"value\":60},"
                + "{\"timestamp\":\"2026-03-01T12:00:00Z\",\"value\":1}]");
        assertThat(flat.path("next_cursor").isNull()).isTrue();
        var nested = json(get("/telemetry/7/aggregated?window=1d&aggregation=avg,max&fields=count,temperature"
                + "&timezone=" + URLEncoder.encode("Asia/Kathmandu", StandardCharsets.UTF_8), ADMIN), 200);
        assertThat(nested.at("/data/0/temperature/max").asDouble()).isEqualTo(29);
        assertThat(nested.at("/data/0/timestamp").asText()).isEqualTo("2026-02-28T18:15:00Z");
        assertThat(nested.path("aggregation").toString()).isEqualTo("[\"avg\",\"max\"]");
        var page = json(get("/telemetry/7/aggregated?window=1h&field=temperature&limit=2", ADMIN), 200);
        var rest = json(get("/telemetry/7/aggregated?window=1h&field=temperature&limit=2&cursor="
                + page.path("next_cursor").asText(), ADMIN), 200);
        assertThat(rest.path("data")).hasSize(1);
        var fleet = json(get("/analytics/fleet?metric=temperature&window=1d", ADMIN), 200);
        assertThat(fleet.at("/data/0/value").asDouble()).isEqualTo(24.5);
    }

    @Test
    void exportsEverythingOldestFirst() throws Exception {
        var lines = get("/telemetry/7/export?format=ndjson&start_time=2026-01-01", ADMIN).body().split("\n");
        assertThat(lines).hasSize(120);
        assertThat(lines[119]).startsWith("{\"timestamp\":\"2026-03-01T12:00:00Z\"");
        var csv = get("/telemetry/7/export", ADMIN);
        assertThat(csv.headers().firstValue("Content-Disposition")).hasValue("attachment; filename=\"sensor-7.csv\"");
        assertThat(csv.body().split("\r\n")).hasSize(121);
    }

    @Test
    void erasesForOperatorsOnly() throws Exception {
        var body = "{\"start_time\":\"-1h\",\"stop_time\":\"now\"}";
        assertThat(send("DELETE", "/telemetry/9", body, DEVICE).statusCode()).isEqualTo(403);
        stale = Optional.of(Duration.ofMillis(1_500));
        try {
            assertThat(send("DELETE", "/telemetry/9", body, ADMIN).statusCode()).isEqualTo(503);
            assertThat(json(get("/telemetry/9", ADMIN), 200).path("stale_by_ms").asLong()).isEqualTo(1_500);
        } finally {
            stale = Optional.empty();
        }
        var answer = json(send("DELETE", "/telemetry/9", body, ADMIN), 200);
        assertThat(answer.path("device_id").asLong()).isEqualTo(9);
        assertThat(json(get("/telemetry/9", ADMIN), 200).path("data")).isEmpty();
        assertThat(json(get("/telemetry/9/latest", ADMIN), 200).path("latest_data")).isEmpty();
    }

    @Test
    void refusesBadParametersByName() throws Exception {
        refused("/telemetry/7?limit=0", "limit");
        refused("/telemetry/7?limit=10001", "limit");
        refused("/telemetry/7?start_time=yesterday", "start_time");
        refused("/telemetry/7?start_time=-1h&end_time=-2h", "start_time");
        refused("/telemetry/7?order=up", "order");
        refused("/telemetry/7?format=xml", "format");
        refused("/telemetry/7?cursor=nonsense", "cursor");
        refused("/telemetry/7?cursor=a1&order=desc", "cursor");
        refused("/telemetry/7/range", "from");
        refused("/telemetry/7/export?format=json", "format");
        refused("/telemetry/7/aggregated?window=1q", "window");
        refused("/telemetry/7/aggregated?window=1s&start_time=2020-01-01&fill=null&field=temperature", "window");
        refused("/telemetry/7/aggregated?aggregation=avg,median", "aggregation");
        refused("/telemetry/7/aggregated?aggregation=avg&field=door", "aggregation");
        refused("/telemetry/7/aggregated?timezone=Mars/Olympus", "timezone");
        refused("/telemetry/7/aggregated?fill=zero", "fill");
        refused("/analytics/fleet", "metric");
        refused("/analytics/fleet?metric=x&aggregation=p99", "aggregation");
        assertThat(get("/telemetry/8", ADMIN).statusCode()).isEqualTo(404);
        assertThat(get("/telemetry/9", DEVICE).statusCode()).isEqualTo(404);
        assertThat(get("/telemetry/7").statusCode()).isEqualTo(401);
        assertThat(send("DELETE", "/telemetry/7", "{\"start_time\":\"-1h\"}", ADMIN).body()).contains("stop_time");
    }

    private void refused(String path, String field) throws Exception {
        var answer = json(get(path, ADMIN), 422);
        assertThat(answer.at("/errors/0/field").asText()).as(path).isEqualTo(field);
    }

    private static JsonNode json(HttpResponse<String> response, int status) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return Json.mapper().readTree(response.body());
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        return send("GET", path, null, headers);
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/api/v1" + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private void write(DeviceId device, String metric, int minutes, Value value) {
        var measurement = new Measurement(metric, TimeSpan.micros(NOW.plus(Duration.ofMinutes(minutes))), value);
        store.append(device, measurement);
        store.series().observe(device, measurement);
    }
}
