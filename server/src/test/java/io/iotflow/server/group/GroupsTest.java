package io.iotflow.server.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Groups, and all that goes by them, on the whole platform.
class GroupsTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode call(String method, String path, String body) {
        return platform.call(method, "/api/v1/" + path, body.replace('\'', '"'));
    }

    private static long group(String name, String more) {
        return call("POST", "groups", "{'name':'" + name + "'" + more + "}").path("id").longValue();
    }

    private static HttpResponse<String> operator(String method, String path, String body, String... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Authorization", "admin " + TestPlatform.TOKEN));
        return platform.send(method, "/api/v1/" + path, body.replace('\'', '"'), all.toArray(String[]::new));
    }

    private static JsonNode refused(int status, HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.mapper().readTree(answer.body());
    }

    private static List<String> members(Object group) {
        return platform.get("/api/v1/groups/" + group + "/devices").path("devices").findValuesAsText("name");
    }

    private static TestDevice device(String name, String metadata) {
        var made = call("POST", "admin/devices", "{'name':'" + name + "','device_type':'test','metadata':" + metadata
                + "}").path("device");
        return new TestDevice(made.path("id").longValue(), name, made.path("api_key").textValue());
    }

    @Test
    void aGroupIsKeptChangedByRevisionAndDeleted() throws Exception {
        var created = operator("POST", "groups", "{'name':'life','description':'x'}");
        var tag = created.headers().firstValue("ETag").orElseThrow();
        var id = Json.mapper().readTree(created.body()).path("id").asText();
        assertThat(platform.get("/api/v1/groups/life").path("id").asText()).isEqualTo(id);
        assertThat(operator("PUT", "groups/" + id, "{'name':'lives'}", "If-Match", "\"7\"").statusCode())
                .isEqualTo(412);
        var changed = operator("PUT", "groups/" + id, "{'name':'lives'}", "If-Match", tag);
        assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
        assertThat(operator("DELETE", "groups/" + id, "", "If-Match", tag).statusCode()).isEqualTo(412);
        assertThat(refused(409, operator("POST", "groups", "{'name':'lives'}")).path("code").asText())
                .isEqualTo("name_taken");
        var read = platform.get("/api/v1/groups/" + id).toString();
        assertThat(operator("PUT", "groups/" + id, read).statusCode()).as("what was read may be sent back")
                .isEqualTo(200);
        assertThat(operator("DELETE", "groups/" + id, "").statusCode()).isEqualTo(204);
        assertThat(operator("GET", "groups/" + id, "").statusCode()).isEqualTo(404);
        assertThat(platform.get("/api/v1/audit?target_type=group&target=" + id).path("entries")
                .findValuesAsText("action")).containsExactly("group.deleted", "group.changed", "group.created");
    }

    @Test
    void aGroupThatRulesNameCannotGoAndTakesItsConfigurationWithIt() throws Exception {
        var gone = group("leaving", "");
        var one = device("leaving-1", "{}");
        call("PUT", "groups/leaving/members/" + one.id(), "");
        call("POST", "configurations?target=group:" + gone, "{'configuration':{'interval':7},'activate':true}");
        TestPlatform.await("the group's configuration", () -> configured(one).has("interval"));
        var named = call("POST", "rules", "{'name':'Leaving','condition':'t > 1','severity':'major',"
                + "'scope':{'groups':['leaving']}}").path("id").asText();
        var processed = call("POST", "processing-rules", "{'name':'Leaving too','scope':{'groups':['" + gone
                + "']},'steps':[{'type':'range','metric':'t','max':5}]}").path("id").asText();
        assertThat(refused(409, operator("DELETE", "groups/leaving", "")).path("detail").asText())
                .contains("rule " + named + " (Leaving)", "processing rule " + processed + " (Leaving too)");
        call("DELETE", "rules/" + named, "");
        refused(409, operator("DELETE", "groups/leaving", ""));
        call("DELETE", "processing-rules/" + processed, "");
        assertThat(operator("DELETE", "groups/leaving", "").statusCode()).isEqualTo(204);
        TestPlatform.await("the end of the group's configuration", () -> !configured(one).has("interval"));
        assertThat(platform.get("/api/v1/audit?action=configuration.deactivated&target=" + gone).path("entries")
                .size()).isOne();
    }

    private static JsonNode configured(TestDevice device) {
        return platform.get("/api/v1/devices/" + device.id() + "/configurations/effective").path("configuration");
    }

    @Test
    void whatIsNoGroupIsRefused() throws Exception {
        for (var body : new String[] {"{}", "{'name':' x'}", "{'name':'7'}", "{'name':'a/b'}", "{'name':'#'}",
            "{'name':'x','kind':'dynamic'}", "{'name':'x','kind':'static','filter':'true'}",
            "{'name':'x','filter':'temperature > 3'}", "{'name':'x','filter':'device.groups.length > 0'}",
            "{'name':'x','parent_id':999999}", "{'name':'x','parent_id':'1'}", "{'name':'x','color':'red'}"}) {
            assertThat(refused(422, operator("POST", "groups", body)).path("errors").size()).as(body).isEqualTo(1);
        }
        var plain = group("plain", "");
        refused(422, operator("PUT", "groups/" + plain, "{'name':'plain','filter':'true'}"));
        var filtered = group("filtered", ",'filter':'false'");
        refused(422, operator("PUT", "groups/" + filtered, "{'name':'filtered'}"));
        refused(409, operator("PUT", "groups/" + filtered + "/members/" + device("no-way", "{}").id(), ""));
        refused(404, operator("GET", "groups/nowhere", ""));
    }

    @Test
    void theTreeHasNoCyclesAndAnEnd() throws Exception {
        var ids = new ArrayList<Long>();
        ids.add(group("deep-1", ""));
        for (var i = 2; i <= 10; i++) ids.add(group("deep-" + i, ",'parent_id':" + ids.getLast()));
        refused(422, operator("POST", "groups", "{'name':'deep-11','parent_id':" + ids.getLast() + "}"));
        refused(422, operator("PUT", "groups/" + ids.get(0), "{'name':'deep-1','parent_id':" + ids.get(5) + "}"));
        refused(422, operator("PUT", "groups/" + ids.get(0), "{'name':'deep-1','parent_id':" + ids.get(0) + "}"));
        var other = group("deep-0", "");
        refused(422, operator("PUT", "groups/" + ids.get(0), "{'name':'deep-1','parent_id':" + other + "}"));
        refused(409, operator("DELETE", "groups/" + ids.get(3), ""));
    }

    /// Two who each move their group under the other's cannot both be right.
    @Test
    void racesMakeNoCycle() throws Exception {
        for (var round = 0; round < 5; round++) {
            var a = group("race-a-" + round, "");
            var b = group("race-b-" + round, "");
            var names = new String[] {"race-a-" + round, "race-b-" + round};
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var moves = List.<Callable<Integer>>of(
                        () -> operator("PUT", "groups/" + a, "{'name':'" + names[0] + "','parent_id':" + b + "}")
                                .statusCode(),
                        () -> operator("PUT", "groups/" + b, "{'name':'" + names[1] + "','parent_id':" + a + "}")
                                .statusCode());
                var answers = new ArrayList<Integer>();
                for (var done : threads.invokeAll(moves)) answers.add(done.get());
                assertThat(answers).containsExactlyInAnyOrder(200, 422);
            }
        }
    }

    @Test
    void membersComeAndGoOneByOneAndInBulk() throws Exception {
        var hall = group("hall", "");
        var line = group("line", ",'parent_id':" + hall);
        var one = device("bulk-1", "{'tags':{'bulk':'yes'}}");
        device("bulk-2", "{'tags':{'bulk':'yes'}}");
        device("bulk-3", "{}");
        assertThat(call("PUT", "groups/" + line + "/members/bulk-1", "").path("added").asInt()).isEqualTo(1);
        assertThat(call("PUT", "groups/" + line + "/members/" + one.id(), "").path("added").asInt()).isZero();
        assertThat(members("hall")).as("those below count").containsExactly("bulk-1");
        var moved = call("POST", "groups/" + hall + "/members",
                "{'add':{'filter':'tags.bulk === `yes`','devices':['bulk-3']},'remove':{'devices':['bulk-3']}}");
        assertThat(moved).isEqualTo(Json.mapper().readTree("{\"added\":3,\"removed\":0}"));
        assertThat(members(hall)).containsExactly("bulk-1", "bulk-2", "bulk-3");
        assertThat(platform.get("/api/v1/groups/hall/devices?limit=2").path("next_cursor").isTextual()).isTrue();
        refused(422, operator("POST", "groups/" + hall + "/members", "{'add':{'devices':['nobody']}}"));
        refused(422, operator("POST", "groups/" + hall + "/members", "{}"));
        var gone = call("POST", "groups/" + hall + "/members", "{'remove':{'filter':'true'}}");
        assertThat(gone.path("removed").asInt()).isEqualTo(3);
        assertThat(members("hall")).containsExactly("bulk-1");
        call("DELETE", "admin/devices/bulk-1", "");
        assertThat(members("hall")).as("its life has ended").isEmpty();
    }

    @Test
    void totalsAreOfAllBelowAndCountADeviceOnce() throws Exception {
        var top = group("sum-top", "");
        var left = group("sum-left", ",'parent_id':" + top);
        var right = group("sum-right", ",'parent_id':" + top);
        var here = device("sum-1", "{}");
        var away = device("sum-2", "{}");
        for (var id : List.of(left, right)) call("PUT", "groups/" + id + "/members/sum-1", "");
        call("PUT", "groups/" + right + "/members/sum-2", "");
        assertThat(platform.send("POST", "/api/v1/devices/heartbeat", "", "X-API-Key", here.key()).statusCode())
                .isEqualTo(200);
        call("POST", "rules", "{'name':'sums','condition':'heat > 1','scope':{'groups':['sum-top']}}");
        for (var device : List.of(here, away, device("sum-out", "{}"))) {
            platform.send("POST", "/api/v1/telemetry", "{\"heat\":2}", "X-API-Key", device.key());
        }
        var totals = TestPlatform.await(() -> platform.get("/api/v1/groups/" + top).path("totals"),
                it -> it.path("open_alerts").asInt() == 2);
        assertThat(totals.path("devices").asInt()).isEqualTo(2);
        assertThat(totals.path("online").asInt()).isEqualTo(2);
        var tree = platform.get("/api/v1/groups/tree").path("groups");
        var branch = tree.valueStream().filter(it -> it.path("id").longValue() == top).findFirst().orElseThrow();
        assertThat(branch.path("groups").findValuesAsText("name")).containsExactly("sum-left", "sum-right");
        assertThat(branch.at("/groups/0/totals/devices").asInt()).isEqualTo(1);
        assertThat(platform.get("/api/v1/alerts?rule=" + ruleId("sums")).path("alerts").size()).isEqualTo(2);
    }

    private static String ruleId(String name) {
        return platform.get("/api/v1/rules").path("rules").valueStream()
                .filter(it -> it.path("name").asText().equals(name)).findFirst().orElseThrow().path("id").asText();
    }

    @Test
    void aFilterHoldsWhatItAcceptsAsDevicesChange() throws Exception {
        device("dyn-1", "{'tags':{'dyn':'A'}}");
        var old = group("dynamic", ",'filter':'tags.dyn === `A` || device.firmware_version === `9.9`'");
        assertThat(members(old)).containsExactly("dyn-1");
        var late = device("dyn-2", "{}");
        call("PUT", "admin/devices/dyn-2", "{'firmware_version':'9.9'}");
        assertThat(members(old)).containsExactly("dyn-1", "dyn-2");
        call("PUT", "admin/devices/dyn-1", "{'metadata':{'tags':{'dyn':'B'}}}");
        assertThat(members(old)).containsExactly("dyn-2");
        assertThat(platform.get("/api/v1/admin/devices/dyn-2").path("groups").findValuesAsText("name"))
                .containsExactly("dynamic");
        call("PUT", "groups/" + old, "{'name':'dynamic','filter':'tags.dyn === `B`'}");
        assertThat(members(old)).containsExactly("dyn-1");
        var online = group("dyn-online", ",'filter':'device.is_online && device.name.startsWith(`dyn-`)'");
        assertThat(members(online)).isEmpty();
        platform.send("POST", "/api/v1/devices/heartbeat", "", "X-API-Key", late.key());
        TestPlatform.await(() -> members(online), List.of("dyn-2")::equals);
    }

    @Test
    void listsAreChosenByFilterTagAndGroup() throws Exception {
        device("list-1", "{'tags':{'list':'A'},'floor':1}");
        device("list-2", "{'tags':{'list':'A'},'floor':2}");
        device("list-3", "{'tags':{'list':'B'},'floor':3}");
        var group = group("listed", "");
        for (var name : List.of("list-1", "list-3")) call("PUT", "groups/" + group + "/members/" + name, "");
        check("admin/devices?tag=list:A", "list-1", "list-2");
        check("admin/devices?group=listed", "list-1", "list-3");
        check("admin/devices?group=listed&tag=list:A", "list-1");
        check("admin/devices?filter=metadata.floor%20%3E=%202%20%26%26%20tags.list", "list-2", "list-3");
        check("admin/devices?filter=device.groups.includes('listed')", "list-1", "list-3");
        check("devices/statuses?filter=tags.list%20===%20'B'", "list-3");
        var exact = platform.get("/api/v1/admin/devices?tag=list:A&limit=1");
        assertThat(exact.path("total").asInt()).isEqualTo(2);
        var filter = "admin/devices?limit=1&filter=tags.list%3F.toLowerCase()%20===%20'a'";
        var looked = platform.get("/api/v1/" + filter);
        assertThat(looked.path("total").isNull()).isTrue();
        check(filter + "&cursor=" + looked.path("next_cursor").asText(), "list-2");
        refused(422, operator("GET", filter + "&offset=1", ""));
        for (var wrong : List.of("filter=1%20%2B", "tag=x", "group=nowhere")) {
            refused(422, operator("GET", "admin/devices?" + wrong, ""));
            refused(422, operator("GET", "devices/statuses?" + wrong, ""));
        }
    }

    private static void check(String path, String... names) {
        assertThat(platform.get("/api/v1/" + path).path("devices").findValuesAsText("name")).as(path)
                .containsExactly(names);
    }

    @Test
    void processingRulesGoByGroupsAtOnce() {
        var group = group("processed", "");
        var device = device("processed-1", "{}");
        call("POST", "processing-rules", "{'name':'by group','scope':{'groups':['processed']},"
                + "'steps':[{'type':'rename','metric':'p','to':'q'}]}");
        send(device, "{\"p\":1}");
        assertThat(platform.stored(device, "p")).isEqualTo(1);
        call("PUT", "groups/" + group + "/members/processed-1", "");
        send(device, "{\"p\":1}");
        assertThat(platform.stored(device, "q")).isEqualTo(1);
        call("DELETE", "groups/" + group + "/members/processed-1", "");
        send(device, "{\"p\":1}");
        assertThat(platform.stored(device, "p")).isEqualTo(2);
    }

    private static void send(TestDevice device, String payload) {
        var answer = platform.send("POST", "/api/v1/telemetry", payload, "X-API-Key", device.key());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private static Mqtt5BlockingClient connected(TestDevice device) {
        var client = MqttClient.builder().useMqttVersion5().identifier(device.name()).serverHost("127.0.0.1")
                .serverPort(platform.mqttPort()).buildBlocking();
        client.connectWith().simpleAuth().username(device.name())
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().send();
        return client;
    }

    @Test
    void aDeviceHearsItsGroupsAsLongAsItIsInThem() throws Exception {
        var hall = group("fleet-hall", "");
        var line = group("fleet line", ",'parent_id':" + hall);
        var inside = device("fleet-1", "{}");
        call("PUT", "groups/" + line + "/members/fleet-1", "");
        var other = connected(device("fleet-2", "{}"));
        assertThat(catchThrowable(() -> other.subscribeWith()
                .topicFilter("fleet/fleet-hall/commands").send())).isInstanceOf(Mqtt5SubAckException.class);
        other.disconnect();
        var client = connected(inside);
        try (var heard = client.publishes(MqttGlobalPublishFilter.ALL)) {
            for (var topic : List.of("fleet/fleet line/commands", "fleet/fleet-hall/commands")) {
                client.subscribeWith().topicFilter(topic).qos(MqttQos.AT_LEAST_ONCE).send();
            }
            platform.publishToGroup(hall, "1");
            platform.publishToGroup(line, "2");
            assertThat(List.of(next(heard), next(heard))).containsExactlyInAnyOrder("fleet/fleet-hall/commands 1",
                    "fleet/fleet line/commands 2");
            call("POST", "groups/" + hall + "/members", "{'add':{'devices':['fleet-1']}}");
            call("DELETE", "groups/" + line + "/members/fleet-1", "");
            platform.publishToGroup(line, "not for it any more");
            for (var i = 0; i < 10; i++) platform.publishToGroup(hall, "still");
            for (var i = 0; i < 10; i++) assertThat(next(heard)).isEqualTo("fleet/fleet-hall/commands still");
        }
        client.disconnect();
    }

    private static String next(Mqtt5BlockingClient.Mqtt5Publishes heard) throws InterruptedException {
        var message = heard.receive(10, TimeUnit.SECONDS).orElseThrow();
        return message.getTopic() + " " + StandardCharsets.UTF_8.decode(message.getPayload().orElseThrow());
    }
}
