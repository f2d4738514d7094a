package io.iotflow.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.iotflow.server.live.LivePlatform;
import io.iotflow.server.live.LivePlatform.Known;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands on their way to a real MQTT client.
class CommandRoutesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;
    private static LivePlatform platform;

    @BeforeAll
    static void start() {
        platform = new LivePlatform(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static Mqtt5BlockingClient client(Known device) {
        return Mqtt5Client.builder().identifier("client-" + device.name()).serverHost("127.0.0.1")
                .serverPort(platform.platform().mqttPort())
                .simpleAuth().username(device.name()).password(device.key().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth().buildBlocking();
    }

    private static LivePlatform.Answer command(Known device, String body) {
        return platform.asOperator("POST", "/api/v1/devices/" + device.id() + "/commands", body);
    }

    private static JsonNode json(Mqtt5Publish publish) throws Exception {
        return JSON.readTree(publish.getPayloadAsBytes());
    }

    @Test
    void aCommandReachesTheDeviceThatListens() throws Exception {
        var device = platform.register("command-listener");
        var client = client(device);
        client.connect();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("devices/" + device.id() + "/commands")
                    .qos(MqttQos.AT_LEAST_ONCE).send();
            var answer = command(device, "{\"type\":\"update_interval\",\"parameters\":{\"seconds\":5,\"type\":\"x\"},"
                    + "\"loud\":true,\"id\":\"forged\",\"timestamp\":\"forged\"}");
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.body().path("status").asText()).isEqualTo("sent");
            var arrived = json(messages.receive(30, TimeUnit.SECONDS).orElseThrow());
            assertThat(arrived.path("id").asText()).isEqualTo(answer.body().path("command_id").asText());
            assertThat(arrived.path("type").asText()).isEqualTo("update_interval");
            assertThat(arrived.path("seconds").asInt()).isEqualTo(5);
            assertThat(arrived.path("parameters").path("seconds").asInt()).isEqualTo(5);
            assertThat(arrived.path("loud").asBoolean()).isTrue();
            assertThat(Instant.parse(arrived.path("timestamp").asText())).isBefore(Instant.now().plusSeconds(5));

            var expires = Instant.now().plusSeconds(60).toString();
            assertThat(platform.asOperator("POST", "/api/v1/mqtt/device/command-listener/command",
                    "{\"command\":\"restart\",\"expires_at\":\"" + expires + "\"}").status()).isEqualTo(202);
            var publish = messages.receive(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(json(publish).path("type").asText()).isEqualTo("restart");
            assertThat(json(publish).path("expires_at").asText()).isEqualTo(expires);
            assertThat(publish.getMessageExpiryInterval().orElse(0)).isBetween(1L, 60L);
        } finally {
            client.disconnect();
        }
    }

    @Test
    void aCommandThatNobodyWouldReceiveIsRefused() {
        var device = platform.register("command-deaf");
        assertThat(command(device, "{\"type\":\"restart\"}").status()).isEqualTo(409);
        var client = client(device);
        client.connect();
        assertThat(command(device, "{\"type\":\"restart\"}").status()).isEqualTo(409);
        client.disconnect();
    }

    @Test
    void aDeviceThatIsAwayGetsWhatHasNotExpiredMeanwhile() throws Exception {
        var device = platform.register("command-away");
        var client = client(device);
        client.connectWith().cleanStart(true).sessionExpiryInterval(600).send();
        client.subscribeWith().topicFilter("devices/" + device.id() + "/commands").qos(MqttQos.AT_LEAST_ONCE).send();
        client.disconnectWith().sessionExpiryInterval(600).send();
        var soon = Instant.now().plusMillis(1_500);
        assertThat(command(device, "{\"type\":\"late\",\"expires_at\":\"" + soon + "\"}").status()).isEqualTo(202);
        assertThat(command(device, "{\"type\":\"kept\"}").status()).isEqualTo(202);
        while (Instant.now().isBefore(soon.plusSeconds(1))) Thread.onSpinWait();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.connectWith().cleanStart(false).sessionExpiryInterval(0).send();
            assertThat(json(messages.receive(30, TimeUnit.SECONDS).orElseThrow()).path("type").asText())
                    .isEqualTo("kept");
        } finally {
            client.disconnect();
        }
    }

    @Test
    void aCommandThatIsNoneIsRefusedWithItsReason() {
        var device = platform.register("command-wrong");
        assertThat(command(device, "[]").status()).isEqualTo(400);
        assertThat(command(device, "{").status()).isEqualTo(400);
        for (var wrong : new String[] {"{}", "{\"type\":\"\"}", "{\"type\":5}", "{\"type\":\"" + "x".repeat(65) + "\"}",
            "{\"type\":\"a\",\"expires_at\":\"2020-01-01T00:00:00Z\"}", "{\"type\":\"a\",\"expires_at\":\"never\"}",
            "{\"type\":\"a\",\"expires_at\":{}}"}) {
            assertThat(command(device, wrong).status()).as(wrong).isEqualTo(422);
        }
        assertThat(platform.asOperator("POST", "/api/v1/devices/nobody/commands", "{\"type\":\"a\"}").status())
                .isEqualTo(404);
        assertThat(platform.as(device, "POST", "/api/v1/devices/" + device.id() + "/commands",
                "{\"type\":\"a\"}").status())
                .isEqualTo(403);
    }
}
