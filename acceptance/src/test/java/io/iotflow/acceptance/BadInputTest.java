package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.acceptance.PackagedPlatform.Answer;
import io.iotflow.acceptance.PackagedPlatform.Device;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What bad input gets: a clear refusal in the protocol's own words, and no effect on anyone else.
class BadInputTest {
    private static final String TELEMETRY = "/api/v1/devices/telemetry";
    /// What another device may feel of a flood, on a machine that does other things too.
    private static final Duration SANE = Duration.ofMillis(500);

    @TempDir
    static Path folder;

    private static PackagedPlatform platform;
    private static Device device;
    private static Device bystander;

    @BeforeAll
    static void start() {
        platform = PackagedPlatform.start(folder.resolve("data"));
        device = platform.register("clumsy");
        bystander = platform.register("bystander");
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    @AfterEach
    void nobodyElseIsConcerned() {
        platform.awaitHealthy();
        assertThat(platform.as(bystander, "POST", TELEMETRY, "{\"fine\":1}").status()).isEqualTo(201);
        assertThat(platform.logText()).as("no stack trace").doesNotContain("\tat ");
    }

    private static void check(String body, int status) {
        var answer = platform.as(device, "POST", TELEMETRY, body);
        assertThat(answer.status()).as("%.60s: %s", body, answer.body()).isEqualTo(status);
        refused(answer, status);
    }

    private static void refused(Answer answer, int status) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        var problem = answer.json();
        for (var field : List.of("type", "title", "status", "detail", "code", "hint", "error", "message")) {
            assertThat(problem.has(field)).as("%s in %s", field, answer.body()).isTrue();
        }
        assertThat(answer.body()).doesNotContain("Exception").doesNotContain("io.iotflow");
    }

    @Test
    void malformedBodiesAreRefused() {
        check("", 400);
        check("{", 400);
        check("{\"a\":1", 400);
        check("not json", 400);
        check("7", 400);
        check("\"text\"", 400);
        check("{\"a\":NaN}", 400);
        check("{\"a\":Infinity}", 400);
        check("{\"a\":1}{\"b\":2}", 400);
        var invalid = new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xC3, (byte) 0x28, (byte) 0xFF, '"', '}'};
        refused(platform.send("POST", TELEMETRY, BodyPublishers.ofByteArray(invalid), "X-API-Key", device.key()), 400);
    }

    @Test
    void whatIsUnderstoodButWrongIsRefusedWithItsFields() {
        check("{}", 422);
        check("{\"values\":{}}", 422);
        check("{\"a\":1e999}", 422);
        check("{\"\":1}", 422);
        check("{\"with space\":1}", 422);
        check("{\"" + "n".repeat(129) + "\":1}", 422);
        check("{\"values\":{\"a\":1},\"ts\":\"yesterday-ish\"}", 422);
        check("{\"values\":{\"a\":1},\"ts\":\"" + Instant.now().plusSeconds(86_400) + "\"}", 422);
        check("{\"values\":{\"a\":1},\"ts\":99999999999999999999}", 422);
        var errors = platform.as(device, "POST", TELEMETRY, "{\"with space\":1}").json().path("errors");
        assertThat(errors.isEmpty()).as("the fields are named").isFalse();
    }

    @Test
    void aMetricThatChangesItsTypeIsRefused() {
        assertThat(platform.as(device, "POST", TELEMETRY, "{\"typed\":1}").status()).isEqualTo(201);
        var answer = platform.as(device, "POST", TELEMETRY, "{\"typed\":\"one\"}");
        refused(answer, 422);
        assertThat(answer.json().path("code").asText()).isEqualTo("type_changed");
        assertThat(answer.json().path("detail").asText()).contains("typed");
    }

    @Test
    void tenThousandMetricsAreRefused() {
        check(IntStream.range(0, 10_000).mapToObj(i -> "\"m" + i + "\":1").collect(Collectors.joining(",", "{", "}")),
                413);
    }

    @Test
    void deepNestingIsRefused() {
        check("{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000), 413);
        assertThat(platform.as(device, "POST", TELEMETRY, "[".repeat(100_000)).status()).isBetween(400, 422);
    }

    @Test
    void anOversizeMessageIsRefused() {
        check("{\"a\":\"" + "x".repeat(300 << 10) + "\"}", 413);
    }

    /// A client that writes it all before it reads must get the answer all the same, not now and then a broken
    /// connection.
    @Test
    void aFarTooLargeBodyIsRefusedInWords() {
        var body = "{\"name\":\"" + "x".repeat(2 << 20) + "\"}";
        for (int i = 0; i < 20; i++) refused(platform.send("POST", "/api/v1/devices/register", body), 413);
    }

    @Test
    void wrongCredentialsAreRefused() {
        refused(platform.send("POST", TELEMETRY, "{\"a\":1}"), 401);
        refused(platform.send("POST", TELEMETRY, "{\"a\":1}", "X-API-Key", "x".repeat(32)), 401);
        refused(platform.send("POST", TELEMETRY, "{\"a\":1}", "X-API-Key", "é".repeat(5_000)), 401);
        refused(platform.send("GET", "/api/v1/admin/devices", (String) null, "Authorization", "admin wrong"), 401);
        refused(platform.as(device, "GET", "/api/v1/telemetry/" + bystander.id() + "/latest", null), 404);
    }

    @Test
    void randomBytesToTheMqttPortDisturbNobody() throws IOException {
        var random = new Random(7);
        for (int i = 0; i < 50; i++) {
            var bytes = new byte[random.nextInt(1, 2_000)];
            random.nextBytes(bytes);
            if (i % 2 == 0) bytes[0] = 0x10;
            writeAndLeave(bytes);
        }
        writeAndLeave("GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void randomBytesBehindASignInDisturbNobody() throws IOException {
        var random = new Random(8);
        for (int i = 0; i < 30; i++) {
            var bytes = new byte[random.nextInt(2, 500)];
            random.nextBytes(bytes);
            try (var mqtt = RawMqtt.connect(platform.mqttPort(), device.name(), device.name(), device.key())) {
                try {
                    mqtt.write(bytes);
                } catch (IOException _) {
                    // closed on us, as it may
                }
            }
        }
    }

    @Test
    void badTelemetryOverMqttDisturbsNobody() throws IOException {
        for (var payload : List.of("", "{", "{\"a\":NaN}", "[".repeat(10_000), "{\"values\":5}", "\u0000\u0001")) {
            try (var mqtt = RawMqtt.connect(platform.mqttPort(), device.name(), device.name(), device.key())) {
                mqtt.write(RawMqtt.publish("devices/" + device.name() + "/telemetry",
                        payload.getBytes(StandardCharsets.UTF_8), 1));
                awaitAnswerOrEnd(mqtt);
            }
        }
        try (var mqtt = RawMqtt.connect(platform.mqttPort(), device.name(), device.name(), device.key())) {
            mqtt.write(RawMqtt.publish("devices/" + device.name() + "/telemetry", new byte[400 << 10], 1));
            awaitAnswerOrEnd(mqtt);
        } catch (IOException _) {
            // too large: closed while it was still being sent
        }
    }

    private static void awaitAnswerOrEnd(RawMqtt mqtt) {
        try {
            mqtt.read();
        } catch (IOException _) {
            // 3.1.1 has no other word for a refusal than the end
        }
    }

    private static void writeAndLeave(byte[] bytes) throws IOException {
        try (var mqtt = RawMqtt.open(platform.mqttPort())) {
            try {
                mqtt.write(bytes);
            } catch (IOException _) {
                // closed on us, as it may
            }
        }
    }

    @Test
    void connectionsThatSayNothingDisturbNobody() throws IOException {
        var open = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 300; i++) {
                var socket = new Socket(InetAddress.getLoopbackAddress(),
                        i % 2 == 0 ? platform.mqttPort() : platform.httpPort());
                open.add(socket);
                if (i % 4 == 0) socket.getOutputStream().write(0x10);
                if (i % 4 == 1) socket.getOutputStream().write("POST / HT".getBytes(StandardCharsets.US_ASCII));
                if (i % 4 == 2) socket.shutdownOutput();
            }
            assertThat(worstLatency(50)).isLessThan(SANE.multipliedBy(2));
        } finally {
            for (var socket : open) socket.close();
        }
    }

    @Test
    void aClientThatNeverReadsDisturbsNobody() throws IOException {
        var talker = platform.register("talker");
        try (var deaf = RawMqtt.connect(platform.mqttPort(), "deaf", "admin", PackagedPlatform.TOKEN);
             var mqtt = RawMqtt.connect(platform.mqttPort(), talker.name(), talker.name(), talker.key())) {
            deaf.write(RawMqtt.subscribe("devices/" + talker.id() + "/telemetry", 1));
            assertThat(deaf.read().type()).isEqualTo(RawMqtt.SUBACK);
            // Far more than the sockets' buffers hold, acknowledged one by one.
            var payload = ("{\"text\":\"" + "x".repeat(50_000) + "\"}").getBytes(StandardCharsets.US_ASCII);
            for (int i = 1; i <= 600; i++) {
                mqtt.write(RawMqtt.publish("devices/" + talker.id() + "/telemetry", payload, i));
                assertThat(mqtt.read().type()).isEqualTo(RawMqtt.PUBACK);
            }
            assertThat(worstLatency(50)).isLessThan(SANE.multipliedBy(2));
        }
    }

    @Test
    void aFloodOnOneConnectionLeavesOthersTheirLatency() throws Exception {
        var flooder = platform.register("flooder");
        var flood = RawMqtt.publish("devices/" + flooder.name() + "/telemetry",
                "{\"n\":1}".getBytes(StandardCharsets.US_ASCII), 0);
        var packets = new byte[flood.length * 1_000];
        for (int i = 0; i < packets.length; i += flood.length) System.arraycopy(flood, 0, packets, i, flood.length);
        try (var mqtt = RawMqtt.connect(platform.mqttPort(), flooder.name(), flooder.name(), flooder.key())) {
            var flooding = Thread.ofVirtual().start(() -> {
                try {
                    while (true) mqtt.write(packets);
                } catch (IOException _) {
                    // the test has ended, or the platform has had enough
                }
            });
            var latencies = latencies(300);
            System.out.println("QoS 1 beside a flood: median " + latencies[150] / 1_000 + " µs, p99 "
                    + latencies[297] / 1_000 + " µs, worst " + latencies[299] / 1_000 + " µs; flood still on: "
                    + flooding.isAlive());
            assertThat(Duration.ofNanos(latencies[297])).isLessThan(SANE);
            mqtt.socket().close();
            flooding.join();
        }
    }

    private static Duration worstLatency(int messages) throws IOException {
        return Duration.ofNanos(latencies(messages)[messages - 1]);
    }

    /// Acknowledgement times of the bystander's messages in nanoseconds, sorted.
    private static long[] latencies(int messages) throws IOException {
        var times = new long[messages];
        try (var mqtt = RawMqtt.connect(platform.mqttPort(), bystander.name(), bystander.name(), bystander.key())) {
            for (int i = 0; i < messages; i++) {
                var began = System.nanoTime();
                mqtt.write(RawMqtt.publish("devices/" + bystander.name() + "/telemetry",
                        ("{\"n\":" + i + "}").getBytes(StandardCharsets.US_ASCII), i + 1));
                assertThat(mqtt.read().type()).isEqualTo(RawMqtt.PUBACK);
                times[i] = System.nanoTime() - began;
            }
        }
        Arrays.sort(times);
        return times;
    }
}
