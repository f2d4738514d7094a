package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.V5;
import static io.iotflow.server.ingest.mqtt.RawMqtt.again;
import static io.iotflow.server.ingest.mqtt.RawMqtt.connect;
import static io.iotflow.server.ingest.mqtt.RawMqtt.packet;
import static io.iotflow.server.ingest.mqtt.RawMqtt.publish;
import static io.iotflow.server.ingest.mqtt.RawMqtt.shortOf;
import static io.iotflow.server.ingest.mqtt.RawMqtt.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What happens on the wire to what devices publish.
class PublishTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static TestPlatform platform;
    private final TestDevice device = platform.device("publisher-" + NUMBER.incrementAndGet());

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("mqtt.max_packet_kib=300");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private RawMqtt connected(int version) {
        return RawMqtt.connected(platform, device, version);
    }

    /// A client of the device with a lasting session.
    private RawMqtt lasting(int version, boolean isPresent) {
        var client = new RawMqtt(platform.mqttPort());
        var properties = version == V5 ? "11" + "00000e10" : ""; // session expiry: an hour
        client.send(connect(version, "lasting", device.name(), device.key(), 60, false, properties, ""));
        assertThat(client.packet().substring(4, 8)).isEqualTo(isPresent ? "0100" : "0000");
        return client;
    }

    private RawMqtt operator() {
        var client = new RawMqtt(platform.mqttPort());
        client.send(connect(V3, "operator-" + device.name(), "admin", TestPlatform.TOKEN, 60, true));
        assertThat(client.packet()).isEqualTo("20020000");
        return client;
    }

    private RawMqtt following(String topic) {
        var client = operator();
        client.send(packet(0x82, "0001" + text(topic) + "01"));
        assertThat(client.packet()).isEqualTo("9003" + "0001" + "01");
        return client;
    }

    private String telemetry(int qos, int id, String properties, int value, long millis) {
        return publish(qos, id, device.topic("telemetry"), properties,
                "{\"ts\":" + (1_767_225_600_000L + millis) + ",\"values\":{\"n\":" + value + "}}");
    }

    @Test
    void everyQualityOfServiceReachesTheStore() {
        for (var version : new int[] {V3, V5}) {
            var none = version == V5 ? "00" : "";
            try (var client = connected(version)) {
                client.send(telemetry(0, 0, none, 1, version * 1_000));
                client.send(telemetry(1, 1, none, 2, version * 1_000 + 1));
                assertThat(client.packet()).isEqualTo("4002" + "0001");
                client.send(telemetry(2, 2, none, 3, version * 1_000 + 2));
                assertThat(client.packet()).isEqualTo("5002" + "0002");
                client.send("6202" + "0002");
                assertThat(client.packet()).isEqualTo("7002" + "0002");
            }
        }
        assertThat(platform.stored(device, "n")).isEqualTo(6);
    }

    @Test
    void everyTopicOfADeviceIsTaken() {
        try (var client = connected(V5)) {
            var topics = new String[] {"status", "status/online", "heartbeat", "errors", "commands/17/result",
                    "telemetry/engine"};
            for (int i = 0; i < topics.length; i++) {
                client.send(publish(1, i + 1, device.topic(topics[i]), "00", "{\"a\":1}"));
                assertThat(client.packet()).as(topics[i]).isEqualTo("4002" + shortOf(i + 1));
                client.send(publish(1, i + 1, "iotflow/devices/" + device.id() + "/" + topics[i], "00", "{\"a\":1}"));
                assertThat(client.packet()).as(topics[i]).isEqualTo("4002" + shortOf(i + 1));
                client.send(publish(0, 0, device.topic(topics[i]), "00", "{\"a\":1}"));
                client.send(publish(2, i + 1, device.topic(topics[i]), "00", "{\"a\":1}"));
                assertThat(client.packet()).as(topics[i]).isEqualTo("5002" + shortOf(i + 1));
            }
            client.expectNothingMore();
        }
    }

    @Test
    void acknowledgementsKeepTheOrderOfArrival() {
        try (var client = connected(V5)) {
            var sent = new StringBuilder();
            var expected = new ArrayList<String>();
            for (int id = 1; id <= 900; id++) {
                switch (id % 3) {
                    case 0 -> sent.append(publish(1, id, device.topic("telemetry"), "00", "not json"));
                    case 1 -> sent.append(telemetry(1, id, "00", id, id));
                    default -> sent.append(publish(1, id, "devices/another/telemetry", "00", "{\"a\":1}"));
                }
                expected.add(shortOf(id) + (id % 3 == 0 ? "99" : id % 3 == 1 ? "" : "87"));
            }
            client.send(sent.toString());
            for (var answer : expected) assertThat(idAndReason(client.packet())).isEqualTo(answer);
        }
    }

    @Test
    void acknowledgementsKeepTheOrderOfArrivalAlsoWhereSubscribersAre() {
        try (var _ = following(device.topic("telemetry")); var client = connected(V5)) {
            var sent = new StringBuilder();
            for (int id = 1; id <= 600; id++) {
                sent.append(switch (id % 3) {
                    case 0 -> publish(1, id, device.topic("telemetry"), "00", "not json");
                    case 1 -> telemetry(1, id, "00", id, id);
                    default -> publish(1, id, device.topic("heartbeat"), "00", "");
                });
            }
            client.send(sent.toString());
            for (int id = 1; id <= 600; id++) {
                assertThat(idAndReason(client.packet())).isEqualTo(shortOf(id) + (id % 3 == 0 ? "99" : ""));
            }
        }
    }

    /// Packet id and, unless it is success, the reason code of a PUBACK.
    private static String idAndReason(String puback) {
        assertThat(puback).startsWith("40");
        var body = puback.substring(puback.startsWith("8", 2) || puback.charAt(2) > '7' ? 6 : 4);
        var reason = body.length() > 4 ? body.substring(4, 6) : "";
        return body.substring(0, 4) + (reason.equals("00") ? "" : reason);
    }

    @Test
    void repeatedQosTwoPacketIsStoredOnce() {
        try (var client = connected(V3)) {
            // Without a time of its own each would be another value.
            var packet = publish(2, 9, device.topic("telemetry"), "", "{\"n\":1}");
            client.send(packet);
            assertThat(client.packet()).isEqualTo("5002" + "0009");
            client.send(again(packet), again(packet));
            assertThat(client.packet()).isEqualTo("5002" + "0009");
            assertThat(client.packet()).isEqualTo("5002" + "0009");
            client.send("6202" + "0009");
            assertThat(client.packet()).isEqualTo("7002" + "0009");
            assertThat(platform.stored(device, "n")).isEqualTo(1);
            client.send(packet); // the id is free again
            assertThat(client.packet()).isEqualTo("5002" + "0009");
            assertThat(platform.stored(device, "n")).isEqualTo(2);
        }
    }

    @Test
    void repeatedQosTwoPacketIsStoredOnceAfterReconnecting() {
        for (var isFollowed : new boolean[] {false, true}) {
            var follower = isFollowed ? following(device.topic("telemetry")) : operator();
            var before = isFollowed ? platform.stored(device, "n") : 0;
            var packet = publish(2, 9, device.topic("telemetry"), "", "{\"n\":1}");
            try (var first = lasting(V3, isFollowed)) {
                first.send(packet);
                assertThat(first.packet()).isEqualTo("5002" + "0009");
            }
            try (var second = lasting(V3, true)) {
                second.send(again(packet));
                assertThat(second.packet()).isEqualTo("5002" + "0009");
                second.send("6202" + "0009");
                assertThat(second.packet()).isEqualTo("7002" + "0009");
            }
            assertThat(platform.stored(device, "n")).isEqualTo(before + 1);
            if (isFollowed) {
                assertThat(follower.packet()).startsWith("32");
                follower.expectNothingMore();
            }
            follower.close();
        }
    }

    @Test
    void newSessionForgetsQosTwoPackets() {
        var packet = publish(2, 9, device.topic("telemetry"), "", "{\"n\":1}");
        for (int i = 1; i <= 2; i++) {
            try (var client = connected(V3)) {
                client.send(packet);
                assertThat(client.packet()).isEqualTo("5002" + "0009");
            }
        }
        assertThat(platform.stored(device, "n")).isEqualTo(2);
    }

    @Test
    void releaseIsAnsweredWhoeverTookThePacket() {
        try (var follower = following(device.topic("telemetry")); var client = connected(V5)) {
            client.send(telemetry(2, 1, "00", 1, 1));        // followed
            assertThat(client.packet()).startsWith("50").contains("0001");
            client.send(publish(2, 2, device.topic("heartbeat"), "00", "")); // not followed
            assertThat(client.packet()).startsWith("50").contains("0002");
            client.send("6202" + "0001" + "6202" + "0002" + "6202" + "0003"); // the last was never sent
            for (int id = 1; id <= 3; id++) assertThat(client.packet()).startsWith("70").contains(shortOf(id));
            assertThat(follower.packet()).startsWith("32");
        }
    }

    @Test
    void packetsBehindConnectInTheSameSegmentAreTaken() {
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(V3, "early", device.name(), device.key(), 60, true), telemetry(1, 1, "", 1, 1),
                    telemetry(0, 0, "", 1, 2), telemetry(1, 2, "", 1, 3), "c000");
            assertThat(client.packet()).isEqualTo("20020000");
            var answers = new ArrayList<String>();
            for (int i = 0; i < 3; i++) answers.add(client.packet());
            assertThat(answers).containsSubsequence("40020001", "40020002").contains("d000");
        }
        assertThat(platform.stored(device, "n")).isEqualTo(3);
    }

    @Test
    void packetsBehindConnectAndDisconnectInOneSegmentAreTaken() {
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(V3, "early", device.name(), device.key(), 60, true), telemetry(0, 0, "", 1, 1),
                    telemetry(0, 0, "", 1, 2), "e000");
            assertThat(client.untilClosed()).isEqualTo("20020000");
        }
        TestPlatform.await("both stored", () -> platform.stored(device, "n") == 2);
    }

    @Test
    void secondConnectEndsTheConnection() {
        try (var client = connected(V3)) {
            client.send(connect(V3, "again", device.name(), device.key(), 60, true));
            assertThat(client.untilClosed()).isEmpty();
        }
        try (var client = new RawMqtt(platform.mqttPort())) {
            var connect = connect(V3, "twice", device.name(), device.key(), 60, true);
            client.send(connect, connect);
            assertThat(client.untilClosed()).isEqualTo("20020000");
        }
    }

    @Test
    void packetsBeforeConnectEndTheConnection() {
        var clients = new ArrayList<RawMqtt>();
        for (var first : new String[] {telemetry(0, 0, "", 1, 1), telemetry(1, 1, "", 1, 2), telemetry(2, 1, "", 1, 3),
                "c000", "e000", "6202" + "0001", "4002" + "0001", packet(0x82, "0001" + text("devices/1/x") + "01"),
                packet(0xA2, "0001" + text("devices/1/x"))}) {
            clients.add(new RawMqtt(platform.mqttPort()).send(first));
        }
        for (var client : clients) {
            assertThat(client.untilClosed()).isEmpty(); // when the time for the handshake is over
            client.close();
        }
        assertThat(platform.stored(device, "n")).isZero();
    }

    @Test
    void packetThatIsTooLargeEndsTheConnectionWithItsReason() {
        var tooLarge = packet(0x30, text(device.topic("telemetry")) + "00" + "20".repeat(301 << 10));
        try (var client = connected(V5)) {
            client.send(tooLarge);
            assertThat(client.untilClosed()).startsWith("e0").contains("95");
        }
        var before = platform.mqttFigure("rejections/too_large");
        try (var client = connected(V3)) {
            client.send(tooLarge).untilClosed();
        } catch (UncheckedIOException _) {
            // reset while it was sending
        }
        assertThat(platform.mqttFigure("rejections/too_large")).isEqualTo(before + 1);
    }

    @Test
    void topicAliasStandsForItsTopic() {
        try (var client = connected(V5)) {
            client.send(telemetry(1, 1, "03" + "23" + "0001", 1, 1));       // alias 1 for the topic
            client.send(publish(1, 2, "", "03" + "23" + "0001", "{\"ts\":1767225600002,\"values\":{\"n\":2}}"));
            client.send(publish(1, 3, device.topic("heartbeat"), "03" + "23" + "0001", "")); // now for another
            client.send(publish(1, 4, "", "03" + "23" + "0001", "anything"));
            for (int id = 1; id <= 4; id++) assertThat(client.packet()).isEqualTo("4002" + shortOf(id));
        }
        assertThat(platform.stored(device, "n")).isEqualTo(2);
    }

    @Test
    void topicAliasAgainstTheRulesEndsTheConnection() {
        checkAlias(device.topic("telemetry"), 0, "94");
        checkAlias(device.topic("telemetry"), 33, "94");
        checkAlias(device.topic("telemetry"), 65_535, "94");
        checkAlias("", 5, "94");
        assertThat(platform.stored(device, "n")).isZero();
    }

    private void checkAlias(String topic, int alias, String reason) {
        try (var client = connected(V5)) {
            client.send(publish(1, 1, topic, "03" + "23" + shortOf(alias), "{\"n\":1}"),
                    telemetry(1, 2, "00", 1, 1)); // in the same segment: the connection has ended before it
            assertThat(client.untilClosed()).as(topic + alias).isEqualTo("e002" + reason + "00");
        }
    }

    @Test
    void malformedPayloadIsRefusedWithItsReason() {
        var before = platform.mqttFigure("rejections/malformed");
        try (var client = connected(V5)) {
            client.send(publish(1, 7, device.topic("telemetry"), "00", "{\"a\":"));
            var answer = client.packet();
            assertThat(idAndReason(answer)).isEqualTo("0007" + "99");
            assertThat(answer).as("its reason string").contains(text("the JSON cannot be read").substring(4));
            client.send(publish(2, 8, device.topic("telemetry"), "00", "[[[["));
            assertThat(client.packet()).startsWith("50").contains("0008" + "99");
            client.expectNothingMore();
        }
        try (var client = connected(V3)) {
            client.send(publish(1, 7, device.topic("telemetry"), "", "{\"a\":"));
            assertThat(client.packet()).isEqualTo("4002" + "0007"); // 3.1.1 cannot say no
            client.send(publish(0, 0, device.topic("telemetry"), "", "{\"a\":"));
            client.expectNothingMore();
        }
        assertThat(platform.mqttFigure("rejections/malformed")).isEqualTo(before + 4);
    }

    @Test
    void foreignTopicIsRefused() {
        var other = platform.device("victim-" + device.name());
        var before = platform.mqttFigure("rejections/not_authorized");
        try (var client = connected(V5)) {
            client.send(publish(1, 7, other.topic("telemetry"), "00", "{\"n\":1}"));
            assertThat(idAndReason(client.packet())).isEqualTo("0007" + "87");
            client.send(publish(2, 8, other.topic("telemetry"), "00", "{\"n\":1}"));
            assertThat(client.packet()).startsWith("50").contains("0008" + "87");
            client.send(publish(0, 0, other.topic("telemetry"), "00", "{\"n\":1}"));
            client.expectNothingMore();
        }
        try (var client = connected(V3)) {
            client.send(publish(1, 7, other.topic("telemetry"), "", "{\"n\":1}"),
                    telemetry(1, 8, "", 1, 1)); // in the same segment: not read any more
            assertThat(client.untilClosed()).isEmpty();
        }
        assertThat(platform.mqttFigure("rejections/not_authorized")).isEqualTo(before + 4);
        assertThat(platform.stored(other, "n")).isZero();
        assertThat(platform.stored(device, "n")).isZero();
    }

    @Test
    void subscriptionsAreAnsweredOneByOne() {
        try (var client = connected(V5)) {
            client.send(packet(0x82, "0005" + "00"
                    + text("devices/another/commands") + "01"
                    + text(device.topic("commands")) + "01"
                    + text("#") + "01"
                    + text("devices/+/telemetry") + "00"
                    + text("$share/g/" + device.topic("config")) + "00"));
            assertThat(client.packet()).isEqualTo("9008" + "0005" + "00" + "87" + "01" + "87" + "87" + "00");
            client.send(packet(0x82, "0006" + "00" + text("+/+/+") + "01"));
            assertThat(client.packet()).isEqualTo("9004" + "0006" + "00" + "87");
        }
        try (var client = connected(V3)) {
            client.send(packet(0x82, "0005" + text("devices/#") + "01" + text(device.topic("+")) + "02"));
            assertThat(client.packet()).isEqualTo("9004" + "0005" + "80" + "02");
        }
    }

    @Test
    void receiveMaximumOfASubscriberIsKept() {
        try (var follower = new RawMqtt(platform.mqttPort())) {
            follower.send(connect(V5, "slow-" + device.name(), "admin", TestPlatform.TOKEN, 60, true,
                    "21" + "0002", "")); // receive maximum 2
            follower.packet();
            follower.send(packet(0x82, "0001" + "00" + text(device.topic("telemetry")) + "01"));
            follower.packet();
            try (var client = connected(V3)) {
                for (int id = 1; id <= 6; id++) {
                    client.send(telemetry(1, id, "", id, id));
                    assertThat(client.packet()).isEqualTo("4002" + shortOf(id));
                }
            }
            for (int round = 0; round < 3; round++) {
                var first = idOf(follower.packet());
                var second = idOf(follower.packet());
                follower.expectNothingMore();
                follower.send("4002" + first + "4002" + second);
            }
        }
    }

    /// The packet id of an MQTT 5 PUBLISH on the device's telemetry topic.
    private String idOf(String publish) {
        assertThat(publish).startsWith("32");
        var topic = text(device.topic("telemetry"));
        var at = publish.indexOf(topic) + topic.length();
        return publish.substring(at, at + 4);
    }
}
