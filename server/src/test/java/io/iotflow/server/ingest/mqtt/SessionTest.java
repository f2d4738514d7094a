package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.TestPlatform.await;
import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.V5;
import static io.iotflow.server.ingest.mqtt.RawMqtt.connect;
import static io.iotflow.server.ingest.mqtt.RawMqtt.packet;
import static io.iotflow.server.ingest.mqtt.RawMqtt.publish;
import static io.iotflow.server.ingest.mqtt.RawMqtt.shortOf;
import static io.iotflow.server.ingest.mqtt.RawMqtt.text;
import static io.iotflow.server.ingest.mqtt.RawMqtt.will;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Connections, sessions, wills and retained messages, and who gets what.
class SessionTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static TestPlatform platform;
    private final TestDevice device = platform.device("session-" + NUMBER.incrementAndGet());

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("mqtt.server_keep_alive=2");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    /// A connected operator that follows topics, and what has come.
    private static final class Follower implements AutoCloseable {
        private final Mqtt5BlockingClient client;
        private final List<Mqtt5Publish> arrived = new CopyOnWriteArrayList<>();

        Follower(String... filters) {
            client = MqttClient.builder().useMqttVersion5().serverHost("127.0.0.1").serverPort(platform.mqttPort())
                    .simpleAuth().username("admin").password(TestPlatform.TOKEN.getBytes(UTF_8)).applySimpleAuth()
                    .buildBlocking();
            client.connect();
            for (var filter : filters) {
                client.toAsync().subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE)
                        .callback(arrived::add).send().join();
            }
        }

        List<String> payloads() {
            return arrived.stream().map(message -> new String(message.getPayloadAsBytes(), UTF_8)).toList();
        }

        @Override
        public void close() {
            client.disconnect();
        }
    }

    private Mqtt5BlockingClient client(TestDevice device, String clientId) {
        return MqttClient.builder().useMqttVersion5().identifier(clientId).serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).simpleAuth().username(device.name())
                .password(device.key().getBytes(UTF_8)).applySimpleAuth().buildBlocking();
    }

    private RawMqtt raw(int version, String properties, String will, boolean clean) {
        var client = new RawMqtt(platform.mqttPort());
        client.send(connect(version, "raw", device.name(), device.key(), 60, clean, properties, will));
        return client;
    }

    @Test
    void willComesWhenAClientVanishes() {
        for (var version : new int[] {V3, V5}) {
            try (var follower = new Follower(device.topic("status/#"))) {
                var client = raw(version, "", will(version, device.topic("status/offline"), "gone"), true);
                client.packet();
                client.reset();
                await("the will", () -> follower.payloads().equals(List.of("gone")));
                assertThat(follower.arrived.getFirst().getTopic().toString())
                        .isEqualTo(device.topic("status/offline"));
            }
        }
    }

    @Test
    void willComesAfterADisconnectThatAsksForIt() {
        try (var follower = new Follower(device.topic("status/#"))) {
            var client = raw(V5, "", will(V5, device.topic("status/offline"), "asked"), true);
            client.packet();
            client.send("e002" + "04" + "00");
            await("the will", () -> follower.payloads().equals(List.of("asked")));
            client.close();
        }
    }

    @Test
    void willNeverComesAfterANormalDisconnect() {
        try (var follower = new Follower(device.topic("status/#"))) {
            for (int i = 0; i < 200; i++) {
                var version = i % 2 == 0 ? V3 : V5;
                var client = raw(version, "", will(version, device.topic("status/offline"), "false"), true);
                client.packet();
                client.send("e000");
                client.close(); // at once, so that the broker sees the end as early as the packet
            }
            var last = raw(V3, "", will(V3, device.topic("status/offline"), "true"), true);
            last.packet();
            last.reset();
            await("the one true will", () -> !follower.arrived.isEmpty());
            assertThat(follower.payloads()).containsExactly("true");
        }
    }

    @Test
    void willOfAnEarlierConnectionDoesNotComeForALaterOne() {
        try (var follower = new Follower(device.topic("status/#"))) {
            var first = raw(V3, "", will(V3, device.topic("status/offline"), "old"), false);
            first.packet();
            first.send("e000").untilClosed();
            var second = raw(V3, "", "", false);
            assertThat(second.packet()).isEqualTo("20020100");
            second.reset();
            var last = raw(V3, "", will(V3, device.topic("status/offline"), "new"), true);
            last.packet();
            last.reset();
            await("the will", () -> !follower.arrived.isEmpty());
            assertThat(follower.payloads()).containsExactly("new");
        }
    }

    @Test
    void willOnAForeignTopicIsRefused() {
        for (var topic : new String[] {"devices/another/status", device.topic("commands"), "x"}) {
            assertThat(raw(V3, "", will(V3, topic, "x"), true).untilClosed()).as(topic).isEqualTo("20020005");
            assertThat(raw(V5, "", will(V5, topic, "x"), true).untilClosed()).as(topic).startsWith("20")
                    .contains("0087");
        }
    }

    @Test
    void retainedMessageIsKeptUntilCleared() {
        var client = client(device, "retaining");
        client.connect();
        client.publishWith().topic(device.topic("status")).qos(MqttQos.AT_LEAST_ONCE).retain(true)
                .payload("{\"a\":1}".getBytes(UTF_8)).send();
        try (var follower = new Follower(device.topic("status"))) {
            await("the retained message", () -> follower.payloads().equals(List.of("{\"a\":1}")));
            assertThat(follower.arrived.getFirst().isRetain()).isTrue();
        }
        client.publishWith().topic(device.topic("status")).qos(MqttQos.AT_LEAST_ONCE).retain(true).send();
        client.publishWith().topic(device.topic("status/x")).qos(MqttQos.AT_LEAST_ONCE).retain(true)
                .payload("kept".getBytes(UTF_8)).send();
        try (var follower = new Follower(device.topic("status"), device.topic("status/x"))) {
            await("the other one", () -> !follower.arrived.isEmpty());
            assertThat(follower.payloads()).containsExactly("kept");
        }
        client.disconnect();
    }

    @Test
    void propertiesReachSubscribers() {
        try (var follower = new Follower(device.topic("telemetry"))) {
            var client = client(device, "rich");
            client.connect();
            client.publishWith().topic(device.topic("telemetry")).qos(MqttQos.EXACTLY_ONCE)
                    .payload("{\"a\":1}".getBytes(UTF_8)).contentType("application/json").responseTopic("answers")
                    .correlationData(new byte[] {1, 2}).userProperties().add("site", "Ş").applyUserProperties().send();
            client.disconnect();
            await("the message", () -> !follower.arrived.isEmpty());
            var message = follower.arrived.getFirst();
            assertThat(message.getContentType().orElseThrow().toString()).isEqualTo("application/json");
            assertThat(message.getResponseTopic().orElseThrow().toString()).isEqualTo("answers");
            assertThat(message.getCorrelationData()).isPresent();
            assertThat(message.getUserProperties().asList()).hasSize(1);
        }
    }

    @Test
    void lastingSessionGetsWhatWasSentWhileItWasAway() {
        for (var version : new int[] {V3, V5}) {
            var properties = version == V5 ? "11" + "00000e10" : "";
            var first = raw(version, properties, "", false);
            first.packet();
            first.send(packet(0x82, "0001" + (version == V5 ? "00" : "") + text(device.topic("commands")) + "01"));
            assertThat(first.packet()).endsWith("01");
            first.send("e000").untilClosed();
            var operator = new RawMqtt(platform.mqttPort());
            operator.send(connect(V3, "sender", "admin", TestPlatform.TOKEN, 60, true)).packet();
            for (int id = 1; id <= 3; id++) {
                operator.send(publish(1, id, device.topic("commands"), "", "do-" + id));
                assertThat(operator.packet()).isEqualTo("4002" + shortOf(id));
            }
            operator.close();
            var second = raw(version, properties, "", false);
            assertThat(second.packet()).startsWith("20").satisfies(
                    hex -> assertThat(hex.substring(4, 6)).isEqualTo("01"));
            for (int id = 1; id <= 3; id++) {
                var message = second.packet();
                assertThat(message).startsWith("32").contains(text(device.topic("commands")))
                        .endsWith(text("do-" + id).substring(4));
            }
            second.close();
            raw(version, "", "", true).packet();
        }
    }

    @Test
    void sessionEndsWhenItsTimeIsOverAndALongOneIsCutTo24Days() {
        var shorter = platform.device("short-" + device.name());
        var subscribe = "0001" + "00";
        for (var seconds : new String[] {"3b9ac9ff", "ffffffff", "00278d00"}) { // 31 years, for ever, 30 days
            try (var client = raw(V5, "11" + seconds, "", true)) {
                assertThat(client.packet()).as("the time that it gets instead").contains("11" + "0020c49b");
                client.send(packet(0x82, subscribe + text(device.topic("commands")) + "01")).packet();
                client.send("e007" + "00" + "05" + "11" + seconds).untilClosed(); // and once more with DISCONNECT
            }
            try (var client = new RawMqtt(platform.mqttPort())) {
                client.send(connect(V5, "raw", shorter.name(), shorter.key(), 60, true, "11" + "00000001", ""));
                assertThat(client.packet()).doesNotContain("11" + "00000001");
                client.send(packet(0x82, subscribe + text(shorter.topic("commands")) + "01")).packet();
                client.send("e000").untilClosed();
            }
            var over = Instant.now().plusSeconds(2);
            await("the short session's time", Duration.ofSeconds(3), () -> Instant.now().isAfter(over));
            try (var client = new RawMqtt(platform.mqttPort())) {
                client.send(connect(V5, "raw", shorter.name(), shorter.key(), 60, false, "11" + "00000000", ""));
                assertThat(client.packet().substring(4, 8)).as("no session present").isEqualTo("0000");
                client.send("e000").untilClosed();
            }
            try (var client = raw(V5, "11" + "00000000", "", false)) {
                assertThat(client.packet().substring(4, 8)).as("session present").isEqualTo("0100");
                client.send("e000").untilClosed();
            }
        }
    }

    @Test
    void clientWithoutAnIdIsAssignedOneWhetherItStartsCleanOrNot() {
        for (var clean : new boolean[] {true, false}) {
            try (var client = new RawMqtt(platform.mqttPort())) {
                client.send(connect(V5, "", device.name(), device.key(), 60, clean));
                assertThat(client.packet().substring(4, 8)).isEqualTo("0000");
            }
        }
    }

    @Test
    void sameClientIdOfTwoDevicesIsTwoClients() {
        var other = platform.device("twin-of-" + device.name());
        var one = client(device, "same");
        var two = client(other, "same");
        one.connect();
        two.connect();
        var toOne = new ArrayList<String>();
        var toTwo = new CopyOnWriteArrayList<String>();
        one.toAsync().subscribeWith().topicFilter(device.topic("commands")).callback(message -> toOne.add("x")).send()
                .join();
        two.toAsync().subscribeWith().topicFilter(other.topic("commands"))
                .callback(message -> toTwo.add(message.getTopic().toString())).send().join();
        try (var operator = new Follower()) {
            operator.client.publishWith().topic(other.topic("commands")).qos(MqttQos.AT_LEAST_ONCE)
                    .payload("{}".getBytes(UTF_8)).send();
        }
        await("the command", () -> toTwo.equals(List.of(other.topic("commands"))));
        assertThat(one.getState().isConnected()).isTrue();
        assertThat(two.getState().isConnected()).isTrue();
        assertThat(toOne).isEmpty();
        one.disconnect();
        two.disconnect();
    }

    @Test
    void assignedClientIdIsTheClientsOwn() {
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(V5, "", device.name(), device.key(), 60, true));
            var connack = client.packet();
            assertThat(connack).contains("12"); // assigned client identifier
            assertThat(connack).doesNotContain("647c").doesNotContain("7c"); // no d…| of ours
        }
    }

    @Test
    void secondConnectionOfAClientTakesOver() {
        var first = raw(V3, "", "", true);
        first.packet();
        var second = raw(V3, "", "", true);
        assertThat(second.packet()).isEqualTo("20020000");
        assertThat(first.untilClosed()).isEmpty();
        second.expectNothingMore().close();
    }

    @Test
    void wrongCredentialsAreRefused() {
        for (var password : new String[] {"", "x", device.key() + "x", TestPlatform.TOKEN}) {
            try (var client = new RawMqtt(platform.mqttPort())) {
                client.send(connect(V3, "c", device.name(), password, 60, true));
                assertThat(client.untilClosed()).as(password).matches("2002000[45]");
            }
        }
        var other = platform.device("other-than-" + device.name());
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(V5, "c", device.name(), other.key(), 60, true));
            assertThat(client.untilClosed()).startsWith("20").matches(".{4}00(86|87).*");
        }
    }

    @Test
    void deviceThatMayNotPublishAnyMoreIsDisconnected() {
        var path = "/api/v1/admin/devices/" + device.id();
        checkEnds(device, () -> platform.call("POST", path + "/api-key", "{\"grace_seconds\":0}"));
        var gone = platform.device("gone-" + device.name());
        checkEnds(gone, () -> platform.call("DELETE", "/api/v1/admin/devices/" + gone.id(), ""));
    }

    private void checkEnds(TestDevice who, Runnable change) {
        try (var client = RawMqtt.connected(platform, who, V3)) {
            change.run();
            assertThat(client.untilClosed()).isEmpty();
        }
        try (var again = new RawMqtt(platform.mqttPort())) {
            again.send(connect(V3, "again", who.name(), who.key(), 60, true));
            assertThat(again.untilClosed()).matches("2002000[45]");
        }
    }

    @Test
    void rotationWithGraceKeepsTheConnection() {
        try (var client = RawMqtt.connected(platform, device, V3)) {
            platform.call("POST", "/api/v1/admin/devices/" + device.id() + "/api-key", "");
            client.send(publish(1, 1, device.topic("heartbeat"), "", ""));
            assertThat(client.packet()).isEqualTo("40020001");
        }
    }

    @Test
    void silentClientIsClosedAfterOneAndAHalfKeepAlives() {
        for (var keepAlive : new int[] {1, 0, 600}) { // the latter two: the platform's own, 2 s
            try (var client = new RawMqtt(platform.mqttPort())) {
                var started = System.nanoTime();
                client.send(connect(V5, "silent", device.name(), device.key(), keepAlive, true));
                var connack = client.packet();
                if (keepAlive != 1) assertThat(connack).as("server keep alive").contains("13" + "0002");
                client.untilClosed();
                var millis = (System.nanoTime() - started) / 1_000_000;
                assertThat(millis).as("keep-alive " + keepAlive).isBetween(1_400L, 9_000L);
            }
        }
    }

    @Test
    void clientThatOnlyPublishesIsAlive() {
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(V3, "busy", device.name(), device.key(), 1, true)).packet();
            var sent = new AtomicInteger();
            await("five seconds of messages", Duration.ofSeconds(20), () -> {
                client.send(publish(1, 1, device.topic("heartbeat"), "", ""));
                assertThat(client.packet()).isEqualTo("40020001");
                java.util.concurrent.locks.LockSupport.parkNanos(300_000_000L);
                return sent.incrementAndGet() == 17;
            });
        }
    }

    @Test
    void websocketCarriesTheSame() {
        try (var follower = new Follower("devices/+/telemetry")) {
            var client = MqttClient.builder().useMqttVersion3().serverHost("127.0.0.1")
                    .serverPort(platform.platform().mqttWebsocketPort()).webSocketConfig().serverPath("mqtt")
                    .applyWebSocketConfig().simpleAuth().username(device.name())
                    .password(device.key().getBytes(UTF_8)).applySimpleAuth().buildBlocking();
            client.connect();
            client.publishWith().topic(device.topic("telemetry")).qos(MqttQos.EXACTLY_ONCE)
                    .payload("{\"n\":1}".getBytes(UTF_8)).send();
            client.disconnect();
            await("the message", () -> follower.payloads().contains("{\"n\":1}"));
        }
        assertThat(platform.stored(device, "n")).isEqualTo(1);
    }

    @Test
    void clientThatAllowsTopicAliasesGetsEveryTopicInItsOwnForm() {
        for (var filter : List.of(device.topic("status/#"), "iotflow/devices/" + device.id() + "/status/#",
                "devices/" + device.id() + "/status/#")) {
            try (var operator = new RawMqtt(platform.mqttPort());
                    var publisher = RawMqtt.connected(platform, device, V3)) {
                operator.send(connect(V5, "aliases", "admin", TestPlatform.TOKEN, 60, true, "22" + "000a", ""))
                        .packet();
                operator.send(packet(0x82, "0001" + "00" + text(filter) + "00")).packet();
                for (int i = 0; i < 6; i++) {
                    publisher.send(publish(0, 0, device.topic("status/" + i % 2), "", "x" + i));
                    assertThat(operator.packet()).as(filter + " " + i)
                            .contains(text(filter.replace("#", "" + i % 2)), text("x" + i).substring(4));
                }
            }
        }
    }

    @Test
    void followerGetsEveryMessageOfManyDevicesThatLeaveAtOnce() throws InterruptedException {
        var devices = new ArrayList<TestDevice>();
        for (int i = 0; i < 20; i++) devices.add(platform.device("many-" + i));
        Set<String> arrived = ConcurrentHashMap.newKeySet();
        try (var follower = new Follower()) {
            follower.client.toAsync().subscribeWith().topicFilter("devices/+/telemetry").qos(MqttQos.AT_LEAST_ONCE)
                    .callback(message -> arrived.add(
                            message.getTopic() + new String(message.getPayloadAsBytes(), UTF_8)))
                    .send().join();
            var threads = devices.stream().map(one -> Thread.ofVirtual().start(() -> publishAndLeave(one))).toList();
            for (var thread : threads) thread.join();
            await("5,000 messages", Duration.ofSeconds(30), () -> arrived.size() == 5_000);
        }
    }

    /// 250 messages: 150 waiting for the acknowledgements, 100 without, with the end right behind them.
    private static void publishAndLeave(TestDevice device) {
        for (var part : new int[][] {{1, 150}, {151, 250}}) {
            try (var client = RawMqtt.connected(platform, device, V3)) {
                var all = new StringBuilder();
                for (int id = part[0]; id <= part[1]; id++) {
                    all.append(publish(1, id, device.topic("telemetry"), "", "{\"n\":" + id + "}"));
                }
                if (part[0] == 1) {
                    client.send(all.toString());
                    for (int id = part[0]; id <= part[1]; id++) client.packet();
                } else {
                    client.send(all.toString(), "e000").untilClosed();
                }
            }
        }
    }
}
