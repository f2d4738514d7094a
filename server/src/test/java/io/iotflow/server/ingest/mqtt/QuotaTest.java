package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.V5;
import static io.iotflow.server.ingest.mqtt.RawMqtt.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What MQTT does with a device that sends more than it may.
class QuotaTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("limits.per_device=3/3s");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static String message(TestDevice device, int version, int qos, int id) {
        return publish(qos, id, device.topic("telemetry"), version == V5 ? "00" : "", "{\"n\":" + id + ",\"ts\":"
                + (1_767_225_600_000L + id) + "}");
    }

    @Test
    void aClientOfMqtt5IsToldWhatWasNotKept() {
        var device = platform.device("quota-five");
        try (var client = RawMqtt.connected(platform, device, V5)) {
            client.send(message(device, V5, 1, 1), message(device, V5, 2, 2), message(device, V5, 1, 3),
                    message(device, V5, 1, 4), message(device, V5, 2, 5), message(device, V5, 0, 6));
            assertThat(client.packet()).isEqualTo("40020001");
            assertThat(client.packet()).isEqualTo("50020002");
            assertThat(client.packet()).isEqualTo("40020003");
            assertThat(client.packet()).as("PUBACK, quota exceeded").startsWith("40").contains("000497");
            assertThat(client.packet()).as("PUBREC, quota exceeded").startsWith("50").contains("000597");
            client.expectNothingMore();
        }
        assertThat(platform.stored(device, "n")).isEqualTo(3);
    }

    @Test
    void aClientOf311IsReadAgainWhenThereIsRoomAndNothingIsLost() {
        var device = platform.device("quota-three");
        var began = System.nanoTime();
        try (var client = RawMqtt.connected(platform, device, V3)) {
            var all = new String[6];
            for (var id = 1; id <= 6; id++) all[id - 1] = message(device, V3, 1, id);
            client.send(all);
            for (var id = 1; id <= 6; id++) assertThat(client.packet()).isEqualTo("4002000" + id);
            client.expectNothingMore();
        }
        assertThat(System.nanoTime() - began).as("three at once, then one a second").isGreaterThan(2_500_000_000L);
        assertThat(platform.stored(device, "n")).isEqualTo(6);
    }

    @Test
    void whatAsksForNoAnswerIsDroppedAndCounted() {
        var device = platform.device("quota-zero");
        var before = dropped();
        try (var client = RawMqtt.connected(platform, device, V3)) {
            var all = new String[10];
            for (var id = 1; id <= 10; id++) all[id - 1] = message(device, V3, 0, id);
            client.send(all).expectNothingMore();
        }
        assertThat(dropped() - before).isEqualTo(7);
        assertThat(platform.stored(device, "n")).isEqualTo(3);
    }

    private static long dropped() {
        return platform.text("/metrics").lines().filter(line -> line.startsWith("iotflow_limits_dropped_total"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    @Test
    void anAddressThatConnectsTooOftenIsRefusedWithoutAskingWhoItIs() {
        try (var strict = TestPlatform.start("limits.per_address=4/1h")) {
            var device = strict.device("quota-address"); // one request
            for (var n = 0; n < 3; n++) RawMqtt.connected(strict, device, V5).close();
            try (var client = new RawMqtt(strict.mqttPort())) {
                client.send(RawMqtt.connect(V5, "c", device.name(), device.key(), 60, true));
                assertThat(client.packet()).as("connection rate exceeded").startsWith("20").contains("009f");
                assertThat(client.packetOrEnd()).isEmpty();
            }
            try (var client = new RawMqtt(strict.mqttPort())) {
                client.send(RawMqtt.connect(V3, "c", device.name(), device.key(), 60, true));
                assertThat(client.packet()).as("server unavailable").isEqualTo("20020003");
                assertThat(client.packetOrEnd()).isEmpty();
            }
        }
    }
}
