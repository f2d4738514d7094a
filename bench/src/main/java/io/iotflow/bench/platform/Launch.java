package io.iotflow.bench.platform;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/// How a platform is started as another process, on free loopback ports and a data folder of its own.
///
/// @param command the launcher and what it is told, for example `iotflow run`
/// @param heap    the platform's largest heap, as after `-Xmx`
/// @param extra   environment of this start, beyond ports, folder and token
public record Launch(List<String> command, String heap, Map<String, String> extra) {
    private static final Duration START = Duration.ofSeconds(120);
    private static final int LOG_TAIL = 2_000;

    public Launch {
        command = List.copyOf(command);
        extra = Map.copyOf(extra);
    }

    /// A data folder that outlives one start. The folder and all in it are deleted at the end.
    public static Path newDataFolder() throws IOException {
        return Files.createTempDirectory("iotflow-bench-");
    }

    /// Starts it and returns at once.
    public Platform start(Path folder) throws IOException {
        int http = freePort();
        int mqtt = freePort();
        var token = HexFormat.of().formatHex(new SecureRandom().generateSeed(16));
        var builder = new ProcessBuilder(command);
        var environment = builder.environment();
        environment.put("IOTFLOW_DATA_FOLDER", folder.resolve("data").toString());
        environment.put("IOTFLOW_HTTP_PORT", Integer.toString(http));
        environment.put("IOTFLOW_MQTT_PORT", Integer.toString(mqtt));
        environment.put("IOTFLOW_ADMIN_TOKEN", token);
        environment.put("IOTFLOW_JAVA_OPTS", "-Xmx" + heap);
        environment.putAll(extra);
        var log = folder.resolve("platform.log");
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        long started = System.nanoTime();
        var child = Child.start(builder);
        return new Platform(new PlatformApi(URI.create("http://127.0.0.1:" + http), token),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), mqtt), child, log, started);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }

    /// A platform to be measured. Closing stops it when it was started here.
    public static final class Platform implements AutoCloseable {
        private final PlatformApi api;
        private final InetSocketAddress mqtt;
        private final Child child;
        private final Path log;
        private final long started;
        private final OptionalLong pid;

        private Platform(PlatformApi api, InetSocketAddress mqtt, Child child, Path log, long started) {
            this.api = api;
            this.mqtt = mqtt;
            this.child = child;
            this.log = log;
            this.started = started;
            pid = OptionalLong.of(child.pid());
        }

        /// One that runs already.
        ///
        /// @param pid empty when its memory and processor time cannot be seen
        public Platform(PlatformApi api, InetSocketAddress mqtt, OptionalLong pid) {
            this.api = api;
            this.mqtt = mqtt;
            this.pid = pid;
            child = null;
            log = null;
            started = System.nanoTime();
        }

        public PlatformApi api() {
            return api;
        }

        public InetSocketAddress mqtt() {
            return mqtt;
        }

        public OptionalLong pid() {
            return pid;
        }

        /// When its process was started, on the clock of [System#nanoTime].
        public long started() {
            return started;
        }

        public Platform awaitReady() throws IOException, InterruptedException {
            long end = System.nanoTime() + START.toNanos();
            while (!api.isReady()) {
                requireAlive();
                if (System.nanoTime() > end) throw new IOException("not ready within " + START.toSeconds() + " s");
                LockSupport.parkNanos(20_000_000);
            }
            return this;
        }

        /// Fails with the end of the platform's log when it has died.
        public void requireAlive() throws IOException {
            if (child == null || child.isAlive()) return;
            var text = Files.readString(log);
            throw new IOException("the platform ended with status " + child.status() + ":\n"
                    + text.substring(Math.max(0, text.length() - LOG_TAIL)));
        }

        @Override
        public void close() {
            if (child != null) child.close();
        }
    }
}
