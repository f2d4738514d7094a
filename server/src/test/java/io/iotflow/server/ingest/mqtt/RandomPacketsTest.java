package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.V5;
import static io.iotflow.server.ingest.mqtt.RawMqtt.connect;
import static io.iotflow.server.ingest.mqtt.RawMqtt.packet;
import static io.iotflow.server.ingest.mqtt.RawMqtt.publish;
import static io.iotflow.server.ingest.mqtt.RawMqtt.shortOf;
import static io.iotflow.server.ingest.mqtt.RawMqtt.text;
import static io.iotflow.server.ingest.mqtt.RawMqtt.will;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Nonsense on many connections, while one client behaves.
class RandomPacketsTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void nonsenseHarmsNobodyElse() {
        try (var platform = TestPlatform.start()) {
            var good = platform.device("good");
            var bad = platform.device("bad");
            var random = new Random(20_260_301);
            try (var client = RawMqtt.connected(platform, good, V3)) {
                for (int round = 1; round <= 600; round++) {
                    nonsense(platform, bad, random);
                    client.send(publish(1, round, good.topic("telemetry"), "",
                            "{\"ts\":" + (1_767_225_600_000L + round) + ",\"values\":{\"n\":1}}"));
                    assertThat(client.packet()).as("round " + round).isEqualTo("4002" + shortOf(round));
                }
            }
            assertThat(platform.stored(good, "n")).isEqualTo(600);
            assertThat(platform.get("/health").path("status").textValue()).isEqualTo("healthy");
            TestPlatform.await("no connection is left", java.time.Duration.ofSeconds(20),
                    () -> platform.mqttFigure("connections") == 0);
        }
    }

    /// One connection's worth: a valid conversation of which some bytes are changed, cut out or doubled.
    private static void nonsense(TestPlatform platform, TestDevice device, Random random) {
        var version = random.nextBoolean() ? V3 : V5;
        var none = version == V5 ? "00" : "";
        var connect = connect(version, "bad-" + random.nextInt(5), device.name(), device.key(), 60,
                random.nextBoolean(), "", random.nextBoolean() ? "" : will(version, device.topic("status"), "gone"));
        var rest = publish(random.nextInt(3), 1 + random.nextInt(9), device.topic("telemetry"), none, "{\"n\":1}")
                + packet(0x82, "0001" + none + text(device.topic("#")) + "02")
                + publish(1 + random.nextInt(2), 7, device.topic("status"), none, "x")
                + "6202" + "0007" + "c000" + packet(0xA2, "0002" + none + text(device.topic("#")))
                + publish(1, 8, "devices/other/telemetry", none, "{}") + "e000";
        try (var client = new RawMqtt(platform.mqttPort())) {
            if (random.nextInt(3) > 0) {
                client.send(connect);
                client.send(HEX.formatHex(mutated(HEX.parseHex(rest), random)));
            } else {
                client.send(HEX.formatHex(mutated(HEX.parseHex(connect + rest), random)));
            }
            if (random.nextInt(4) == 0) client.reset();
        } catch (UncheckedIOException _) {
            // closed on it while it was sending
        }
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        for (var n = random.nextInt(6); n > 0; n--) bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        var from = random.nextInt(bytes.length);
        return switch (random.nextInt(4)) {
            case 0 -> java.util.Arrays.copyOf(bytes, from);
            case 1 -> java.util.Arrays.copyOfRange(bytes, from, bytes.length);
            case 2 -> {
                random.nextBytes(bytes);
                yield bytes;
            }
            default -> bytes;
        };
    }
}
