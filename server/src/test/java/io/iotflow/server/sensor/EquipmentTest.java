package io.iotflow.server.sensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Types and sensors from the call that makes them to what is stored, on a whole platform.
class EquipmentTest {
    private static final String API = "/api/v1/";
    private static final long START = 1_767_225_600;

    private static TestPlatform platform;
    private static int names;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static TestDevice device(String type) {
        var name = "fitted-" + names++;
        var made = platform.call("POST", API + "admin/devices",
                "{\"name\":\"" + name + "\",\"device_type\":\"" + type + "\"}").path("device");
        return new TestDevice(made.path("id").longValue(), name, made.path("api_key").textValue());
    }

    private static JsonNode call(String method, String path, String body) {
        return platform.call(method, API + path, body.replace('\'', '"'));
    }

    private static JsonNode refused(int status, String method, String path, String body) {
        var answer = platform.send(method, API + path, body.replace('\'', '"'), "Authorization",
                "admin " + TestPlatform.TOKEN);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.read(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private static void send(TestDevice device, String body) {
        var answer = platform.send("POST", API + "telemetry", body.replace('\'', '"'), "X-API-Key", device.key());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private static String latest(TestDevice device) {
        return text(call("GET", "telemetry/" + device.name() + "/latest", "").path("latest_data"));
    }

    private static String text(JsonNode values) {
        var sorted = new TreeSet<String>();
        values.properties().forEach(field -> sorted.add(field.getKey() + "=" + field.getValue().asText()));
        sorted.removeIf(field -> field.startsWith("timestamp="));
        return "{" + String.join(", ", sorted) + "}";
    }

    /// What is stored of each second since the start, as `second {metric=value}`.
    private static List<String> stored(TestDevice device) {
        var rows = new ArrayList<String>();
        for (var row : call("GET", "telemetry/" + device.name() + "?start_time=" + START
                + "&order=asc&limit=10000", "").path("data")) {
            var second = Instant.parse(row.path("timestamp").asText()).getEpochSecond() - START;
            rows.add(second + " " + text(row));
        }
        return rows;
    }

    private static String sensors(TestDevice device) {
        return "devices/" + device.name() + "/sensors";
    }

    private static JsonNode recalculated(TestDevice device, String sensor, String body) {
        var id = call("POST", sensors(device) + "/" + sensor + "/recalculate", body).path("id").asText();
        return TestPlatform.await(() -> call("GET", "recalculations/" + id, ""),
                it -> !it.path("state").asText().equals("running"));
    }

    @Test
    void whatComesWithATypeIsTheOutermostLevelOfItsDevicesConfigurations() {
        var before = device("preset");
        var type = call("POST", "device-types",
                "{'name':'preset','default_configuration':{'interval':60,'limits':{'high':80,'low':1}}}");
        TestPlatform.await("the default", () -> configured(before)
                .equals("{interval=60, limits={\"low\":1,\"high\":80}}"));
        assertThat(configured(device("preset"))).as("a new one").isEqualTo(configured(before));
        call("POST", "configurations?target=type:preset",
                "{'configuration':{'limits':{'high':90,'low':null}},'activate':true}");
        TestPlatform.await("the type's version", () -> configured(before).contains("{\"high\":90}"));
        var level = platform.get(API + "devices/" + before.id() + "/configurations/effective");
        assertThat(level.path("levels").findValuesAsText("target")).containsExactly("default:preset", "type:preset");
        assertThat(level.at("/sources/~1interval/target").asText()).isEqualTo("default:preset");
        var version = level.path("version").asInt();
        call("PUT", "device-types/preset", "{'name':'preset','description':'The same','default_configuration':"
                + "{'interval':60,'limits':{'high':80,'low':1}}}");
        call("PUT", "device-types/preset", "{'name':'preset','default_configuration':{'interval':30}}");
        TestPlatform.await("the new default", () -> configured(before).equals("{interval=30, limits={\"high\":90}}"));
        assertThat(platform.get(API + "devices/" + before.id() + "/configurations/effective").path("version").asInt())
                .as("what stays the same is no version").isEqualTo(version + 1);
        refused(422, "PUT", "device-types/preset", "{'name':'preset','default_configuration':{'a b':30}}");
        refused(422, "GET", "configurations?target=default:preset", "");
        var reader = call("POST", "tokens", "{'name':'types only','permissions':['devices:read','devices:write'],"
                + "'expires_at':'+1d'}").path("token").asText();
        assertThat(platform.send("DELETE", API + "device-types/" + type.path("id"), "", "Authorization",
                "Bearer " + reader).statusCode()).isEqualTo(403);
        call("DELETE", "device-types/preset", "");
        TestPlatform.await("the end of the default", () -> configured(before).equals("{limits={\"high\":90}}"));
    }

    private static String configured(TestDevice device) {
        var values = new TreeMap<String, String>();
        platform.get(API + "devices/" + device.id() + "/configurations/effective").path("configuration").properties()
                .forEach(entry -> values.put(entry.getKey(), entry.getValue().path("value").toString()));
        return values.toString();
    }

    @Test
    void aTypeAndASensorWorkOnTheNextMessageOverAnyProtocol() {
        var device = device("probe-a");
        send(device, "{'t':10}");
        call("POST", "device-types", """
                {'name':'probe-a','metrics':[{'name':'t','unit':'°C','min':-50,'max':100,'suspect_max':60},
                 {'name':'h','unit':'%'}]}""");
        send(device, "{'t':70,'other':1}");
        assertThat(latest(device)).isEqualTo("{other=1, t:quality=suspect, t=70}");
        call("POST", sensors(device), "{'name':'Pt100','metric':'t','unit':'K','multiplier':2,'offset':-1,"
                + "'valid_max':50}");
        send(device, "{'t':20}");
        assertThat(latest(device)).isEqualTo("{other=1, t:quality=valid, t:raw=20, t=39.0}");
        publish(device, "{\"t\":30}");
        assertThat(latest(device)).isEqualTo("{other=1, t:quality=invalid, t:raw=30, t=59.0}");
        call("POST", sensors(device) + "/Pt100/calibrations", "{'multiplier':1,'offset':1}");
        send(device, "{'t':30}");
        assertThat(latest(device)).isEqualTo("{other=1, t:quality=valid, t:raw=30, t=31.0}");
        // A sensor knows its unit better than the type.
        assertThat(call("GET", "telemetry/" + device.name() + "/latest", "").path("units").toString())
                .isEqualTo("{\"h\":\"%\",\"t\":\"K\"}");
        call("DELETE", sensors(device) + "/Pt100", "{}");
        call("DELETE", "device-types/probe-a", "{}");
        send(device, "{'t':500}");
        assertThat(latest(device)).contains("t=500").doesNotContain("t:raw=500");
    }

    private static void publish(TestDevice device, String payload) {
        var client = MqttClient.builder().useMqttVersion5().identifier(device.name()).serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username(device.name())
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().send();
        client.publishWith().topic(device.topic("telemetry")).qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8)).send();
        client.disconnect();
    }

    @Test
    void aDecoderReadsWhatIsNoJsonAndSaysWhatWentWrong() {
        call("POST", "device-types", "{'name':'bytes-b','decoder':'bytes[0]'}");
        var device = device("bytes-b");
        call("POST", sensors(device), "{'name':'s','metric':'t','offset':1}");
        var refusal = platform.send("POST", API + "telemetry", "A", "X-API-Key", device.key());
        assertThat(refusal.statusCode()).as(refusal.body()).isEqualTo(201);
        assertThat(latest(device)).isEqualTo("{payload:raw=41}");
        var type = call("GET", "device-types/bytes-b", "");
        assertThat(type.path("faults").asInt()).isEqualTo(1);
        assertThat(type.path("last_fault").asText()).startsWith("steps[0]");
        call("PUT", "device-types/bytes-b", "{'name':'bytes-b','decoder':{'expression':'({t: bytes[0] / 2})',"
                + "'keep_raw':false}}");
        send(device, "B");
        assertThat(latest(device)).contains("t:raw=33", "t=34.0");
        var wrong = refused(422, "PUT", "device-types/bytes-b", "{'name':'bytes-b','decoder':'1 +'}");
        assertThat(wrong.at("/errors/0/field").asText()).isEqualTo("decoder");
        assertThat(wrong.at("/errors/0/detail").asText()).startsWith("line 1, column ");
    }

    @Test
    void rulesThatComeWithATypeAreMadeForItsDevicesAndLiveOn() {
        var type = call("POST", "device-types", """
                {'name':'freezer-c','rules':[{'name':'warm-c','condition':'t > -15','severity':'major'}]}""");
        assertThat(type.at("/rules/0/name").asText()).isEqualTo("warm-c");
        var rule = call("GET", "rules/" + type.at("/rules/0/id").asText(), "");
        assertThat(rule.path("scope").toString()).isEqualTo("{\"device_types\":[\"freezer-c\"]}");
        send(device("freezer-c"), "{'t':1}");
        send(device("other-c"), "{'t':1}");
        TestPlatform.await(() -> call("GET", "alerts?rule=" + rule.path("id").asText(), "").path("alerts"),
                alerts -> alerts.size() == 1);
        // What was read may be sent back: no second rule is made of one that is there.
        call("PUT", "device-types/freezer-c", type.toString());
        assertThat(call("GET", "device-types/freezer-c", "").path("rules")).hasSize(1);
        var wrong = refused(422, "PUT", "device-types/freezer-c",
                "{'name':'freezer-c','rules':[{'name':'bad','condition':'t >'}]}");
        assertThat(wrong.at("/errors/0/field").asText()).isEqualTo("rules[0].condition");
        assertThat(call("GET", "device-types/freezer-c", "").path("version").asInt()).isEqualTo(2);
        call("DELETE", "device-types/freezer-c", "{}");
        assertThat(call("GET", "rules/" + rule.path("id").asText(), "").path("name").asText()).isEqualTo("warm-c");
    }

    @Test
    void whatATypeCallsSensitiveIsSealed() {
        call("POST", "device-types", "{'name':'watch-d','metrics':[{'name':'pulse_d','sensitive':true}]}");
        assertThat(call("GET", "encryption", "").toString()).contains("pulse_d");
        var device = device("watch-d");
        call("POST", sensors(device), "{'name':'s','metric':'pulse_d','multiplier':2}");
        send(device, "{'pulse_d':40,'timestamp':" + START + "}");
        var viewer = viewer();
        var seen = platform.send("GET", API + "telemetry/" + device.name() + "/latest", "", "Authorization", viewer);
        assertThat(seen.body()).contains("\"hidden\":[\"pulse_d\",\"pulse_d:raw\"]").doesNotContain("80");
        // Sealed values are made again, and stay sealed.
        call("POST", sensors(device) + "/s/calibrations", "{'multiplier':3}");
        var done = recalculated(device, "s", "{'from':" + START + "}");
        assertThat(done.path("changed").asInt()).as(done.toString()).isEqualTo(1);
        assertThat(stored(device)).containsExactly("0 {pulse_d:raw=40, pulse_d=120.0}");
        assertThat(platform.send("GET", API + "telemetry/" + device.name() + "/latest", "", "Authorization", viewer)
                .body()).contains("\"hidden\":[\"pulse_d\",\"pulse_d:raw\"]");
    }

    private static String viewer() {
        var name = "viewer-" + names++;
        call("POST", "users", "{'name':'" + name + "','password':'correct horse battery','role':'viewer'}");
        var answer = platform.send("POST", API + "auth/login", "{\"username\":\"" + name
                + "\",\"password\":\"correct horse battery\"}");
        return "Bearer " + Json.read(answer.body().getBytes(StandardCharsets.UTF_8)).path("access_token").asText();
    }

    @Test
    void recalculatingMakesStoredValuesAnewOutOfWhatWasSent() {
        var device = device("probe-e");
        var at = START * 1_000;
        send(device, "[{'ts':" + at + ",'values':{'t':1}},{'ts':" + (at + 1_000) + ",'values':{'t':2,'u':5}}]");
        call("POST", sensors(device), "{'name':'s','metric':'t','multiplier':10}");
        send(device, "{'ts':" + (at + 2_000) + ",'values':{'t':3}}");
        assertThat(stored(device)).containsExactly("0 {t=1}", "1 {t=2, u=5}", "2 {t:raw=3, t=30.0}");
        call("POST", sensors(device) + "/s/calibrations", "{'multiplier':100,'valid_max':150}");
        var span = "{'from':" + START + ",'to':" + (START + 2) + "}";
        var done = recalculated(device, "s", span);
        assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("done");
        assertThat(done.path("changed").asInt()).isEqualTo(2);
        // What follows the span says that it was found valid.
        var made = List.of("0 {t:raw=1, t=100.0}", "1 {t:quality=invalid, t:raw=2, t=200.0, u=5}",
                "2 {t:quality=valid, t:raw=3, t=30.0}");
        assertThat(stored(device)).isEqualTo(made);
        assertThat(recalculated(device, "s", span).path("changed").asInt()).isZero();
        assertThat(stored(device)).isEqualTo(made);
        recalculated(device, "s", "{'from':" + START + "}");
        assertThat(latest(device)).isEqualTo("{t:quality=invalid, t:raw=3, t=300.0, u=5}");
        TestPlatform.await(() -> call("GET", "audit?action=telemetry.recalculated&target=" + device.name(), "")
                .path("entries"), entries -> entries.size() == 3);
    }

    @Test
    void whatARuleMakesOfOthersIsNotRecalculated() {
        var device = device("probe-f");
        call("POST", sensors(device), "{'name':'s','metric':'t','multiplier':2}");
        var rule = call("POST", "processing-rules", "{'name':'sum-f','scope':{'devices':['" + device.name()
                + "']},'steps':[{'type':'derive','metric':'t','expression':'a + b'}]}");
        assertThat(refused(409, "POST", sensors(device) + "/s/recalculate", "{'from':'-1h'}").path("detail").asText())
                .contains("rule " + rule.path("id").asText());
        call("DELETE", "processing-rules/" + rule.path("id").asText(), "{}");
        refused(422, "POST", sensors(device) + "/s/recalculate", "{'from':'+1h'}");
    }

    /// Whatever is set and recalculated in whatever order: each value is what one of the calibrations since makes of
    /// what was sent, and after a recalculation of all, what the present one makes.
    @Test
    void valuesAreAlwaysWhatACalibrationMakesOfWhatWasSent() {
        var random = new Random(7);
        var device = device("probe-g");
        call("POST", sensors(device), "{'name':'s','metric':'t'}");
        var expected = new TreeMap<Integer, Integer>();
        var offset = 0;
        for (var second = 0; second < 40; second++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    offset = random.nextInt(-3, 4);
                    call("POST", sensors(device) + "/s/calibrations", "{'offset':" + offset + "}");
                }
                case 1 -> {
                    var from = random.nextInt(second + 1);
                    var done = recalculated(device, "s", "{'from':" + (START + from) + ",'to':" + (START + 40) + "}");
                    assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("done");
                    for (var at : expected.tailMap(from).keySet()) expected.put(at, at + offset);
                }
                default -> {
                    send(device, "{'ts':" + (START + second) + ",'values':{'t':" + second + "}}");
                    expected.put(second, second + offset);
                }
            }
        }
        var rows = call("GET", "telemetry/" + device.name() + "?fields=t&start_time=" + START + "&order=asc", "")
                .path("data");
        var found = new TreeMap<Integer, Integer>();
        rows.forEach(row -> found.put((int) (Instant.parse(row.path("timestamp").asText()).getEpochSecond()
                - START), row.path("t").asInt()));
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void everyCalibrationIsKeptWithWhoAndWhen() {
        var device = device("probe-h");
        var made = call("POST", sensors(device), "{'name':'s','metric':'t','interval_days':10,"
                + "'calibrated_at':'2026-01-01T00:00:00Z'}");
        assertThat(made.path("due_at").asText()).isEqualTo("2026-01-11T00:00:00Z");
        assertThat(made.path("is_overdue").asBoolean()).isTrue();
        var after = call("POST", sensors(device) + "/s/calibrations", "{'offset':1,'note':'by hand'}");
        assertThat(after.path("is_overdue").asBoolean()).isFalse();
        var one = call("GET", sensors(device) + "/s/calibrations", "").path("calibrations").path(0);
        assertThat(one.path("note").asText()).isEqualTo("by hand");
        assertThat(one.path("author").asText()).contains("admin");
        assertThat(one.at("/before/offset").asDouble()).isZero();
        assertThat(one.at("/after/offset").asDouble()).isEqualTo(1);
        refused(409, "POST", sensors(device), "{'name':'other','metric':'t'}");
        refused(422, "POST", sensors(device), "{'name':'x','metric':'x','multiplier':0}");
        refused(422, "POST", sensors(device), "{'name':'x','metric':'x','unit':'furlongs'}");
        refused(422, "POST", sensors(device), "{'name':'x','metric':'x:raw'}");
        refused(404, "GET", sensors(device) + "/none", "");
    }

    @Test
    void changesHeedTheVersionThatWasRead() {
        var device = device("probe-i");
        call("POST", sensors(device), "{'name':'s','metric':'t'}");
        var body = "{\"name\":\"s\",\"metric\":\"t\",\"offset\":1}";
        var admin = "admin " + TestPlatform.TOKEN;
        var path = API + sensors(device) + "/s";
        assertThat(platform.send("PUT", path, body, "Authorization", admin, "If-Match", "\"9\"").statusCode())
                .isEqualTo(412);
        assertThat(platform.send("PUT", path, body, "Authorization", admin, "If-Match", "\"1\"").headers()
                .firstValue("ETag")).hasValue("\"2\"");
        call("POST", "device-types", "{'name':'typed-i'}");
        assertThat(platform.send("PUT", API + "device-types/typed-i", "{\"name\":\"typed-i\"}", "Authorization", admin,
                "If-Match", "\"2\"").statusCode()).isEqualTo(412);
        refused(422, "PUT", "device-types/typed-i", "{'name':'other'}");
        refused(409, "POST", "device-types", "{'name':'typed-i'}");
    }

    @Test
    void certificatesComeBackAsTheyWereAndOnlyWhatTheySayTheyAre() {
        var device = device("probe-j");
        call("POST", sensors(device), "{'name':'s','metric':'t'}");
        var path = API + sensors(device) + "/s/certificate";
        var admin = "admin " + TestPlatform.TOKEN;
        refused(404, "GET", sensors(device) + "/s/certificate", "");
        assertThat(put(path + "?file_name=lab.pdf", "%PDF-1.7 …", "application/pdf").statusCode()).isEqualTo(200);
        var file = platform.send("GET", path, "", "Authorization", admin);
        assertThat(file.body()).isEqualTo("%PDF-1.7 …");
        assertThat(file.headers().firstValue("Content-Disposition")).hasValue("attachment; filename=\"lab.pdf\"");
        assertThat(file.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(call("GET", sensors(device) + "/s", "").at("/certificate/file_name").asText()).isEqualTo("lab.pdf");
        assertThat(put(path, "<html>", "application/pdf").statusCode()).isEqualTo(400);
        assertThat(put(path, "<html>", "text/html").statusCode()).isEqualTo(415);
        assertThat(put(path + "?file_name=..%2Fx", "%PDF-", "application/pdf").statusCode()).isEqualTo(422);
        assertThat(put(path, "x".repeat((2 << 20) + 1), "text/plain").statusCode()).isEqualTo(413);
        call("DELETE", sensors(device) + "/s/certificate", "{}");
        refused(404, "GET", sensors(device) + "/s/certificate", "");
    }

    private static HttpResponse<String> put(String path, String body, String type) {
        try {
            return HttpClient.newHttpClient().send(HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + platform.platform().httpPort() + path))
                    .header("Authorization", "admin " + TestPlatform.TOKEN).header("Content-Type", type)
                    .PUT(BodyPublishers.ofString(body)).build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anOverdueSensorIsFoundByTheTemplate() {
        var device = device("probe-k");
        call("POST", sensors(device), "{'name':'s','metric':'t','due_at':'-1d'}");
        var rule = call("POST", "rules/templates/calibration_overdue", "{'name':'due-k','scope':{'devices':['"
                + device.name() + "']}}");
        send(device, "{'t':1}");
        var alerts = "alerts?rule=" + rule.path("id").asText();
        TestPlatform.await(() -> call("GET", alerts, "").path("alerts"), all -> all.size() == 1);
        call("POST", sensors(device) + "/s/calibrations", "{'due_at':'+1d'}");
        send(device, "{'t':1}");
        TestPlatform.await(() -> call("GET", alerts + "&state=resolved", "").path("alerts"), all -> all.size() == 1);
    }

    @Test
    void anOrganizationUsesTheTypesAboveUntilItHasItsOwn() {
        var below = call("POST", "organizations", "{'name':'below-l'}").path("id").asText();
        call("POST", "device-types", "{'name':'meter-l','metrics':[{'name':'p','unit':'W','max':10}]}");
        var made = call("POST", "admin/devices", "{'name':'meter-l-1','device_type':'meter-l','organization_id':"
                + below + "}").path("device");
        var device = new TestDevice(made.path("id").longValue(), "meter-l-1", made.path("api_key").textValue());
        send(device, "{'p':20}");
        assertThat(latest(device)).isEqualTo("{p:quality=invalid, p=20}");
        call("POST", "users", "{'name':'admin-l','password':'correct horse battery','role':'admin','organization_id':"
                + below + "}");
        var login = platform.send("POST", API + "auth/login",
                "{\"username\":\"admin-l\",\"password\":\"correct horse battery\"}").body();
        var token = "Bearer " + Json.read(login.getBytes(StandardCharsets.UTF_8)).path("access_token").asText();
        assertThat(platform.send("GET", API + "device-types", "", "Authorization", token).body())
                .contains("\"inherited\":true,\"version\":1,\"name\":\"meter-l\"");
        assertThat(platform.send("DELETE", API + "device-types/meter-l", "", "Authorization", token).statusCode())
                .isEqualTo(403);
        assertThat(platform.send("POST", API + "device-types", "{\"name\":\"meter-l\",\"metrics\":[{\"name\":\"p\","
                + "\"unit\":\"kW\"}]}", "Authorization", token).statusCode()).isEqualTo(201);
        send(device, "{'p':30}");
        assertThat(latest(device)).isEqualTo("{p:quality=invalid, p=30}"); // nobody judges it any more
        assertThat(call("GET", "telemetry/meter-l-1/latest", "").at("/units/p").asText()).isEqualTo("kW");
    }
}
