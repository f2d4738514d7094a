package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.connect;
import static io.iotflow.server.ingest.mqtt.RawMqtt.packet;
import static io.iotflow.server.ingest.mqtt.RawMqtt.publish;
import static io.iotflow.server.ingest.mqtt.RawMqtt.text;
import static io.iotflow.server.ingest.mqtt.RawMqtt.will;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the broker keeps for later subscribers goes when the device's data does.
class RetainedTest {
    private static final byte SUBACK = (byte) 0x90;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static TestPlatform platform;
    private final TestDevice device = platform.device("retaining-" + NUMBER.incrementAndGet());
    private final TestDevice other = platform.device("neighbour-" + NUMBER.incrementAndGet());

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static void retain(TestDevice device, String... topics) {
        try (var client = RawMqtt.connected(platform, device, V3)) {
            for (var topic : topics) {
                var message = publish(1, 1, device.topic(topic), "", "{\"n\":1}");
                client.send("33" + message.substring(2)); // with RETAIN
                assertThat(client.packet()).isEqualTo("40020001");
            }
        }
    }

    /// What is sent to a new subscriber is all that is retained. It may come in part behind what is published while it
    /// subscribes, so one has to look again, and more than once for what is not there.
    private static void assertRetained(TestDevice device, String... topics) {
        TestPlatform.await(() -> List.of(retained(device), retained(device), retained(device)),
                looks -> looks.stream().allMatch(List.of(topics)::equals));
    }

    /// The topics of what a new subscriber is sent first, without what is common to them.
    private static List<String> retained(TestDevice device) {
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(V3, "looks", "admin", TestPlatform.TOKEN, 60, true)).packet();
            client.send(packet(0x82, "0001" + text("devices/" + device.id() + "/#") + "00"));
            var topics = new ArrayList<String>();
            var root = "devices/" + device.id() + "/";
            while (true) {
                var bytes = HexFormat.of().parseHex(client.packet());
                if (bytes[0] == SUBACK) { // and perhaps something of what is retained before it
                    client.send(publish(0, 0, root + "commands", "", "behind it all"));
                    continue;
                }
                var start = bytes[1] < 0 ? 5 : 4; // the packet's length takes two bytes from 128 on
                var topic = new String(bytes, start, bytes[start - 1], UTF_8);
                if (topic.endsWith("commands")) return topics.stream().sorted().toList();
                topics.add(topic.substring(root.length()));
            }
        }
    }

    @Test
    void erasureOfTelemetryTakesRetainedTelemetryAlong() {
        retain(device, "telemetry", "telemetry/engine/left", "status");
        retain(other, "telemetry");
        assertRetained(device, "status", "telemetry", "telemetry/engine/left");

        platform.call("DELETE", "/api/v1/telemetry/" + device.id(),
                "{\"start_time\":\"2000-01-01T00:00:00Z\",\"stop_time\":\"2100-01-01T00:00:00Z\"}");

        assertThat(retained(device)).doesNotContain("telemetry", "telemetry/engine/left");
        assertRetained(device, "status");
        assertRetained(other, "telemetry");
        retain(device, "telemetry");
        assertRetained(device, "status", "telemetry");
    }

    @Test
    void nothingIsKeptOfADecommissionedDevice() {
        retain(device, "telemetry", "status", "status/x", "errors");
        retain(other, "status");
        platform.call("POST", "/api/v1/devices/" + device.id() + "/configurations",
                "{\"config_key\":\"interval\",\"config_value\":5}");
        assertRetained(device, "config", "errors", "status", "status/x", "telemetry");
        try (var client = new RawMqtt(platform.mqttPort())) {
            var last = will(V3, device.topic("status/gone"), "gone");
            var packet = connect(V3, "with-will", device.name(), device.key(), 60, true, "", last);
            // The flag for a retained will, in the byte behind the protocol's name and level.
            var flags = packet.indexOf(text("MQTT") + "04") + text("MQTT").length() + 2;
            client.send(packet.substring(0, flags) + "e6" + packet.substring(flags + 2)).packet();

            platform.call("DELETE", "/api/v1/admin/devices/" + device.id(), "");

            assertThat(client.untilClosed()).isEmpty();
        }
        assertRetained(device);
        assertRetained(other, "status");
    }

    /// What is published while it subscribes comes by the one way or the other.
    @Test
    void nothingIsMissedByWhoSubscribesMeanwhile() throws Exception {
        for (var n = 1; n <= 40; n++) {
            var body = "{\"config_key\":\"n\",\"config_value\":\"round-" + n + "\"}";
            var change = Thread.startVirtualThread(() ->
                    platform.call("POST", "/api/v1/devices/" + device.id() + "/configurations", body));
            try (var client = RawMqtt.connected(platform, device, V3)) {
                client.send(packet(0x82, "0001" + text(device.topic("config")) + "00"));
                var expected = HexFormat.of().formatHex(("round-" + n + "\"").getBytes(UTF_8));
                while (!client.packet().contains(expected)) {
                    // the subscription's answer, or what was retained before
                }
            }
            change.join();
        }
    }
}
