package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.acceptance.PackagedPlatform.Device;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// The platform as Mosquitto's clients meet it.
class MosquittoTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    private static PackagedPlatform platform;
    private Device device;
    private Mosquitto client;

    @BeforeAll
    static void start() {
        assumeTrue(Mosquitto.isInstalled(), "mosquitto_pub and mosquitto_sub are not installed (mosquitto-clients)");
        platform = PackagedPlatform.start(folder.resolve("data"));
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    @BeforeEach
    void register(TestInfo test) {
        device = platform.register(test.getTestMethod().orElseThrow().getName());
        client = Mosquitto.of(platform, device);
    }

    private String own(String rest) {
        return "devices/" + device.name() + "/" + rest;
    }

    private void publish(String topic, String payload, String... options) throws InterruptedException {
        var said = client.publish(topic, payload, options);
        assertThat(said.code()).as(said.text()).isZero();
    }

    private JsonNode latest() {
        return platform.as(device, "GET", "/api/v1/telemetry/" + device.id() + "/latest", null).json()
                .path("latest_data");
    }

    private List<JsonNode> rows() {
        var answer = platform.as(device, "GET", "/api/v1/telemetry/" + device.id()
                + "?start_time=2020-01-01&order=asc&limit=1000", null);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return IntStream.range(0, answer.json().path("count").asInt())
                .mapToObj(i -> answer.json().path("data").path(i)).toList();
    }

    @Test
    void takesTelemetryByIdAndByNameBelowBothRoots() throws Exception {
        var topics = List.of("devices/" + device.id() + "/telemetry", own("telemetry"),
                "iotflow/devices/" + device.id() + "/telemetry", "iotflow/" + own("telemetry"),
                own("telemetry/deep/er"));
        for (int i = 0; i < topics.size(); i++) {
            publish(topics.get(i), "{\"values\":{\"n\":" + i + "},\"ts\":" + (1_767_225_600_000L + i) + "}", "-q", "1");
        }
        assertThat(rows()).extracting(row -> row.path("n").asInt()).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void takesAllFiveShapesOfPayload() throws Exception {
        publish(own("telemetry"), "{\"data\":{\"a\":1.5,\"door\":{\"open\":true}},\"metadata\":{\"site\":\"A\"},"
                + "\"timestamp\":\"2026-01-01T00:00:00Z\"}", "-q", "1");
        publish(own("telemetry"), "{\"metrics\":{\"b\":2},\"timestamp\":1767225601000}", "-q", "1");
        publish(own("telemetry"), "{\"values\":{\"c\":\"three\"},\"ts\":1767225602000}", "-q", "1");
        publish(own("telemetry"), "{\"d\":4.25,\"e\":false}", "-q", "1");
        publish(own("telemetry"), "[{\"ts\":1767225603000,\"values\":{\"f\":5}},{\"g\":6}]", "-q", "1");
        var latest = latest();
        assertThat(latest.path("a").asDouble()).isEqualTo(1.5);
        assertThat(latest.path("door.open").isBoolean()).isTrue();
        assertThat(latest.path("b").asInt()).isEqualTo(2);
        assertThat(latest.path("c").asText()).isEqualTo("three");
        assertThat(latest.path("d").asDouble()).isEqualTo(4.25);
        assertThat(latest.path("e").isBoolean()).isTrue();
        assertThat(latest.path("f").asInt()).isEqualTo(5);
        assertThat(latest.path("g").asInt()).isEqualTo(6);
    }

    @Test
    void takesEveryQualityOfServiceInBothVersions() throws Exception {
        for (var version : List.of("311", "5")) {
            for (int qos = 0; qos <= 2; qos++) {
                var metric = "v" + version + ".q" + qos;
                var said = client.speaking(version).publish(own("telemetry"), "{\"" + metric + "\":1}", "-q", "" + qos);
                assertThat(said.code()).as(said.text()).isZero();
                if (qos == 0) Await.until("QoS 0 has arrived", SOON, () -> latest().has(metric));
                assertThat(latest().has(metric)).as("%s: acknowledged is readable", metric).isTrue();
            }
        }
    }

    @Test
    void anOperatorHearsEveryDevice() throws Exception {
        var other = platform.register(device.name() + "-2");
        for (var version : List.of("311", "5")) {
            try (var heard = Mosquitto.ofAdmin(platform).speaking(version)
                    .subscribe("devices/+/telemetry", "-q", "1")) {
                for (int i = 0; i < 5; i++) {
                    publish(own("telemetry"), "{\"n\":" + i + "}", "-q", "1");
                    Mosquitto.of(platform, other).publish("devices/" + other.name() + "/telemetry",
                            "{\"m\":" + i + "}", "-q", "1");
                }
                Await.until("all ten are heard: " + heard.text(), SOON, () -> telemetry(heard).size() >= 10);
                var first = "> devices/" + device.id() + "/telemetry {\"n\":";
                var second = "> devices/" + other.id() + "/telemetry {\"m\":";
                assertThat(telemetry(heard)).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 5).boxed()
                        .flatMap(i -> java.util.stream.Stream.of(first + i + "}", second + i + "}")).toList());
            }
        }
    }

    private static List<String> telemetry(Mosquitto.Running heard) {
        return heard.lines().stream().filter(line -> line.startsWith("> ")).toList();
    }

    @Test
    void keepsWhatIsToBeRetained() throws Exception {
        publish(own("status"), "{\"state\":\"ready\"}", "-q", "1", "-r");
        try (var heard = Mosquitto.ofAdmin(platform).subscribe("devices/" + device.id() + "/status", "-q", "1")) {
            Await.until("the retained status", SOON, () -> heard.text().contains("{\"state\":\"ready\"}"));
        }
    }

    @Test
    void publishesTheLastWillOfADeviceThatVanishes() throws Exception {
        try (var heard = Mosquitto.ofAdmin(platform).subscribe("devices/" + device.id() + "/status", "-q", "1");
             var vanishing = client.subscribe(own("commands"), "--will-topic", own("status"), "--will-payload",
                     "{\"state\":\"gone\"}", "--will-qos", "1")) {
            vanishing.process().destroyForcibly();
            Await.until("the last will", SOON, () -> heard.text().contains("{\"state\":\"gone\"}"));
        }
    }

    @Test
    void aCommandReachesTheDevice() {
        for (var root : List.of("", "iotflow/")) {
            try (var listening = client.subscribe(root + own("commands"), "-q", "1")) {
                var answer = platform.asAdmin("POST", "/api/v1/devices/" + device.name() + "/commands",
                        "{\"type\":\"restart\",\"delay\":5}");
                assertThat(answer.status()).as(answer.body()).isEqualTo(202);
                var id = answer.json().path("command_id").asText();
                Await.until("the command", SOON, () -> listening.text().contains(id));
                assertThat(telemetry(listening)).singleElement().asString()
                        .startsWith("> " + root + own("commands") + " {").contains("\"type\":\"restart\"")
                        .contains("\"delay\":5");
            }
        }
    }

    @Test
    void theConfigurationArrivesRetained() {
        var byDevice = platform.as(device, "POST", "/api/v1/devices/config",
                "{\"config_key\":\"interval\",\"config_value\":30,\"data_type\":\"integer\"}");
        assertThat(byDevice.status()).as(byDevice.body()).isEqualTo(201);
        try (var listening = client.subscribe(own("config"), "-q", "1")) {
            Await.until("the retained configuration", SOON, () -> listening.text().contains("\"interval\""));
            var byOperator = platform.asAdmin("POST", "/api/v1/devices/" + device.name() + "/configurations",
                    "{\"config_key\":\"unit\",\"config_value\":\"celsius\"}");
            assertThat(byOperator.status()).as(byOperator.body()).isEqualTo(201);
            Await.until("the changed configuration", SOON, () -> listening.text().contains("celsius"));
        }
    }

    @Test
    void aWrongKeyIsRefused() throws Exception {
        var wrong = new Mosquitto(platform.mqttPort(), device.name(), "x".repeat(32), "311");
        assertThat(wrong.publish(own("telemetry"), "{\"n\":1}", "-q", "1").code()).isNotZero();
        assertThat(wrong.speaking("5").publish(own("telemetry"), "{\"n\":1}", "-q", "1").code()).isNotZero();
        var nobody = new Mosquitto(platform.mqttPort(), "admin", "x".repeat(32), "311");
        assertThat(nobody.publish(own("telemetry"), "{\"n\":1}", "-q", "1").code()).isNotZero();
        assertThat(rows()).isEmpty();
    }

    @Test
    void theKeyAloneSignsIn() throws Exception {
        var keyOnly = new Mosquitto(platform.mqttPort(), device.key(), "", "5");
        assertThat(keyOnly.publish(own("telemetry"), "{\"n\":1}", "-q", "1").code()).isZero();
        assertThat(latest().path("n").asInt()).isEqualTo(1);
    }

    @Test
    void anotherDevicesTopicIsRefused() throws Exception {
        var other = platform.register(device.name() + "-2");
        var topic = "devices/" + other.name() + "/telemetry";
        var five = client.speaking("5").publish(topic, "{\"n\":1}", "-q", "1");
        assertThat(five.text()).as("Not authorized is 135").contains("RC:135");
        var three = client.publish(topic, "{\"n\":1}", "-q", "1");
        assertThat(three.text()).doesNotContain("received PUBACK");
        assertThat(platform.as(other, "GET", "/api/v1/telemetry/" + other.id(), null).json().path("count").asInt())
                .isZero();
        try (var listening = client.subscribe(topic)) {
            assertThat(listening.text()).as("3.1.1 says 128").contains("128");
        }
        try (var listening = client.speaking("5").subscribe(topic)) {
            assertThat(listening.text()).as("5.0 says 135").contains("135");
        }
    }
}
