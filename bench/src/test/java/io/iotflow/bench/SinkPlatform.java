package io.iotflow.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.iotflow.bench.load.NettySink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/// The sink behind the platform's HTTP calls that a benchmark makes, so that the benchmarks can be tried and their
/// honesty tested without a platform. It answers counts of what the sink kept, times three for three metrics.
///
/// As a program it listens where `IOTFLOW_HTTP_PORT` and `IOTFLOW_MQTT_PORT` say, until it is stopped.
public final class SinkPlatform implements AutoCloseable {
    static final String TOKEN = "operator";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int METRICS = 3;

    private final NettySink sink;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong rules = new AtomicLong();
    private final Map<String, String> names = new ConcurrentHashMap<>();
    private final String token;
    private final int metrics;
    final List<String> asked = new CopyOnWriteArrayList<>();

    SinkPlatform(NettySink.Manner manner) throws IOException {
        this(manner, TOKEN, 0, 0, METRICS);
    }

    SinkPlatform(NettySink.Manner manner, String token, int httpPort, int mqttPort, int metrics) throws IOException {
        this.token = token;
        this.metrics = metrics;
        sink = new NettySink(manner, "", mqttPort);
        http = HttpServer.create(new InetSocketAddress("127.0.0.1", httpPort), 128);
        http.setExecutor(threads);
        http.createContext("/", this::answer);
        http.start();
    }

    public static void main(String[] arguments) throws IOException {
        new SinkPlatform(NettySink.Manner.HONEST, System.getenv("IOTFLOW_ADMIN_TOKEN"),
                Integer.parseInt(System.getenv("IOTFLOW_HTTP_PORT")),
                Integer.parseInt(System.getenv("IOTFLOW_MQTT_PORT")), METRICS);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    int mqttPort() {
        return sink.address().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var body = exchange.getRequestBody().readAllBytes();
        asked.add(path);
        if (path.equals("/health/ready")) send(exchange, 200, "{}");
        else if (path.equals("/metrics")) send(exchange, 200, METRICS_TEXT + rulesText());
        else if (path.equals("/api/v1/devices/telemetry")) keep(exchange);
        else if (!("admin " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            send(exchange, 401, "{\"title\":\"Unauthorized\"}");
        } else if (path.equals("/api/v1/admin/devices")) register(exchange, body);
        else if (path.equals("/api/v1/telemetry/batch")) batch(exchange, body);
        else if (path.endsWith("/aggregated")) count(exchange, path);
        else if (path.endsWith("/shadow")) shadow(exchange, path);
        else if (path.equals("/api/v1/rules/replay")) send(exchange, 202, "{\"id\":1}");
        else if (path.startsWith("/api/v1/rules/replays/")) send(exchange, 200, REPLAY);
        else if (path.startsWith("/api/v1/rules")) rule(exchange);
        else send(exchange, 200, "{\"data\":[]}");
    }

    private static final String METRICS_TEXT = """
            # TYPE iotflow_store_lag_seconds gauge
            iotflow_store_lag_seconds 0.25
            jvm_memory_used_bytes{area="heap",id="G1 Eden Space"} 1.048576E6
            jvm_memory_used_bytes{area="heap",id="G1 Old Gen"} 1048576
            jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 5.0E9
            """;

    private static final String REPLAY = """
            {"state":"done","points":3000,"seconds":0.5,"would":{"begun":2}}""";

    /// As if each rule was for a tenth of the devices and was asked about each of their messages.
    private String rulesText() {
        long states = rules.get() * names.size() / 10;
        long kept = names.values().stream().mapToLong(sink::kept).sum();
        return "iotflow_rules_states " + states + "\niotflow_rules_bytes " + 150 * states
                + "\niotflow_rules_window_bytes 0\niotflow_rules_findings_total 0\niotflow_lanes_lag_bytes 0"
                + "\niotflow_rules_evaluations_total " + kept * rules.get() / 10 + "\n";
    }

    private void rule(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("DELETE")) {
            rules.decrementAndGet();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        } else send(exchange, 201, "{\"id\":" + rules.incrementAndGet() + "}");
    }

    private void register(HttpExchange exchange, byte[] body) throws IOException {
        var name = JSON.readTree(body).get("name").asText();
        long id = ids.incrementAndGet();
        names.put(Long.toString(id), name);
        send(exchange, 201, String.format(Locale.ROOT,
                "{\"device\":{\"id\":%d,\"name\":\"%s\",\"api_key\":\"key-%d\"}}", id, name, id));
    }

    private void keep(HttpExchange exchange) throws IOException {
        var key = exchange.getRequestHeaders().getFirst("X-API-Key");
        sink.keep(names.get(key.substring("key-".length())), 1);
        send(exchange, 201, "{\"stored\":true}");
    }

    private void batch(HttpExchange exchange, byte[] body) throws IOException {
        for (var line : new String(body, StandardCharsets.UTF_8).split("\n")) {
            sink.keep(names.get(JSON.readTree(line).get("device_id").asText()), 1);
        }
        send(exchange, 201, "{\"rejected\":0}");
    }

    private void count(HttpExchange exchange, String path) throws IOException {
        long kept = sink.kept(names.get(path.split("/")[4]));
        var row = new StringBuilder("{\"timestamp\":\"2026-01-01T00:00:00Z\"");
        for (int i = 0; i < metrics; i++) {
            row.append(",\"m").append(i).append("\":{\"count\":").append(kept).append('}');
        }
        send(exchange, 200, "{\"data\":[" + row + "}]}");
    }

    private void shadow(HttpExchange exchange, String path) throws IOException {
        send(exchange, 200, "{\"reported_version\":" + sink.kept(names.get(path.split("/")[4])) + "}");
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        http.stop(0);
        threads.close();
        sink.close();
    }
}
