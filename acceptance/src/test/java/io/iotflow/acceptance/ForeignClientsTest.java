package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.acceptance.PackagedPlatform.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Devices that were made for other platforms, with clients as they come from npm and Debian: nothing of them is
/// changed but where they connect.
class ForeignClientsTest {
    @TempDir
    static Path folder;

    private static PackagedPlatform platform;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Files.isExecutable(ForeignClient.NODE), "Node is not installed at /usr/bin/node");
        assumeTrue(ForeignClient.areInstalled(folder), "npm cannot install what acceptance/clients/package.json names");
        platform = PackagedPlatform.start(folder.resolve("data"), "--tls-self-signed");
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode shadow(String device) {
        return platform.asAdmin("/api/v1/devices/" + device + "/shadow").json();
    }

    private static void desire(String device, String desired) {
        var answer = platform.asAdmin("PATCH", "/api/v1/devices/" + device + "/shadow",
                "{\"desired\":" + desired + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void theShadowClientOfTheAwsIotDeviceSdkDoesWhatIsDesired() throws Exception {
        for (var tool : List.of("openssl", "jq")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), tool + " is not installed");
        }
        var device = platform.register("aws-thing");
        certify(device);
        try (var client = ForeignClient.of(folder, ForeignClient.NODE.toString(), "aws-thing.cjs", "localhost",
                Integer.toString(platform.tlsPort()), folder.toString(), device.name())) {
            client.awaitEvents("accepted", 1);
            assertThat(shadow("aws-thing").at("/reported/on").asBoolean(true)).isFalse();
            desire("aws-thing", "{\"on\":true}");
            client.awaitEnd();
            assertThat(client.events()).extracting(it -> it.path("event").asText())
                    .containsExactly("registered", "accepted", "delta", "accepted", "accepted");
            assertThat(client.events().getFirst().path("failed").size()).isZero();
            assertThat(client.events().getLast().at("/answer/state/reported/on").asBoolean()).isTrue();
        }
        assertThat(shadow("aws-thing").path("delta").size()).isZero();
    }

    /// A key and a certificate of its own, and the server's, as files for a client.
    private static void certify(Device device) throws Exception {
        shell("openssl ecparam -name prime256v1 -genkey -noout -out device.key\n"
                + "openssl req -new -key device.key -subj /CN=" + device.name() + " -out device.csr\n"
                + System.getProperty("java.home") + "/bin/keytool -exportcert -rfc -alias iotflow "
                + "-keystore data/tls/self-signed.p12 -storepass:file data/tls/self-signed.password -file iotflow.crt");
        var request = PackagedPlatform.JSON.createObjectNode().put("csr",
                Files.readString(folder.resolve("device.csr")));
        var answer = platform.asAdmin("POST", "/api/v1/devices/" + device.id() + "/certificates", request.toString());
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        Files.writeString(folder.resolve("device.crt"), answer.json().path("certificate_pem").asText());
    }

    private static void shell(String script) throws Exception {
        var said = folder.resolve("shell.txt");
        var shell = new ProcessBuilder("bash", "-euc", script).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(said.toFile()).start();
        assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).as(Files.readString(said)).isZero();
    }

    @Test
    void aDeviceOfThingsBoardWithMqttJsSharesAttributesAndIsCalled() throws Exception {
        var device = platform.register("tb-device");
        try (var client = ForeignClient.of(folder, ForeignClient.NODE.toString(), "thingsboard-device.mjs",
                Integer.toString(platform.mqttPort()), device.key())) {
            client.awaitEvents("message", 1);
            desire("tb-device", "{\"interval\":5}");
            client.awaitEvents("message", 2);
            var sent = platform.asAdmin("POST", "/api/v1/devices/tb-device/commands",
                    "{\"type\":\"setState\",\"params\":{\"on\":true}}");
            assertThat(sent.status()).as(sent.body()).isEqualTo(202);
            client.awaitEnd();
            var messages = client.events().stream().filter(it -> it.has("topic")).toList();
            assertThat(messages.get(0).toString()).contains("v1/devices/me/attributes/response/1")
                    .contains("{\"client\":{\"firmware\":\"1.2\"}}");
            assertThat(messages.get(1).toString()).contains("\"v1/devices/me/attributes\"")
                    .contains("{\"interval\":5}");
            assertThat(messages.get(2).at("/message/method").asText()).isEqualTo("setState");
        }
        assertThat(platform.asAdmin("/api/v1/telemetry/tb-device/latest").json().at("/latest_data/temperature")
                .asInt()).isEqualTo(42);
    }

    @Test
    void aGatewayOfThingsBoardWithMqttJsSpeaksForADevice() throws Exception {
        var gateway = platform.register("tb-gateway");
        var made = platform.asAdmin("POST", "/api/v1/admin/devices", "{\"name\":\"Room 7\",\"device_type\":"
                + "\"thermometer\",\"metadata\":{\"gateway\":" + gateway.id() + "}}");
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        try (var client = ForeignClient.of(folder, ForeignClient.NODE.toString(), "thingsboard-gateway.mjs",
                Integer.toString(platform.mqttPort()), gateway.key(), "Room 7")) {
            client.awaitEvents("sent", 1);
            client.awaitEvents("message", 1);
            desire("Room%207", "{\"interval\":5}");
            client.awaitEvents("message", 2);
            var sent = platform.asAdmin("POST", "/api/v1/devices/Room%207/commands", "{\"type\":\"setState\"}");
            assertThat(sent.status()).as(sent.body()).isEqualTo(202);
            client.awaitEnd();
            var messages = client.events().stream().filter(it -> it.has("topic")).map(JsonNode::toString).toList();
            assertThat(messages.get(0)).contains("\"device\":\"Room 7\"", "\"id\":1", "\"value\":\"1.2\"");
            assertThat(messages.get(1)).contains("\"data\":{\"interval\":5}");
            assertThat(messages.get(2)).contains("\"method\":\"setState\"");
            Await.until("the command's end", Duration.ofSeconds(20), () -> platform.asAdmin("/api/v1/commands/"
                    + sent.json().path("command_id").asText()).json().path("status").asText().equals("succeeded"));
        }
        assertThat(platform.asAdmin("/api/v1/telemetry/Room%207/latest").json().at("/latest_data/temperature")
                .asInt()).isEqualTo(42);
    }

    @Test
    void theCommandsOfThingsBoardsFirstPagesWork() throws Exception {
        assumeTrue(Mosquitto.isInstalled(), "mosquitto_pub and mosquitto_sub are not installed (mosquitto-clients)");
        var device = platform.register("tb-first");
        shell("mosquitto_pub -d -q 1 -h 127.0.0.1 -p " + platform.mqttPort()
                + " -t v1/devices/me/telemetry -u " + device.key() + " -m '{\"temperature\":25}'\n"
                + "curl -sf -X POST --data '{\"humidity\":60}' -H Content-Type:application/json http://127.0.0.1:"
                + platform.httpPort() + "/api/v1/" + device.key() + "/telemetry\n"
                + "curl -sf -X POST --data '{\"firmware\":\"1.3\"}' -H Content-Type:application/json http://127.0.0.1:"
                + platform.httpPort() + "/api/v1/" + device.key() + "/attributes\n"
                + "curl -sf 'http://127.0.0.1:" + platform.httpPort() + "/api/v1/" + device.key()
                + "/attributes?clientKeys=firmware'");
        assertThat(Files.readString(folder.resolve("shell.txt"))).endsWith("{\"client\":{\"firmware\":\"1.3\"}}");
        var latest = platform.asAdmin("/api/v1/telemetry/tb-first/latest").json().path("latest_data");
        assertThat(latest.path("temperature").asInt() + latest.path("humidity").asInt()).isEqualTo(85);
    }

    @Test
    void curlWaitsForACallAndAnswersIt() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/jq")), "jq is not installed");
        var device = platform.register("tb-curl");
        var sent = platform.asAdmin("POST", "/api/v1/devices/tb-curl/commands", "{\"type\":\"setState\"}");
        var base = "http://127.0.0.1:" + platform.httpPort() + "/api/v1/" + device.key() + "/rpc";
        shell("call=$(curl -sf '" + base + "?timeout=20000')\n"
                + "curl -sf -X POST --data '{\"on\":true}' -H Content-Type:application/json " + base
                + "/$(echo $call | jq .id)\n"
                + "curl -s -o /dev/null -w '%{http_code}' '" + base + "?timeout=100'");
        assertThat(Files.readString(folder.resolve("shell.txt"))).endsWith("408");
        assertThat(platform.asAdmin("/api/v1/commands/" + sent.json().path("command_id").asText()).json()
                .at("/result/data/on").asBoolean()).isTrue();
    }
}
