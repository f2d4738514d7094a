package io.iotflow.acceptance;

import io.iotflow.acceptance.PackagedPlatform.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Mosquitto's command line clients, signed in as somebody.
record Mosquitto(int port, String user, String password, String version) {
    private static final Path PUB = Path.of("/usr/bin/mosquitto_pub");
    private static final Path SUB = Path.of("/usr/bin/mosquitto_sub");
    private static final long PATIENCE_SECONDS = 30;

    static boolean isInstalled() {
        return Files.isExecutable(PUB) && Files.isExecutable(SUB);
    }

    static Mosquitto of(PackagedPlatform platform, Device device) {
        return new Mosquitto(platform.mqttPort(), device.name(), device.key(), "311");
    }

    static Mosquitto ofAdmin(PackagedPlatform platform) {
        return new Mosquitto(platform.mqttPort(), "admin", PackagedPlatform.TOKEN, "311");
    }

    Mosquitto speaking(String other) {
        return new Mosquitto(port, user, password, other);
    }

    /// What a client said before it ended.
    record Said(int code, String text) {}

    /// A client that runs: its output in a file, so that it can be looked at while it goes on.
    record Running(Process process, Path output) implements AutoCloseable {
        String text() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        List<String> lines() {
            return text().lines().filter(line -> !line.startsWith("Client ") && !line.startsWith("Subscribed ")
                    && !line.startsWith("Warning") && !line.isBlank()).toList();
        }

        Said end() throws InterruptedException {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) throw new AssertionError("still runs: " + text());
            return new Said(process.exitValue(), text());
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    Said publish(String topic, String payload, String... options) throws InterruptedException {
        try (var running = run(PUB, join(options, "-t", topic, "-m", payload, "-d"))) {
            return running.end();
        }
    }

    /// Starts a subscriber and waits until the platform has answered its subscription. Lines are `topic payload`.
    Running subscribe(String filter, String... options) {
        var running = run(SUB, join(options, "-t", filter, "-d", "-F", "> %t %p"));
        Await.until("SUBACK for " + filter, java.time.Duration.ofSeconds(PATIENCE_SECONDS),
                () -> running.text().contains("Subscribed (mid") || !running.process().isAlive());
        return running;
    }

    private Running run(Path program, String... options) {
        try {
            var command = new ArrayList<>(List.of("stdbuf", "-oL", program.toString(), "-h", "127.0.0.1", "-p",
                    Integer.toString(port), "-u", user, "-P", password, "-V", version));
            command.addAll(Arrays.asList(options));
            var output = Files.createTempFile("mosquitto-", ".txt");
            output.toFile().deleteOnExit();
            return new Running(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile())
                    .start(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String[] join(String[] some, String... others) {
        var all = new ArrayList<>(Arrays.asList(some));
        all.addAll(Arrays.asList(others));
        return all.toArray(String[]::new);
    }
}
