package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What editors are told while somebody writes a rule.
class EditorRoutesTest {
    private static final List<String> ADMIN = List.of("Authorization", "admin " + TestPlatform.TOKEN);
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static JsonNode mistakes(String body) {
        return platform.call("POST", "/api/v1/rules/check", body.replace('\'', '"')).path("mistakes");
    }

    @Test
    void theWordsAreThoseOfThePurpose() {
        var rule = platform.get("/api/v1/rules/language");
        assertThat(rule.path("words").findValuesAsText("name"))
                .contains("avg", "hoursSince", "current", "metrics.<name>.avg", "Math.max", "const");
        assertThat(rule.at("/limits/expression_characters").asInt()).isEqualTo(4_096);
        assertThat(rule.path("words")).allSatisfy(word -> {
            assertThat(word.path("signature").asText()).isNotBlank();
            assertThat(word.path("doc").asText()).isNotBlank();
        });
        var decoder = platform.get("/api/v1/rules/language?purpose=decoder").path("words").findValuesAsText("name");
        assertThat(decoder).contains("bytes").doesNotContain("current", "avg");
    }

    @Test
    void theMetricsAreThoseOfTheCallersDevices() {
        var ours = platform.call("POST", "/api/v1/organizations", "{\"name\":\"editors\"}").path("id").asInt();
        var token = platform.call("POST", "/api/v1/tokens", "{\"name\":\"editor\",\"permissions\":[\"rules:read\"],"
                + "\"organization_id\":" + ours + ",\"expires_at\":\"+1d\"}").path("token").asText();
        var device = platform.device("elsewhere");
        platform.send("POST", "/api/v1/telemetry", "{\"only_elsewhere\":1}", "X-API-Key", device.key());
        var all = platform.get("/api/v1/rules/language").path("metrics");
        assertThat(all).extracting(JsonNode::asText).contains("only_elsewhere");
        var theirs = platform.send("GET", "/api/v1/rules/language", "", "Authorization", "Bearer " + token);
        assertThat(theirs.statusCode()).as(theirs.body()).isEqualTo(200);
        assertThat(theirs.body()).doesNotContain("only_elsewhere").contains("\"metrics\":[]");
    }

    @Test
    void aMistakeInAnExpressionHasItsPlace() {
        var found = mistakes("{'expression':'const a = 1;\\nwhile (a) {}'}").get(0);
        assertThat(found.path("field").asText()).isEqualTo("expression");
        assertThat(found.path("line").asInt()).isEqualTo(2);
        assertThat(found.path("column").asInt()).isEqualTo(1);
        assertThat(found.path("message").asText()).isNotBlank();
        assertThat(found.path("instead").asText()).isNotBlank();
        assertThat(mistakes("{'expression':'temperature > 30'}")).isEmpty();
        assertThat(mistakes("{'expression':'temperature > 30','purpose':'filter'}")).hasSize(1);
        assertThat(mistakes("{'expression':'${device.name} is ${','purpose':'message'}")).isNotEmpty();
        assertThat(mistakes("{'expression':'${device.name} is here','purpose':'message'}")).isEmpty();
    }

    @Test
    void mistakesOfDocumentsNameTheirFields() {
        var nested = mistakes("{'rule':{'name':'x','condition':{'type':'all','of':['t > 1','t >']}}}").get(0);
        assertThat(nested.path("field").asText()).isEqualTo("condition.of[1]");
        assertThat(nested.path("line").asInt()).isEqualTo(1);
        var missing = mistakes("{'rule':{'name':'x','condition':{'type':'threshold_high','metric':'t'}}}").get(0);
        assertThat(missing.path("field").asText()).isEqualTo("condition.threshold");
        assertThat(missing.path("line").isNull()).isTrue();
        var processing = mistakes("{'processing_rule':{'name':'p','steps':[{'type':'derive','metric':'f',"
                + "'expression':'t *'},{'type':'calibrate','metric':'t','multiplier':0}]}}");
        assertThat(processing.findValuesAsText("field")).containsExactly("steps[0].expression", "steps[1].multiplier");
        assertThat(processing.get(0).path("column").asInt()).isPositive();
    }

    @Test
    void whatARuleReadsAsItWasKeptIsRight() {
        var kept = platform.call("POST", "/api/v1/rules", "{\"name\":\"kept\",\"condition\":\"t > 1\"}");
        assertThat(mistakes("{'rule':" + kept + "}")).isEmpty();
    }

    @Test
    void aBodyWithNothingOrTooMuchToCheckIsRefused() {
        for (var body : List.of("{}", "{\"expression\":\"1\",\"rule\":{}}", "{\"expression\":1}", "{\"rule\":[]}")) {
            var answer = platform.send("POST", "/api/v1/rules/check", body, ADMIN.toArray(String[]::new));
            assertThat(answer.statusCode()).as(body + answer.body()).isEqualTo(422);
        }
    }
}
