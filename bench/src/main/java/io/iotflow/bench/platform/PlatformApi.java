package io.iotflow.bench.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.bench.load.Device;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The platform's HTTP calls that a benchmark needs, made as its operator. Thread-safe, blocking.
public final class PlatformApi {
    private static final int AT_ONCE = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5)).build();
    private final URI base;
    private final String adminToken;

    public PlatformApi(URI base, String adminToken) {
        this.base = base;
        this.adminToken = adminToken;
    }

    public URI base() {
        return base;
    }

    /// Whether `/health/ready` answers 200 now.
    public boolean isReady() throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(base.resolve("/health/ready")).timeout(Duration.ofSeconds(2)).build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /// Registers one device for each name, many at once.
    ///
    /// @param type from the name to the device's type
    public List<Device> register(List<String> names, UnaryOperator<String> type)
            throws IOException, InterruptedException {
        return Crowd.each(names, AT_ONCE, name -> register(name, type.apply(name)));
    }

    private Device register(String name, String type) throws IOException, InterruptedException {
        var device = post("/api/v1/admin/devices", JsonNodeFactory.instance.objectNode()
                .put("name", name).put("device_type", type)).path("device");
        if (!device.hasNonNull("id") || !device.hasNonNull("api_key")) {
            throw new IOException("registering " + name + " was answered without id and api_key");
        }
        return new Device(device.get("id").asText(), name, device.get("api_key").asText());
    }

    /// How many points of all metrics one device has in a closed range of time.
    ///
    /// @return empty when the store says that it has not caught up (`stale_by_ms`)
    public Optional<Long> points(Device device, long fromMicros, long toMicros)
            throws IOException, InterruptedException {
        var answer = get("/api/v1/telemetry/" + encode(device.id()) + "/aggregated?aggregation=count&window=1d"
                + "&start_time=" + fromMicros + "&end_time=" + (toMicros + 1));
        if (answer.path("stale_by_ms").asLong() > 0) return Optional.empty();
        long sum = 0;
        for (var row : answer.path("data")) sum += counts(row);
        return Optional.of(sum);
    }

    /// A row is `{timestamp, value}` or `{timestamp, <metric>: n or {"count": n}, …}`.
    private static long counts(JsonNode row) {
        long sum = 0;
        for (var field : row.properties()) {
            if (field.getKey().equals("timestamp")) continue;
            var value = field.getValue();
            sum += value.isObject() ? value.path("count").asLong() : value.asLong();
        }
        return sum;
    }

    public Metrics metrics() throws IOException, InterruptedException {
        return new Metrics(new String(send(request("/metrics").GET(), 200).body(), StandardCharsets.UTF_8));
    }

    public JsonNode get(String path) throws IOException, InterruptedException {
        return JSON.readTree(fetch(path));
    }

    /// An answer's bytes, not looked at.
    public byte[] fetch(String path) throws IOException, InterruptedException {
        return send(request(path).GET(), 200).body();
    }

    /// Makes or starts something.
    public JsonNode post(String path, JsonNode wish) throws IOException, InterruptedException {
        var answer = send(request(path).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(wish))), 200, 201, 202);
        return JSON.readTree(answer.body());
    }

    /// Uploads bytes.
    public void put(String path, byte[] body) throws IOException, InterruptedException {
        send(request(path).header("Content-Type", "application/octet-stream").PUT(BodyPublishers.ofByteArray(body)),
                200);
    }

    public void delete(String path) throws IOException, InterruptedException {
        send(request(path).DELETE(), 200, 204);
    }

    /// Server-sent events, for whoever closes them.
    InputStream events(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(base.resolve(path)).header("Authorization", "admin " + adminToken)
                .header("Accept", "text/event-stream").build();
        var answer = client.send(request, BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) throw new IOException(path + " was answered " + answer.statusCode());
        return answer.body();
    }

    /// Sends records of many devices, a JSON object a line. Any refused record is a failure.
    public void batch(byte[] ndjson, int length) throws IOException, InterruptedException {
        var answer = send(request("/api/v1/telemetry/batch").header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofByteArray(ndjson, 0, length)), 200, 201, 207);
        var outcome = JSON.readTree(answer.body());
        if (answer.statusCode() == 207 || outcome.path("rejected").asLong() > 0) {
            throw new IOException("records of a batch were refused: "
                    + new String(answer.body(), 0, Math.min(500, answer.body().length), StandardCharsets.UTF_8));
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE)
                .header("Authorization", "admin " + adminToken);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder builder, int... welcome)
            throws IOException, InterruptedException {
        var request = builder.build();
        var answer = client.send(request, BodyHandlers.ofByteArray());
        for (int status : welcome) if (answer.statusCode() == status) return answer;
        throw new IOException(request.method() + " " + request.uri().getPath() + " was answered "
                + answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8).strip());
    }

    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
