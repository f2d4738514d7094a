package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient.Mqtt3Publishes;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Devices that were made for other platforms: ThingsBoard's device API and the shadow topics of AWS IoT.
class ForeignDevicesTest {
    private static final String ME = "v1/devices/me/";

    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode json(String text) throws Exception {
        return Json.mapper().readTree(text.replace('\'', '"'));
    }

    /// Signed in as ThingsBoard's devices do: the key is the user, and there is no password.
    private static Mqtt3BlockingClient client(TestDevice device) {
        return Mqtt3Client.builder().identifier("foreign").serverHost("127.0.0.1").serverPort(platform.mqttPort())
                .simpleAuth().username(device.key()).applySimpleAuth().buildBlocking();
    }

    private static void subscribe(Mqtt3BlockingClient client, String filter) {
        client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
    }

    private static void publish(Mqtt3BlockingClient client, String topic, String payload) {
        client.publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.replace('\'', '"').getBytes(StandardCharsets.UTF_8)).send();
    }

    private static JsonNode next(Mqtt3Publishes messages, String topic) throws Exception {
        var message = messages.receive(10, TimeUnit.SECONDS).orElseThrow(() -> new AssertionError("no " + topic));
        assertThat(message.getTopic().toString()).isEqualTo(topic);
        return json(new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));
    }

    private static JsonNode shadow(TestDevice device) {
        return platform.get("/api/v1/devices/" + device.name() + "/shadow");
    }

    private static void desire(TestDevice device, String patch) {
        platform.call("PATCH", "/api/v1/devices/" + device.name() + "/shadow",
                ("{'desired':" + patch + "}").replace('\'', '"'));
    }

    @Test
    void aDeviceOfThingsBoardSendsTelemetryAndSharesAttributes() throws Exception {
        var device = platform.device("tb-sensor");
        var client = client(device);
        client.connect();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            publish(client, ME + "telemetry", "{'temperature':21.5}");
            publish(client, ME + "telemetry", "[{'ts':1767225600000,'values':{'temperature':20}},{'humidity':60}]");
            assertThat(platform.stored(device, "temperature")).isEqualTo(2);
            assertThat(platform.stored(device, "humidity")).isEqualTo(1);

            subscribe(client, ME + "attributes");
            subscribe(client, ME + "attributes/response/+");
            publish(client, ME + "attributes", "{'firmware':'1.2','position':{'x':1}}");
            assertThat(shadow(device).path("reported")).isEqualTo(json("{'firmware':'1.2','position':{'x':1}}"));
            desire(device, "{'interval':5,'mode':{'night':true}}");
            assertThat(next(messages, ME + "attributes")).isEqualTo(json("{'interval':5,'mode':{'night':true}}"));
            desire(device, "{'mode':{'night':false},'interval':null}");
            assertThat(next(messages, ME + "attributes")).isEqualTo(json("{'mode':{'night':false}}"));
            assertThat(next(messages, ME + "attributes")).isEqualTo(json("{'deleted':['interval']}"));
            publish(client, ME + "attributes/request/1", "{'clientKeys':'firmware,none','sharedKeys':'mode'}");
            assertThat(next(messages, ME + "attributes/response/1"))
                    .isEqualTo(json("{'client':{'firmware':'1.2'},'shared':{'mode':{'night':false}}}"));
            publish(client, ME + "attributes/request/2", "{}");
            assertThat(next(messages, ME + "attributes/response/2").path("client")).hasSize(2);
        } finally {
            client.disconnect();
        }
    }

    @Test
    void aCommandIsARemoteCallToADeviceOfThingsBoard() throws Exception {
        var device = platform.device("tb-relay");
        var client = client(device);
        client.connect();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            subscribe(client, ME + "rpc/request/+");
            subscribe(client, ME + "rpc/response/+");
            var sent = platform.call("POST", "/api/v1/devices/tb-relay/commands",
                    "{\"type\":\"setState\",\"params\":{\"on\":true}}");
            var call = messages.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(call.getTopic().toString()).startsWith(ME + "rpc/request/");
            assertThat(json(new String(call.getPayloadAsBytes(), StandardCharsets.UTF_8)))
                    .isEqualTo(json("{'method':'setState','params':{'on':true}}"));
            var results = new LinkedBlockingQueue<String>();
            var follower = Mqtt3Client.builder().serverHost("127.0.0.1").serverPort(platform.mqttPort()).simpleAuth()
                    .username("admin").password(TestPlatform.TOKEN.getBytes(StandardCharsets.UTF_8)).applySimpleAuth()
                    .buildAsync();
            follower.connect().get(10, TimeUnit.SECONDS);
            follower.subscribeWith().topicFilter("devices/tb-relay/commands/+/result")
                    .callback(it -> results.add(it.getTopic().toString())).send().get(10, TimeUnit.SECONDS);
            publish(client, call.getTopic().toString().replace("request", "response"), "{'done':true}");
            assertThat(results.poll(10, TimeUnit.SECONDS))
                    .endsWith("/commands/" + sent.path("command_id").asText() + "/result");
            follower.disconnect().get(10, TimeUnit.SECONDS);
            var command = TestPlatform.await(() -> platform.get("/api/v1/commands/" + sent.path("command_id").asText()),
                    it -> it.path("status").asText().equals("succeeded"));
            assertThat(command.path("result").path("data")).isEqualTo(json("{'done':true}"));

            publish(client, ME + "rpc/response/999999", "{}"); // nobody waits, and nothing happens
            publish(client, ME + "rpc/request/7", "{'method':'getTime','params':{}}");
            assertThat(next(messages, ME + "rpc/response/7").path("error").asText()).contains("no methods");
        } finally {
            client.disconnect();
        }
    }

    @Test
    void overHttpTheKeyStandsInThePath() throws Exception {
        var device = platform.device("tb-http");
        var base = "/api/v1/" + device.key() + "/";
        assertThat(platform.send("POST", base + "telemetry", "{\"temperature\":22}").statusCode()).isEqualTo(200);
        assertThat(platform.stored(device, "temperature")).isEqualTo(1);
        assertThat(platform.send("POST", base + "attributes", "{\"a\":1,\"b\":2}").statusCode()).isEqualTo(200);
        desire(device, "{'c':3}");
        var answer = platform.send("GET", base + "attributes?clientKeys=a&sharedKeys=c", "");
        assertThat(json(answer.body())).isEqualTo(json("{'client':{'a':1},'shared':{'c':3}}"));
        assertThat(json(platform.send("GET", base + "attributes", "").body()).path("client")).hasSize(2);
        for (var wrong : new String[] {"x".repeat(32), "devices", "v1"}) {
            var refused = platform.send("GET", "/api/v1/" + wrong + "/attributes", "");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.body()).doesNotContain("x".repeat(32));
        }
        // What was ours stays ours: a device's own call is no call of somebody whose key is "devices".
        assertThat(platform.send("POST", "/api/v1/devices/telemetry", "{\"temperature\":22}").body())
                .contains("needs credentials");
        assertThat(platform.send("POST", "/api/v1/devices/telemetry", "{\"temperature\":23}", "X-API-Key",
                device.key()).statusCode()).isEqualTo(201);
    }

    @Test
    void aThingOfAwsKeepsItsShadowOnItsOwnTopics() throws Exception {
        var device = platform.device("aws-lamp");
        var topic = "$aws/things/aws-lamp/shadow/";
        var client = client(device);
        client.connect();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            subscribe(client, topic + "get/+");
            publish(client, topic + "get", "{'clientToken':'g'}");
            var none = next(messages, topic + "get/rejected");
            assertThat(none.path("code").asInt()).isEqualTo(404);
            assertThat(none.path("clientToken").asText()).isEqualTo("g");
            subscribe(client, topic + "update/+");
            publish(client, topic + "update",
                    "{'state':{'reported':{'on':false},'desired':{'on':true}},'clientToken':'u'}");
            var accepted = next(messages, topic + "update/accepted");
            assertThat(accepted.path("state")).isEqualTo(json("{'reported':{'on':false},'desired':{'on':true}}"));
            assertThat(accepted.path("version").asInt()).isEqualTo(2);
            assertThat(accepted.at("/metadata/reported/on/timestamp").asLong()).isGreaterThan(1_700_000_000L);
            assertThat(accepted.path("clientToken").asText()).isEqualTo("u");
        } finally {
            client.disconnect();
        }
        theRestOfTheThing(device, topic);
        assertThat(platform.get("/api/v1/devices/aws-lamp/shadow/history").at("/changes/1/author").asText())
                .contains("device", "aws-lamp");
    }

    private static void theRestOfTheThing(TestDevice device, String topic) throws Exception {
        var client = client(device);
        client.connect();
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            subscribe(client, topic + "update/delta");
            assertThat(next(messages, topic + "update/delta").path("state")).isEqualTo(json("{'on':true}"));
            subscribe(client, topic + "update/rejected");
            publish(client, topic + "update", "{'state':{'reported':{'on':true}},'version':1}");
            assertThat(next(messages, topic + "update/rejected").path("code").asInt()).isEqualTo(409);
            subscribe(client, topic + "update/documents");
            publish(client, topic + "update", "{'state':{'reported':{'on':true}},'version':2}");
            var documents = next(messages, topic + "update/documents");
            assertThat(documents.at("/previous/state/reported/on").asBoolean(true)).isFalse();
            assertThat(documents.at("/current/state/reported/on").asBoolean()).isTrue();
            assertThat(documents.at("/current/version").asInt()).isEqualTo(3);
            subscribe(client, topic + "get/accepted");
            subscribe(client, topic + "delete/accepted");
            publish(client, topic + "get", "");
            assertThat(next(messages, topic + "get/accepted").path("state"))
                    .isEqualTo(json("{'desired':{'on':true},'reported':{'on':true}}"));
            publish(client, topic + "delete", "");
            assertThat(next(messages, topic + "delete/accepted").path("version").asInt()).isEqualTo(5);
            assertThat(shadow(device).path("reported")).isEmpty();
            assertThat(shadow(device).path("desired")).isEmpty();
            assertThatThrownBy(() -> subscribe(client, "$aws/things/tb-sensor/shadow/get/+"))
                    .isInstanceOf(Mqtt3SubAckException.class);
            assertThatThrownBy(() -> subscribe(client, "foreign/" + device.id() + "/aws/#"))
                    .isInstanceOf(Mqtt3SubAckException.class);
        } finally {
            client.disconnect();
        }
    }
}
