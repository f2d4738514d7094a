package io.iotflow.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(60)
class SimulateCommandTest {
    private record Outcome(int code, String out, String err) {}

    @TempDir
    Path folder;

    private Outcome run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var line = new CommandLine(new SimulateCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        var all = new ArrayList<>(List.of("--key-file", folder.resolve("keys.json").toString()));
        all.addAll(List.of(arguments));
        return new Outcome(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
    }

    private void failsPlainly(int code, String words, String... arguments) {
        var outcome = run(arguments);
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
        assertThat(outcome.err()).contains(words).doesNotContain("\tat ").doesNotContain("Exception");
    }

    @Test
    void whatCannotBeReachedIsNamed() throws Exception {
        int closed;
        try (var socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        var port = Integer.toString(closed);
        failsPlainly(1, "Cannot reach MQTT at no-such-host.invalid:1883: unknown host",
                "--host", "no-such-host.invalid");
        failsPlainly(1, "Cannot reach the platform at http://no-such-host.invalid:8080: unknown host",
                "--host", "no-such-host.invalid", "--protocol", "http");
        failsPlainly(1, "Cannot reach MQTT at 127.0.0.1:" + port + ": connection refused",
                "--host", "127.0.0.1", "--mqtt-port", port);
        failsPlainly(1, "connection refused. Is it running?",
                "--host", "127.0.0.1", "--http-port", port, "--protocol", "http");
    }

    @Test
    void wrongOptionsAreExplained() {
        failsPlainly(2, "There is no device type \"toaster\"; there are temperature, door_lock", "--type", "toaster");
        failsPlainly(2, "There is no preset \"castle\"", "--preset", "castle");
        failsPlainly(2, "There is no profile \"lazy\"", "--profile", "lazy");
        failsPlainly(2, "There is no protocol \"coap\"", "--protocol", "coap");
        failsPlainly(2, "exclude each other", "--type", "camera", "--preset", "home");
        failsPlainly(2, "not a duration", "--duration", "long");
        failsPlainly(2, "--duration is more than nothing", "--duration", "0");
        failsPlainly(2, "--speed", "--speed", "0.5");
        failsPlainly(2, "--mqtt-port", "--mqtt-port", "70000");
        failsPlainly(2, "not a host name", "--host", "two words");
        failsPlainly(2, "share from 0 to 1", "--drop", "1.5");
        failsPlainly(2, "at least one device", "--devices", "camera=0");
        failsPlainly(2, "at most 5000", "--devices", "camera=100000000");
        failsPlainly(2, "no count is negative", "--devices", "camera=-3");
        failsPlainly(2, "--api-key", "--preset", "home", "--api-key", "k");
        failsPlainly(2, "must not lie in the future", "--start", "2999-01-01T00:00:00Z", "--host", "127.0.0.1");
        failsPlainly(2, "Unknown option", "--colour");
    }

    @Test
    void aDamagedKeyFileIsNamed() throws Exception {
        try (var platform = new StandInPlatform()) {
            Files.writeString(folder.resolve("keys.json"), "not json");
            var target = platform.target(Target.Protocol.MQTT);
            failsPlainly(1, "keys.json cannot be read as JSON", "--host", target.host(),
                    "--mqtt-port", Integer.toString(target.mqttPort()),
                    "--http-port", Integer.toString(target.httpPort()));
        }
    }

    @Test
    void aFleetOfOnesOwnEndsWithASummary() throws Exception {
        try (var platform = new StandInPlatform()) {
            var outcome = against(platform, "--devices", "temperature=3,camera=1", "--duration", "10m");
            assertThat(outcome.code()).as(outcome.err()).isZero();
            assertThat(outcome.out()).contains("Pretending 4 device(s)", "sim-temperature-3", "sim-camera-1",
                    "ack p99", "4 devices").doesNotContain("NaN");
            assertThat(platform.requestsTo("/devices/register")).hasSize(4);
        }
    }

    @Test
    void anExistingDeviceNeedsNoRegistration() throws Exception {
        try (var platform = new StandInPlatform()) {
            assertThat(against(platform, "--name", "mine", "--type", "thermostat", "--duration", "10m").code())
                .isZero();
            var key = Json.MAPPER.readTree(folder.resolve("keys.json").toFile()).findValue("api_key").asText();
            var outcome = against(platform, "--name", "mine", "--type", "thermostat", "--duration", "10m",
                "--api-key", key);
            assertThat(outcome.code()).as(outcome.err()).isZero();
            assertThat(platform.requestsTo("/devices/register")).hasSize(1);
        }
    }

    @Test
    void aWrongKeyEndsTheDeviceWithASentence() throws Exception {
        try (var platform = new StandInPlatform()) {
            var outcome = against(platform, "--name", "mine", "--duration", "10m", "--api-key", "wrong");
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).contains("does not take the key given with --api-key");
            assertThat(outcome.out()).contains("failed");
        }
    }

    @Test
    void mosquittoSeesWhatIsSent() throws Exception {
        var tool = Stream.of(System.getenv("PATH").split(":")).map(part -> Path.of(part, "mosquitto_sub"))
                .filter(Files::isExecutable).findFirst();
        assumeThat(tool).as("mosquitto_sub is not installed (Debian: mosquitto-clients)").isPresent();
        try (var platform = new StandInPlatform()) {
            var seen = folder.resolve("seen.txt");
            var watching = new ProcessBuilder(tool.orElseThrow().toString(), "-h", "127.0.0.1",
                    "-p", Integer.toString(platform.mqttPort()), "-u", "watcher", "-P", "watcher",
                    "-t", "devices/+/telemetry", "-C", "5", "-W", "20", "-v").redirectErrorStream(true)
                    .redirectOutput(seen.toFile()).start();
            try {
                assertThat(against(platform, "--type", "door_lock", "--telemetry-interval", "300ms",
                        "--duration", "4s", "--speed", "1").code()).isZero();
                assertThat(watching.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(Files.readAllLines(seen, StandardCharsets.UTF_8)).hasSize(5).allSatisfy(line ->
                        assertThat(line).startsWith("devices/").contains("/telemetry {\"timestamp\":", "\"locked\":"));
            } finally {
                watching.destroy();
            }
        }
    }

    private Outcome against(StandInPlatform platform, String... arguments) {
        var target = platform.target(Target.Protocol.MQTT);
        var all = new ArrayList<>(List.of("--host", target.host(), "--mqtt-port", Integer.toString(target.mqttPort()),
                "--http-port", Integer.toString(target.httpPort())));
        if (!List.of(arguments).contains("--speed")) all.addAll(List.of("--speed", "1000"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }
}
