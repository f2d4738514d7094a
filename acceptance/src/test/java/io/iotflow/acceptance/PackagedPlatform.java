package io.iotflow.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// The packaged platform as another process, on free loopback ports. The data folder belongs to the caller, so that a
/// next start may find it. Closing stops it by its own process id, waits for its end, and finds no secret in its log.
final class PackagedPlatform implements AutoCloseable {
    static final String TOKEN = HexFormat.of().formatHex(new SecureRandom().generateSeed(16));
    static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration START = Duration.ofSeconds(120);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10)).build();

    private final Process process;
    private final Thread hook;
    private final Path log;
    private final int httpPort;
    private final int mqttPort;
    private final int websocketPort;
    private final int tlsPort;
    private final int httpsPort;

    /// What the platform answered to one request.
    record Answer(int status, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(body, e);
            }
        }
    }

    /// A registered device and its key.
    record Device(long id, String name, String key) {}

    private PackagedPlatform(Process process, Path log, int... ports) {
        this.process = process;
        this.log = log;
        httpPort = ports[0];
        mqttPort = ports[1];
        websocketPort = ports[2];
        tlsPort = ports[3];
        httpsPort = ports[4];
        hook = new Thread(process::destroyForcibly, "stop-platform");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// Starts it with open registration and waits until it is ready.
    ///
    /// @param options further arguments of `iotflow run`
    static PackagedPlatform start(Path data, String... options) {
        return launch(List.of(), data, options).awaitReady();
    }

    /// Starts it and returns at once.
    ///
    /// @param wrapper what the command is handed to, such as `setpriv …`
    static PackagedPlatform launch(List<String> wrapper, Path data, String... options) {
        try {
            var ports = freePorts(5);
            var log = log(data);
            var command = new ArrayList<>(wrapper);
            command.addAll(List.of(program().toString(), "run", "--dev", "--data", data.toString(),
                    "--config", "/dev/null",
                    "--set", "http.host=127.0.0.1", "--set", "http.port=" + ports[0],
                    "--set", "mqtt.host=127.0.0.1", "--set", "mqtt.port=" + ports[1],
                    "--set", "mqtt.websocket_port=" + ports[2], "--set", "mqtt.tls_port=" + ports[3],
                    "--set", "http.tls_port=" + ports[4],
                    "--set", "registration.limit=10000"));
            command.addAll(Arrays.asList(options));
            var builder = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().put("IOTFLOW_ADMIN_TOKEN", TOKEN);
            // It is stopped before the second compiler pays.
            builder.environment().putIfAbsent("IOTFLOW_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
            return new PackagedPlatform(builder.start(), log, ports);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The launcher of the distribution that the build has made.
    static Path program() {
        var program = Path.of(System.getProperty("iotflow.home", "../server/target/iotflow"), "bin", "iotflow")
                .toAbsolutePath().normalize();
        if (!Files.isExecutable(program)) {
            throw new IllegalStateException(program + " is not there; build it with ./iotflow build");
        }
        return program;
    }

    /// Beside the data folder, so that it outlives the folder's content.
    private static Path log(Path data) {
        return data.resolveSibling(data.getFileName() + ".log");
    }

    /// Of those that Linux, unless it is told otherwise, gives to no outgoing connection: they are free still when the
    /// platform comes to them.
    static int[] freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            while (sockets.size() < count) {
                var port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
                try {
                    sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
                } catch (BindException _) {
                    // taken
                }
            }
            return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
        } finally {
            for (var socket : sockets) socket.close();
        }
    }

    PackagedPlatform awaitReady() {
        try {
            Await.until("the platform is ready", START, () -> {
                if (!process.isAlive()) throw new IllegalStateException("ended with " + process.exitValue());
                return isReady();
            });
            return this;
        } catch (RuntimeException | Error failure) {
            kill9();
            throw new IllegalStateException(failure.getMessage() + "\n" + logText(), failure);
        }
    }

    private boolean isReady() {
        try {
            return send(HttpRequest.newBuilder(uri("/health/ready")).build()).status() == 200;
        } catch (UncheckedIOException _) {
            return false; // not listening yet
        }
    }

    Process process() {
        return process;
    }

    int mqttPort() {
        return mqttPort;
    }

    int httpPort() {
        return httpPort;
    }

    int websocketPort() {
        return websocketPort;
    }

    int tlsPort() {
        return tlsPort;
    }

    int httpsPort() {
        return httpsPort;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + httpPort + path);
    }

    Device register(String name) {
        var answer = send("POST", "/api/v1/devices/register", "{\"name\":\"" + name + "\",\"device_type\":\"probe\"}");
        if (answer.status() != 201) throw new AssertionError("registration: " + answer);
        var device = answer.json().path("device");
        return new Device(device.path("id").asLong(), name, device.path("api_key").asText());
    }

    Answer asAdmin(String method, String path, String body) {
        return send(method, path, body, "Authorization", "admin " + TOKEN);
    }

    Answer asAdmin(String path) {
        return asAdmin("GET", path, null);
    }

    Answer as(Device device, String method, String path, String body) {
        return send(method, path, body, "X-API-Key", device.key());
    }

    Answer send(String method, String path, String body, String... headers) {
        Secrets.addFrom(body);
        return send(method, path, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body), headers);
    }

    Answer send(String method, String path, BodyPublisher body, String... headers) {
        var request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60)).method(method, body)
                .header("Content-Type", "application/json");
        for (int i = 0; i < headers.length; i += 2) request.setHeader(headers[i], headers[i + 1]);
        return send(request.build());
    }

    private static Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());
            Secrets.addFrom(response.body());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void awaitHealthy() {
        Await.until("/health is healthy", Duration.ofSeconds(60),
                () -> send("GET", "/health", (String) null).json().path("status").asText().equals("healthy"));
    }

    /// Every process that belongs to it, itself included.
    List<ProcessHandle> processTree() {
        var tree = new ArrayList<ProcessHandle>();
        tree.add(process.toHandle());
        process.descendants().forEach(tree::add);
        return tree;
    }

    /// Kills the platform's own process as the kernel would when memory is short; what it had started is left to
    /// itself.
    void kill9() {
        process.destroyForcibly();
        awaitExit(STOP);
    }

    /// Asks it to stop (SIGTERM), waits for that and answers its exit code.
    int terminate() {
        process.destroy();
        return awaitExit(STOP);
    }

    private int awaitExit(Duration atMost) {
        try {
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("the platform did not end within " + atMost + "\n" + logText());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// All it has said on both streams, over every start on this data folder.
    String logText() {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        if (process.isAlive()) terminate();
        Secrets.add(TOKEN);
        Secrets.requireNoneIn(logText());
    }
}
