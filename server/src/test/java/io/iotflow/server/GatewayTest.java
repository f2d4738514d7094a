package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// One connection that speaks for other devices, by ThingsBoard's gateway API.
class GatewayTest {
    private static final String TOPIC = "v1/gateway/";

    private static TestPlatform platform;
    private static TestDevice gateway;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("registration.gateway_devices=2");
        gateway = platform.device("hub");
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode json(String text) throws Exception {
        return Json.mapper().readTree(text.replace('\'', '"'));
    }

    private static Mqtt5BlockingClient connected(TestDevice device) {
        Mqtt5BlockingClient client = Mqtt5Client.builder().identifier("hub").serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).simpleAuth().username(device.key()).applySimpleAuth().buildBlocking();
        client.connect();
        return client;
    }

    /// A device that speaks through the gateway.
    private static TestDevice behind(String name) {
        var made = platform.call("POST", "/api/v1/admin/devices", "{\"name\":\"" + name
                + "\",\"device_type\":\"test\",\"metadata\":{\"gateway\":" + gateway.id() + "}}").path("device");
        return new TestDevice(made.path("id").longValue(), name, made.path("api_key").textValue());
    }

    private static void say(Mqtt5BlockingClient client, String word, String payload) {
        client.publishWith().topic(TOPIC + word).qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.replace('\'', '"').getBytes(StandardCharsets.UTF_8)).send();
    }

    /// Why the platform does not take it; empty if it does.
    private static Optional<String> refused(Mqtt5BlockingClient client, String word, String payload) {
        try {
            say(client, word, payload);
            return Optional.empty();
        } catch (Mqtt5PubAckException e) {
            return Optional.of(e.getMqttMessage().getReasonString().orElseThrow().toString());
        }
    }

    private static JsonNode next(Mqtt5Publishes messages, String word) throws Exception {
        var message = messages.receive(10, TimeUnit.SECONDS).orElseThrow(() -> new AssertionError("no " + word));
        assertThat(message.getTopic().toString()).isEqualTo(TOPIC + word);
        return json(new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));
    }

    private static void listen(Mqtt5BlockingClient client, String word) {
        client.subscribeWith().topicFilter(TOPIC + word).qos(MqttQos.AT_LEAST_ONCE).send();
    }

    private static boolean isOnline(TestDevice device) {
        return platform.get("/api/v1/devices/" + device.id() + "/status").at("/device/is_online").asBoolean();
    }

    @Test
    void whatItSaysForItsDevicesIsTakenAsTheirs() throws Exception {
        var one = behind("Room 1");
        var other = behind("Room 2");
        var client = connected(gateway);
        say(client, "connect", "{'device':'Room 1','type':'thermometer'}");
        assertThat(isOnline(one)).isTrue();
        say(client, "telemetry", "{'Room 1':[{'ts':1767225600000,'values':{'temperature':20.25}},{'humidity':60}],"
                + " 'Room 2': {'temperature': 21} }");
        assertThat(platform.stored(one, "temperature")).isEqualTo(1);
        assertThat(platform.stored(one, "humidity")).isEqualTo(1);
        assertThat(platform.stored(other, "temperature")).isEqualTo(1);
        say(client, "attributes", "{'Room 1':{'firmware':'1.2'},'Room 2':{'firmware':'1.3'}}");
        for (var device : new TestDevice[] {one, other}) {
            TestPlatform.await(() -> platform.get("/api/v1/devices/" + device.id() + "/shadow"),
                    it -> it.path("reported").has("firmware"));
        }
        say(client, "disconnect", "{'device':'Room 1'}");
        client.publishWith().topic(TOPIC + "telemetry").qos(MqttQos.EXACTLY_ONCE)
                .payload("{\"Room 2\":{\"temperature\":22}}".getBytes(StandardCharsets.UTF_8)).send();
        assertThat(platform.stored(other, "temperature")).isEqualTo(2);
        client.disconnect();
    }

    @Test
    void itSpeaksForNobodyElse() throws Exception {
        var mine = behind("mine");
        platform.device("stranger");
        var foreign = platform.call("POST", "/api/v1/organizations", "{\"name\":\"elsewhere\"}").path("id").asText();
        platform.call("POST", "/api/v1/admin/devices", "{\"name\":\"cousin\",\"device_type\":\"test\",\"metadata\":"
                + "{\"gateway\":" + gateway.id() + "},\"organization_id\":" + foreign + "}");
        var client = connected(gateway);
        for (var name : new String[] {"stranger", "cousin", "hub", "12345", "no:such:name:", ""}) {
            assertThat(refused(client, "telemetry", "{'" + name + "':{'temperature':1},'mine':{'temperature':1}}"))
                    .as(name).isPresent();
            assertThat(refused(client, "connect", "{'device':'" + name + "'}")).as(name).isPresent();
        }
        assertThat(platform.stored(mine, "temperature")).as("the others' part is kept").isGreaterThan(0);
        assertThat(refused(client, "telemetry", "{'mine':5}")).hasValueSatisfying(why ->
                assertThat(why).contains("an object or a list for each device"));
        assertThat(refused(client, "claim", "{'device':'mine'}")).isPresent();
        platform.call("PUT", "/api/v1/admin/devices/mine", "{\"metadata\":{}}");
        assertThat(refused(client, "telemetry", "{'mine':{'temperature':1}}")).hasValueSatisfying(why ->
                assertThat(why).contains("set gateway in its metadata to " + gateway.id()));
        client.disconnect();
    }

    @Test
    void aCommandReachesADeviceThroughItsGateway() throws Exception {
        behind("valve");
        var client = connected(gateway);
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            listen(client, "rpc");
            say(client, "connect", "{'device':'valve'}");
            var sent = platform.call("POST", "/api/v1/devices/valve/commands",
                    "{\"type\":\"open\",\"params\":{\"far\":true}}");
            var call = next(messages, "rpc");
            assertThat(call.path("device").asText()).isEqualTo("valve");
            assertThat(call.at("/data/method").asText()).isEqualTo("open");
            assertThat(call.at("/data/params")).isEqualTo(json("{'far':true}"));
            say(client, "rpc", "{'device':'valve','id':" + call.at("/data/id") + ",'data':{}}");
            var command = TestPlatform.await(
                    () -> platform.get("/api/v1/commands/" + sent.path("command_id").asText()),
                    it -> it.path("status").asText().equals("succeeded"));
            assertThat(command.path("steps").toString()).contains("puback");
        }
        client.disconnect();
        TestPlatform.await("gone with its gateway", () -> platform.call("POST", "/api/v1/devices/valve/commands",
                "{\"type\":\"shut\"}").path("message").asText().contains("away"));
    }

    @Test
    void attributesAreAskedForAndTold() throws Exception {
        behind("lamp");
        var client = connected(gateway);
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            listen(client, "attributes");
            listen(client, "attributes/response");
            say(client, "attributes", "{'lamp':{'model':'A','serial':7}}");
            platform.call("PATCH", "/api/v1/devices/lamp/shadow", "{\"desired\":{\"on\":true}}");
            assertThat(next(messages, "attributes")).isEqualTo(json("{'device':'lamp','data':{'on':true}}"));
            say(client, "attributes/request", "{'id':1,'device':'lamp','client':true,'key':'model'}");
            assertThat(next(messages, "attributes/response")).isEqualTo(json("{'device':'lamp','id':1,'value':'A'}"));
            say(client, "attributes/request", "{'id':2,'device':'lamp','client':false,'keys':['on','off']}");
            assertThat(next(messages, "attributes/response"))
                    .isEqualTo(json("{'device':'lamp','id':2,'values':{'on':true}}"));
        }
        client.disconnect();
    }

    @Test
    void itBringsOnlyAsManyDevicesAsItMay() {
        var client = connected(gateway);
        var other = platform.device("small-hub");
        var second = connected(other);
        say(second, "connect", "{'device':'brought-1','type':'meter'}");
        say(second, "telemetry", "{'brought-2':{'temperature':1}}");
        assertThat(refused(second, "connect", "{'device':'brought-3'}")).hasValueSatisfying(why ->
                assertThat(why).contains("2 devices behind it"));
        assertThat(refused(client, "connect", "{'device':'brought-1'}")).as("of another gateway").isPresent();
        var made = platform.get("/api/v1/admin/devices/brought-1").path("device");
        assertThat(made.path("device_type").asText()).isEqualTo("meter");
        assertThat(made.at("/metadata/gateway").asLong()).isEqualTo(other.id());
        assertThat(platform.get("/api/v1/audit?action=device.registered&limit=1000").path("entries").toString())
                .contains("small-hub");
        client.disconnect();
        second.disconnect();
    }
}
