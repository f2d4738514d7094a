package io.iotflow.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.core.Limits;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Configurations on the whole platform: versions, levels, what devices are told and what they say.
class ConfigurationsTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static volatile Duration ahead = Duration.ZERO;
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start(() -> Instant.now().plus(ahead));
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static String name() {
        return "configured-" + NUMBER.incrementAndGet();
    }

    private static TestDevice device(String type) {
        return device(type, 1);
    }

    private static TestDevice device(String type, long organization) {
        var name = name();
        var made = post("admin/devices", "{'name':'%s','device_type':'%s','organization_id':%d}".formatted(name, type,
                organization)).path("device");
        return new TestDevice(made.path("id").longValue(), name, made.path("api_key").textValue());
    }

    private static JsonNode json(String text) {
        return read(text.replace('\'', '"'));
    }

    private static JsonNode read(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode post(String path, String body) {
        return platform.call("POST", "/api/v1/" + path, body.replace('\'', '"'));
    }

    private static JsonNode get(String path) {
        return platform.get("/api/v1/" + path);
    }

    private static JsonNode own(TestDevice device, String method, String path, String body) {
        var answer = platform.send(method, "/api/v1/devices/config" + path, body.replace('\'', '"'), "X-API-Key",
                device.key());
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
        return read(answer.body());
    }

    private static HttpResponse<String> send(String method, String path, String body, String... headers) {
        var all = new String[headers.length + 2];
        all[0] = "Authorization";
        all[1] = "admin " + TestPlatform.TOKEN;
        System.arraycopy(headers, 0, all, 2, headers.length);
        return platform.send(method, "/api/v1/" + path, body.replace('\'', '"'), all);
    }

    private static void refused(int status, String field, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        if (!field.isEmpty()) assertThat(read(answer.body()).at("/errors/0/field").asText()).isEqualTo(field);
    }

    private static JsonNode effective(TestDevice device) {
        return get("devices/" + device.id() + "/configurations/effective");
    }

    /// What the device is to have, without types and times.
    private static JsonNode values(JsonNode entries) {
        return Content.values(entries);
    }

    private static JsonNode awaitDrift(TestDevice device, String drift) {
        return TestPlatform.await(() -> effective(device), it -> it.path("drift").asText().equals(drift));
    }

    private static JsonNode inDriftList(TestDevice device) {
        return get("configurations/drift?limit=10000").path("devices").valueStream()
                .filter(it -> it.path("device_id").asLong() == device.id()).findFirst().orElse(json("{}"));
    }

    @Test
    void versionsAreDraftedActivatedComparedAndTakenBack() {
        var device = device("lamp");
        var path = "devices/" + device.name() + "/configurations";
        var draft = post(path, "{'configuration':{'interval':30,'limits':{'high':80}},'note':'first'}");
        assertThat(draft.path("state").asText()).isEqualTo("draft");
        assertThat(own(device, "GET", "", "").path("version").asLong()).isZero();
        assertThat(post(path + "/1/activate", "").path("state").asText()).isEqualTo("active");
        assertThat(own(device, "GET", "", "").path("version").asLong()).isOne();
        post(path, "{'configuration':{'interval':60,'limits':{'high':80,'low':5}},'activate':true}");
        assertThat(get(path + "/diff?from=1&to=2").path("changes")).isEqualTo(json(
                "[{'path':'/interval','before':30,'after':60},{'path':'/limits/low','after':5}]"));

        var back = post(path + "/rollback", "");
        assertThat(back.path("note").asText()).isEqualTo("as version 1");
        var has = own(device, "GET", "", "");
        assertThat(has.path("version").asLong()).isEqualTo(3);
        assertThat(has.at("/configuration/interval/value").asInt()).isEqualTo(30);
        var list = get(path);
        assertThat(list.path("versions").findValuesAsText("version")).containsExactly("3", "2", "1");
        assertThat(list.path("versions").findValuesAsText("state")).containsExactly("active", "former", "former");
        assertThat(get(path + "?limit=2").path("next_cursor").asText()).isEqualTo("2");
        assertThat(get(path + "?limit=2&cursor=2").path("count").asInt()).isOne();

        refused(412, "", send("POST", path + "/2/activate", "", "If-Match", "\"2\""));
        assertThat(send("POST", path + "/2/activate", "", "If-Match", "\"3\"").statusCode()).isEqualTo(200);
        refused(409, "", send("POST", path + "/2/activate", ""));
        refused(404, "", send("POST", path + "/9/activate", ""));
        assertThat(own(device, "GET", "", "").path("version").asLong()).as("never a smaller one").isEqualTo(4);
        post(path + "/deactivate", "");
        assertThat(own(device, "GET", "", "").toString()).contains("\"version\":5", "\"configuration\":{}");
        var set = own(device, "POST", "", "{'config_key':'interval','config_value':7}");
        assertThat(set.path("version").asLong()).as("numbers mean one thing").isEqualTo(6);
        assertThat(own(device, "GET", "", "").path("version").asLong()).isEqualTo(6);
        assertThat(get("audit?target=" + device.name()).path("entries").findValuesAsText("action")).contains(
                "configuration.created", "configuration.activated", "configuration.rolled_back",
                "configuration.deactivated", "configuration.set");
    }

    @Test
    void theVersionBeforeIsKeptHoweverManyDraftsCameAfterIt() {
        var device = device("lamp");
        var path = "devices/" + device.name() + "/configurations";
        post(path, "{'configuration':{'interval':30},'activate':true}");
        for (var n = 0; n < Limits.CONFIGURATION_VERSIONS; n++) post(path, "{'configuration':{'draft':" + n + "}}");
        own(device, "POST", "", "{'config_key':'interval','config_value':7}");
        assertThat(get(path + "?limit=1000").path("versions")).hasSize(Limits.CONFIGURATION_VERSIONS + 1);
        assertThat(post(path + "/rollback", "").path("note").asText()).isEqualTo("as version 1");
    }

    @Test
    void whatIsNoConfigurationIsRefused() {
        var path = "devices/" + device("lamp").name() + "/configurations";
        refused(422, "configuration", send("POST", path, "{'configuration':[]}"));
        refused(422, "configuration", send("POST", path, "{'configuration':{'a b':1}}"));
        refused(422, "configuration", send("POST", path, "{'configuration':{'a':[1e400]}}"));
        refused(422, "note", send("POST", path, "{'configuration':{},'note':'" + "x".repeat(501) + "'}"));
        refused(422, "more", send("POST", path, "{'configuration':{},'more':1}"));
        refused(413, "", send("POST", path, "{'configuration':{'a':'" + "x".repeat(70_000) + "'}}"));
        refused(409, "", send("POST", path + "/rollback", ""));
        refused(409, "", send("POST", path + "/deactivate", ""));
        refused(422, "target", send("GET", "configurations", ""));
        refused(422, "target", send("GET", "configurations?target=device:1", ""));
        refused(422, "target", send("GET", "configurations?target=group:0x", ""));
        refused(404, "", send("GET", "configurations?target=group:77", ""));
        refused(422, "device_type", send("GET", "configurations?target=type:%20", ""));
        refused(422, "version", send("POST", "configurations/activate?target=type:x", ""));
        refused(422, "organization_id", send("GET", "configurations?target=type:x&organization_id=987654", ""));
    }

    @Test
    void levelsOfOrganizationsAreMergedFromTheOutermostIn() {
        var type = name();
        var child = post("organizations", "{'name':'" + name() + "'}").path("id").asLong();
        var device = device(type, child);
        var elsewhere = device(type);
        post("configurations?target=type:" + type,
                "{'configuration':{'a':1,'gone':1,'limits':{'high':80,'low':1}},'activate':true}");
        post("configurations?target=type:" + type + "&organization_id=" + child,
                "{'configuration':{'limits':{'high':90},'gone':null},'activate':true}");
        post("devices/" + device.id() + "/configurations",
                "{'configuration':{'limits':{'low':null},'c':true},'activate':true}");
        var it = effective(device);
        assertThat(values(it.path("configuration"))).isEqualTo(json("{'a':1,'limits':{'high':90},'c':true}"));
        assertThat(it.at("/sources/~1a/target").asText()).isEqualTo("type:" + type);
        assertThat(it.at("/sources/~1a/organization_id").asLong()).isOne();
        assertThat(it.at("/sources/~1limits~1high/organization_id").asLong()).isEqualTo(child);
        assertThat(it.at("/sources/~1c/target").asText()).isEqualTo("device:" + device.id());
        assertThat(it.path("levels")).hasSize(3);
        assertThat(own(device, "GET", "", "").path("configuration")).isEqualTo(it.path("configuration"));
        assertThat(values(effective(elsewhere).path("configuration")))
                .isEqualTo(json("{'a':1,'gone':1,'limits':{'high':80,'low':1}}"));

        var token = "Bearer " + post("tokens", "{'name':'" + name() + "','permissions':['devices:read',"
                + "'configurations:write'],'expires_at':'+1d','organization_id':" + child + "}").path("token").asText();
        var theirs = platform.send("GET", "/api/v1/configurations?target=type:" + type, "", "Authorization", token);
        assertThat(read(theirs.body()).path("versions").findValuesAsText("organization_id"))
                .as("those above are not shown").containsExactly(Long.toString(child));
        refused(422, "organization_id", platform.send("POST", "/api/v1/configurations?target=type:" + type
                + "&organization_id=1", "{\"configuration\":{}}", "Authorization", token));
        refused(404, "", platform.send("GET", "/api/v1/devices/" + elsewhere.id() + "/configurations/effective", "",
                "Authorization", token));
        var activated = platform.send("POST", "/api/v1/devices/" + device.name() + "/configurations",
                "{\"configuration\":{\"d\":1},\"activate\":true}", "Authorization", token);
        assertThat(activated.statusCode()).as(activated.body()).isEqualTo(201);
        assertThat(values(effective(device).path("configuration"))).as("the levels above count all the same")
                .isEqualTo(json("{'a':1,'limits':{'high':90,'low':1},'d':1}"));
    }

    private static Mqtt5BlockingClient client(TestDevice device) {
        var client = MqttClient.builder().useMqttVersion5().identifier(name()).serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username(device.name())
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().send();
        return client;
    }

    private static void say(Mqtt5BlockingClient client, TestDevice device, String status) {
        client.publishWith().topic(device.topic("status")).qos(MqttQos.AT_LEAST_ONCE)
                .payload(status.replace('\'', '"').getBytes(StandardCharsets.UTF_8)).send();
    }

    @Test
    void aTypesConfigurationIsRetainedForDevicesThatAreAwayAndForNewOnesAndConfirmedByThem() throws Exception {
        var type = name();
        var away = device(type);
        post("configurations?target=type:" + type, "{'configuration':{'interval':30},'activate':true}");
        for (var device : List.of(away, device(type))) {
            TestPlatform.await("told", () -> own(device, "GET", "", "").path("version").asLong() == 1);
            var client = client(device);
            try (var told = client.publishes(MqttGlobalPublishFilter.ALL)) {
                client.subscribeWith().topicFilter(device.topic("config")).qos(MqttQos.AT_LEAST_ONCE).send();
                var message = told.receive(20, TimeUnit.SECONDS).orElseThrow();
                var config = read(new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));
                assertThat(config.path("version").asLong()).isOne();
                assertThat(values(config.path("configuration"))).isEqualTo(json("{'interval':30}"));
                assertThat(config.path("hash").asText()).isEqualTo(own(device, "GET", "", "").path("hash").asText());
                assertThat(effective(device).path("drift").asText()).isEqualTo("pending");

                say(client, device, "{'type':'config_ack','version':7}");
                say(client, device, "{'type':'config_ack'}");
                say(client, device, "{'type':'config_ack','version':1,'message':'at once','configuration':"
                        + config.path("configuration") + "}");
                var it = awaitDrift(device, "in_sync");
                assertThat(it.at("/acknowledgement/outcome").asText()).isEqualTo("applied");
                assertThat(it.at("/acknowledgement/message").asText()).isEqualTo("at once");
                assertThat(it.at("/acknowledgement/at").asText()).startsWith("20");
                say(client, device, "{'type':'config_report','configuration':{'interval':31,'mode':'eco'}}");
                assertThat(awaitDrift(device, "differs").path("drift_keys")).isEqualTo(json("['/interval','/mode']"));
                say(client, device, "{'type':'config_report','hash':'" + config.path("hash").asText() + "'}");
                awaitDrift(device, "in_sync");
            } finally {
                client.disconnect();
            }
        }
    }

    @Test
    void aDeviceThatPollsAcknowledgesRejectsAndReportsOverHttp() {
        var device = device("lamp");
        own(device, "POST", "", "{'config_key':'interval','config_value':30}");
        assertThat(own(device, "POST", "/ack", "{'version':1,'outcome':'rejected','message':'too fast'}")
                .path("drift").asText()).isEqualTo("rejected");
        var line = inDriftList(device);
        assertThat(line.path("drift").asText()).isEqualTo("rejected");
        assertThat(line.at("/acknowledgement/message").asText()).isEqualTo("too fast");
        assertThat(own(device, "POST", "/report", "{'configuration':{'interval':60}}").path("drift").asText())
                .as("it said so").isEqualTo("rejected");
        assertThat(own(device, "POST", "/ack", "{'version':1}").path("drift").asText()).isEqualTo("in_sync");
        assertThat(inDriftList(device)).isEmpty();
        assertThat(own(device, "POST", "/report", "{'configuration':{'interval':30.0}}").path("drift").asText())
                .isEqualTo("in_sync");
        assertThat(own(device, "POST", "/report", "{'configuration':{}}").path("drift").asText())
                .isEqualTo("differs");
        assertThat(inDriftList(device).path("drift_keys")).isEqualTo(json("['/interval']"));
        own(device, "POST", "", "{'config_key':'mode','config_value':'eco'}");
        assertThat(own(device, "POST", "/ack", "{'version':1}").path("drift").asText()).as("of an older one")
                .isEqualTo("pending");
        for (var body : List.of("{}", "{'version':'1'}", "{'version':3}", "{'version':2,'outcome':'maybe'}",
                "{'version':2,'hash':'x'}", "{'version':2,'configuration':[1]}")) {
            assertThat(platform.send("POST", "/api/v1/devices/config/ack", body.replace('\'', '"'), "X-API-Key",
                    device.key()).statusCode()).as(body).isEqualTo(422);
        }
        assertThat(platform.send("POST", "/api/v1/devices/config/report", "{}", "X-API-Key", device.key())
                .statusCode()).isEqualTo(422);
    }

    @Test
    void driftRaisesAnAlertThatEndsWithIt() {
        var device = device("lamp");
        var rule = post("rules/templates/configuration_drift", "{'name':'" + name() + "','scope':{'devices':['"
                + device.name() + "']}}").path("id").asText();
        own(device, "POST", "", "{'config_key':'interval','config_value':30}");
        assertThat(get("alerts?rule=" + rule).path("alerts")).isEmpty();
        ahead = ahead.plus(Duration.ofMinutes(20));
        TestPlatform.await("an alert", Duration.ofSeconds(20), () ->
                get("alerts?state=active&rule=" + rule).path("alerts").size() == 1);
        assertThat(inDriftList(device).path("drift").asText()).isEqualTo("unacknowledged");
        own(device, "POST", "/ack", "{'version':1}");
        TestPlatform.await("its end", Duration.ofSeconds(20), () ->
                get("alerts?state=resolved&rule=" + rule).path("alerts").size() == 1);
        assertThat(inDriftList(device)).isEmpty();
    }

    @Test
    void aSchemaHoldsForWhatIsMergedAndKeepsWrongOnesFromDevices() {
        var type = name();
        var schema = "configurations/schema?device_type=" + type;
        var set = send("PUT", schema, "{'schema':{'properties':{'interval':{'type':'integer','minimum':5},"
                + "'mode':{'enum':['eco','full']}},'required':['mode'],'additionalProperties':false}}");
        assertThat(set.statusCode()).as(set.body()).isEqualTo(200);
        refused(412, "", send("PUT", schema, "{'schema':{}}", "If-Match", "\"7\""));
        refused(422, "schema/type", send("PUT", schema, "{'schema':{'type':'x'}}"));
        var device = device(type);
        var path = "devices/" + device.id() + "/configurations";
        refused(422, "configuration/interval", send("POST", path,
                "{'configuration':{'interval':1,'mode':'eco'},'activate':true}"));
        refused(422, "configuration/mode", send("POST", path, "{'config_key':'interval','config_value':30}"));
        refused(422, "configuration/interval", send("POST", "configurations?target=type:" + type,
                "{'configuration':{'interval':'often'}}"));
        assertThat(own(device, "GET", "", "").path("version").asLong()).as("nothing is left of it").isZero();
        var shared = "configurations?target=type:" + type;
        post(shared, "{'configuration':{'interval':30,'mode':'full'},'activate':true}");
        TestPlatform.await("told", () -> own(device, "GET", "", "").path("version").asLong() == 1);
        post(path, "{'configuration':{'interval':60},'activate':true}");
        assertThat(own(device, "GET", "", "").path("version").asLong()).isEqualTo(2);

        post(shared, "{'configuration':{'interval':30},'activate':true}");
        var line = TestPlatform.await(() -> inDriftList(device), it -> it.path("drift").asText().equals("invalid"));
        assertThat(line.path("problem").asText()).startsWith("configuration/mode ");
        assertThat(own(device, "GET", "", "").at("/configuration/mode/value").asText()).as("it stays with what it has")
                .isEqualTo("full");
        post("configurations/rollback?target=type:" + type, "");
        TestPlatform.await("sound again", () -> inDriftList(device).isEmpty());
        assertThat(send("DELETE", schema, "").statusCode()).isEqualTo(204);
        assertThat(send("GET", schema, "").statusCode()).isEqualTo(404);
    }

    @Test
    void aDeviceThatGetsAnotherTypeGetsItsConfiguration() {
        var type = name();
        var other = name();
        post("configurations?target=type:" + type, "{'configuration':{'a':1},'activate':true}");
        post("configurations?target=type:" + other, "{'configuration':{'b':1},'activate':true}");
        var device = device(type);
        TestPlatform.await(() -> values(own(device, "GET", "", "").path("configuration")), json("{'a':1}")::equals);
        platform.call("PUT", "/api/v1/admin/devices/" + device.id(), "{\"device_type\":\"" + other + "\"}");
        TestPlatform.await(() -> values(own(device, "GET", "", "").path("configuration")), json("{'b':1}")::equals);
        platform.call("PUT", "/api/v1/admin/devices/" + device.id(), "{\"device_type\":\"plain-" + other + "\"}");
        TestPlatform.await(() -> values(own(device, "GET", "", "").path("configuration")), json("{}")::equals);
    }
}
