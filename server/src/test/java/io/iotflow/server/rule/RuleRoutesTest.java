package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Rules from their document to their alert, on the whole platform.
class RuleRoutesTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode made(String document) {
        return platform.call("POST", "/api/v1/rules", document.replace('\'', '"'));
    }

    private static void send(TestPlatform.TestDevice device, String payload) {
        assertThat(platform.send("POST", "/api/v1/telemetry", payload, "X-API-Key", device.key()).statusCode())
                .isEqualTo(201);
    }

    private static JsonNode replayed(String path, String body) {
        var started = platform.call("POST", path, body.replace('\'', '"'));
        return TestPlatform.await(() -> platform.get("/api/v1/rules/replays/" + started.path("id").asText()),
                it -> !it.path("state").asText().equals("running"));
    }

    @Test
    void aRuleIsKeptChangedByVersionAndDeleted() throws Exception {
        var rule = made("{'name':'life','condition':'t > 30','severity':'major'}");
        var path = "/api/v1/rules/" + rule.path("id").asText();
        assertThat(rule.path("version").asInt()).isEqualTo(1);
        assertThat(platform.get(path)).isEqualTo(rule);
        var change = "{\"name\":\"life\",\"condition\":\"t > 31\"}";
        var stale = platform.send("PUT", path, change, "Authorization", "admin " + TestPlatform.TOKEN, "If-Match",
                "\"7\"");
        assertThat(stale.statusCode()).isEqualTo(412);
        assertThat(platform.call("PUT", path, change).path("version").asInt()).isEqualTo(2);
        var versions = platform.get(path + "/versions").path("versions");
        assertThat(versions.findValuesAsText("version")).containsExactly("2", "1");
        assertThat(versions.get(1).at("/rule/condition").asText()).isEqualTo("t > 30");
        assertThat(platform.send("DELETE", path, "", "Authorization", "admin " + TestPlatform.TOKEN).statusCode())
                .isEqualTo(204);
        assertThat(platform.send("GET", path, "", "Authorization", "admin " + TestPlatform.TOKEN).statusCode())
                .isEqualTo(404);
    }

    @Test
    void whatCannotBeRunIsRefusedByItsField() throws Exception {
        check("{'name':'x','condition':{'type':'threshold_high','metric':'t'}}", "condition.threshold", "is missing");
        check("{'name':'x','condition':{'type':'all','of':['t > 1',{'type':'rate','metric':'t','per':'1m'}]}}",
                "condition.of[1].above", "is missing, and so is below");
        check("{'name':'x','condition':'while (true) {}'}", "condition", "line 1, column 1");
        check("{'name':'x','condition':'t > 1','scope':{'filter':'device.type = 1'}}", "scope.filter", "");
        check("{'name':'x','condition':'t > 1','message':'${t +}'}", "message", "");
        check("{'name':'x','condition':'t > 1','serverity':'major'}", "serverity", "is not a field here");
        check("{'condition':'t > 1'}", "name", "is missing");
        check("{'name':'x','condition':{'type':'threshold_high','metric':'t','threshold':3,'clear':4}}",
                "condition.clear", "must not be above");
        check("{'name':'x','condition':{'type':'geofence'}}", "condition.geofence", "exactly one");
    }

    private static void check(String document, String field, String detail) throws Exception {
        var answer = platform.send("POST", "/api/v1/rules", document.replace('\'', '"'), "Authorization",
                "admin " + TestPlatform.TOKEN);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        var error = Json.mapper().readTree(answer.body()).at("/errors/0");
        assertThat(error.path("field").asText()).isEqualTo(field);
        assertThat(error.path("detail").asText()).contains(detail);
    }

    @Test
    void aMessageRaisesAnAlertAndTheNextResolvesIt() {
        var device = platform.device("raises");
        var rule = made("{'name':'too hot','condition':'temperature > 30','severity':'critical',"
                + "'scope':{'devices':['raises']},'message':'${device.name} has ${current} degrees'}");
        send(device, "{\"temperature\":31.5}");
        var alert = awaitAlert(rule, "active");
        assertThat(alert.path("message").asText()).isEqualTo("raises has 31.5 degrees");
        assertThat(alert.path("severity").asText()).isEqualTo("critical");
        send(device, "{\"temperature\":29}");
        awaitAlert(rule, "resolved");
    }

    private static JsonNode awaitAlert(JsonNode rule, String state) {
        var path = "/api/v1/alerts?rule=" + rule.path("id").asText() + "&state=" + state;
        return TestPlatform.await(() -> platform.get(path).path("alerts"), it -> it.size() == 1).get(0);
    }

    @Test
    void whatHasNotHeldForLongEnoughIsPending() throws Exception {
        var device = platform.device("pends");
        var rule = made("{'name':'long hot','condition':{'type':'threshold_high','metric':'t','threshold':30,"
                + "'hold':'10m'},'scope':{'devices':['pends']},'severity':'major'}");
        send(device, "{\"t\":31,\"timestamp\":\"-30s\"}");
        var pending = awaitPending("rule=" + rule.path("id").asText(), 1).get(0);
        assertThat(pending.path("device_name").asText()).isEqualTo("pends");
        assertThat(Duration.between(Instant.parse(pending.path("pending_since").asText()),
                Instant.parse(pending.path("due_at").asText()))).isEqualTo(Duration.ofMinutes(10));
        awaitPending("severity=major&device=pends&rule=long%20hot", 1);
        awaitPending("severity=info", 0);
        awaitPending("shadow=true", 0);
        send(device, "{\"t\":29}");
        awaitPending("rule=" + rule.path("id").asText(), 0);
        assertThat(platform.send("GET", "/api/v1/alerts?state=pending", "", "Authorization",
                "admin " + TestPlatform.TOKEN).body()).contains("/api/v1/alerts/pending");
    }

    private static JsonNode awaitPending(String query, int count) {
        return TestPlatform.await(() -> platform.get("/api/v1/alerts/pending?" + query).path("pending"),
                it -> it.size() == count);
    }

    @Test
    void aTrialSaysWhatWouldBe() {
        var answer = platform.call("POST", "/api/v1/rules/test", """
                {"rule":{"condition":{"type":"threshold_high","metric":"t","threshold":30,"hold":"1m"}},
                 "messages":[{"ts":1767225600000,"values":{"t":31}},{"ts":1767225630000,"values":{"t":32}}],
                 "until":"2026-01-01T00:02:00Z"}""");
        assertThat(answer.at("/steps/0/holds").booleanValue()).isFalse();
        assertThat(answer.at("/steps/0/pending_since").asText()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(answer.at("/steps/2/findings/0/event").asText()).isEqualTo("begun");
        assertThat(answer.at("/steps/2/findings/0/timestamp").asText()).isEqualTo("2026-01-01T00:01:00Z");
        assertThat(answer.at("/steps/2/why/condition/value").asDouble()).isEqualTo(32);
    }

    @Test
    void aReplaySaysWhatWouldHaveBeenAndTheDifference() {
        var device = platform.device("replayed");
        var rule = made("{'name':'replay','condition':'p > 5','scope':{'devices':['replayed']}}");
        var start = Instant.parse("2026-02-01T00:00:00Z");
        for (var n = 0; n < 20; n++) {
            send(device, "{\"ts\":" + start.plus(Duration.ofMinutes(n)).toEpochMilli() + ",\"values\":{\"p\":" + n
                    + "}}");
        }
        var span = "'start_time':'2026-02-01T00:00:00Z','end_time':'2026-02-02T00:00:00Z'";
        var same = replayed("/api/v1/rules/" + rule.path("id").asText() + "/replay", "{" + span + "}");
        assertThat(same.path("state").asText()).as(same.toString()).isEqualTo("done");
        assertThat(same.at("/would/begun").asInt()).isEqualTo(1);
        assertThat(same.at("/would/alerts/0/began_at").asText()).isEqualTo("2026-02-01T00:06:00Z");
        assertThat(same.path("in_force").isNull()).isTrue();
        var other = replayed("/api/v1/rules/" + rule.path("id").asText() + "/replay", "{" + span
                + ",'rule':{'condition':'p == 1 || p == 3','scope':{'devices':['replayed']}}}");
        assertThat(other.at("/difference/only_would").size()).isEqualTo(2);
        assertThat(other.at("/difference/only_would/0/ended_at").asText()).isEqualTo("2026-02-01T00:02:00Z");
        assertThat(other.at("/difference/only_in_force").size()).isEqualTo(1);
    }
}
