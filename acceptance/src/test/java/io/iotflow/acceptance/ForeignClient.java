package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A client that was not written here, in a process of its own; those for Node say a line of JSON for each thing that
/// happens.
record ForeignClient(Process process, Path said) implements AutoCloseable {
    static final Path NODE = Path.of("/usr/bin/node");
    private static final Path CLIENTS = Path.of("clients").toAbsolutePath();
    private static final Duration SOON = Duration.ofSeconds(30);

    /// Whether what `clients/package.json` names is there, after npm was asked for it.
    ///
    /// @param folder for what npm says
    static boolean areInstalled(Path folder) throws Exception {
        if (Files.isDirectory(CLIENTS.resolve("node_modules/aws-iot-device-sdk"))
                && Files.isDirectory(CLIENTS.resolve("node_modules/@awesomeorganization/hawkbit-ddi"))) return true;
        var npm = new ProcessBuilder("npm", "ci", "--no-progress", "--loglevel=error").directory(CLIENTS.toFile())
                .redirectErrorStream(true).redirectOutput(folder.resolve("npm.txt").toFile()).start();
        if (npm.waitFor(2, TimeUnit.MINUTES)) return npm.exitValue() == 0;
        npm.destroyForcibly();
        return false;
    }

    /// @param folder for what it says and for its own temporary files
    static ForeignClient of(Path folder, String... command) {
        try {
            var said = Files.createTempFile(folder, "client-", ".txt");
            var builder = new ProcessBuilder(command).directory(CLIENTS.toFile()).redirectErrorStream(true)
                    .redirectOutput(said.toFile());
            builder.environment().put("TMPDIR", folder.toString());
            return new ForeignClient(builder.start(), said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<JsonNode> events() {
        return text().lines().filter(line -> line.startsWith("{") && line.endsWith("}")).map(ForeignClient::json)
                .toList();
    }

    private static JsonNode json(String line) {
        try {
            return PackagedPlatform.JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    String text() {
        try {
            return Files.readString(said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitEvents(String event, int count) {
        Await.until(count + " times " + event, SOON, () -> {
            if (!process.isAlive() && process.exitValue() != 0) throw new IllegalStateException(text());
            return events().stream().filter(it -> it.path("event").asText().equals(event)).count() >= count;
        });
    }

    void awaitText(String text) {
        try {
            Await.until("it says " + text, SOON, () -> !process.isAlive() || text().contains(text));
        } finally {
            assertThat(text()).contains(text);
        }
    }

    void awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).as(text()).isTrue();
        assertThat(process.exitValue()).as(text()).isZero();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
