package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.alert.TestAlerts;
import io.iotflow.server.core.Severity;
import io.iotflow.server.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The alert inbox, as people and the dashboard use it.
class AlertRoutesTest {
    private static final String PASSWORD = "correct horse battery";
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private static TestPlatform platform;
    private static HttpClient client;
    private static TestPlatform.TestDevice device;
    private static String anna;
    private static int numbers;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        device = platform.device("greenhouse-1");
        anna = signIn("anna", "operator");
    }

    @AfterAll
    static void stop() {
        if (client != null) client.shutdownNow();
        if (platform != null) platform.close();
    }

    private static String signIn(String name, String role) throws Exception {
        platform.call("POST", "/api/v1/users", "{\"name\":\"" + name + "\",\"password\":\"" + PASSWORD
                + "\",\"role\":\"" + role + "\"}");
        return "Bearer " + Json.mapper().readTree(platform.send("POST", "/api/v1/auth/login", "{\"username\":\"" + name
                + "\",\"password\":\"" + PASSWORD + "\"}").body()).path("access_token").asText();
    }

    private static long raise(String rule, Severity severity) {
        return TestAlerts.raise(platform.platform().database(), device.id(), rule, severity,
                START.plusSeconds(numbers++));
    }

    private static JsonNode asAnna(String path, String body) throws IOException {
        return answer(path, body, 200);
    }

    private static JsonNode answer(String path, String body, int status) throws IOException {
        var answer = platform.send("POST", "/api/v1/alerts/" + path, body, "Authorization", anna);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.mapper().readTree(answer.body());
    }

    private static List<Long> ids(String query) {
        return StreamSupport.stream(platform.get("/api/v1/alerts?" + query).path("alerts").spliterator(), false)
                .map(alert -> alert.path("id").asLong()).toList();
    }

    private static List<String> audited(long alert) {
        return StreamSupport.stream(platform.get("/api/v1/audit?target_type=alert&target=" + alert).path("entries")
                .spliterator(), false).map(entry -> entry.at("/entry/action").asText()).toList().reversed();
    }

    @Test
    void anAlertIsAcknowledgedAssignedCommentedJudgedAndResolvedAndAllOfItIsKept() throws Exception {
        var id = raise("life", Severity.MAJOR);
        assertThat(asAnna(id + "/acknowledge", "").path("acknowledged_by").asText()).isEqualTo("anna");
        assertThat(asAnna(id + "/acknowledge", "").path("state").asText()).isEqualTo("acknowledged");
        assertThat(asAnna(id + "/assign", "{\"user\":\"anna\"}").path("assignee").asText()).isEqualTo("anna");
        asAnna(id + "/comment", "{\"text\":\"the fan is on order\"}");
        assertThat(asAnna(id + "/false-positive", "{\"value\":true,\"reason\":\"a hand\"}").path("false_positive")
                .asBoolean()).isTrue();
        asAnna(id + "/false-positive", "{\"value\":false}");
        var resolved = asAnna(id + "/resolve", "{\"reason\":\"new fan\"}");
        assertThat(resolved.path("state").asText()).isEqualTo("resolved");
        assertThat(asAnna(id + "/resolve", "").path("resolved_at")).isEqualTo(resolved.path("resolved_at"));
        var shown = platform.get("/api/v1/alerts/" + id);
        assertThat(shown.path("history").findValuesAsText("event")).containsExactly("begun", "acknowledged",
                "assigned", "commented", "marked_false_positive", "unmarked", "resolved");
        assertThat(shown.path("history").findValuesAsText("detail")).containsSubsequence("anna",
                "the fan is on order", "a hand", "new fan");
        assertThat(shown.path("why").toString()).isEqualTo("{\"value\":1}");
        assertThat(audited(id)).containsExactly("alert.acknowledged", "alert.assigned", "alert.commented",
                "alert.marked_false_positive", "alert.unmarked", "alert.resolved");
    }

    @Test
    void whatItsStateDoesNotAllowIsRefusedWithWhatToDoInstead() throws Exception {
        var id = raise("refused", Severity.INFO);
        asAnna(id + "/resolve", "");
        for (var call : List.of("acknowledge", "assign")) {
            var refusal = answer(id + "/" + call, call.equals("assign") ? "{\"user\":null}" : "", 409);
            assertThat(refusal.path("code").asText()).isEqualTo("conflict");
            assertThat(refusal.path("detail").asText()).contains("resolved by anna").contains("comment on it");
        }
        asAnna(id + "/comment", "{\"text\":\"afterwards\"}");
        answer("999999999/acknowledge", "", 404);
        answer("x/acknowledge", "", 404);
    }

    @Test
    void healthAndMetricsShowHowAlertsFare() {
        assertThat(platform.get("/health?detailed=true").toString()).contains("writing what rules find");
        assertThat(platform.text("/metrics")).contains("iotflow_alerts_findings_total", "iotflow_alerts_lag_seconds");
    }

    @Test
    void onlyUsersWhoCanSeeTheAlertAreGivenIt() throws Exception {
        var id = raise("given", Severity.INFO);
        var elsewhere = platform.call("POST", "/api/v1/organizations", "{\"name\":\"elsewhere\"}").path("id").asText();
        platform.call("POST", "/api/v1/users", "{\"name\":\"stranger\",\"password\":\"" + PASSWORD
                + "\",\"role\":\"viewer\",\"organization_id\":" + elsewhere + "}");
        for (var user : List.of("stranger", "nobody-of-that-name")) {
            assertThat(answer(id + "/assign", "{\"user\":\"" + user + "\"}", 422).path("detail").asText())
                    .contains("no user who can see this alert");
        }
    }

    @Test
    void manyAreAcknowledgedAndResolvedEachForItself() throws Exception {
        var one = raise("many", Severity.INFO);
        var two = raise("many", Severity.INFO);
        var gone = raise("many", Severity.INFO);
        asAnna(gone + "/resolve", "");
        var ids = "{\"ids\":[" + one + "," + two + "," + gone + ",999999999," + one + "]}";
        var outcome = asAnna("acknowledge", ids);
        assertThat(outcome.path("changed").asInt()).isEqualTo(2);
        assertThat(outcome.path("refused").findValuesAsText("id"))
                .containsExactly(Long.toString(gone), "999999999");
        assertThat(asAnna("acknowledge", ids).path("unchanged").asInt()).isEqualTo(2);
        assertThat(asAnna("resolve", ids).path("changed").asInt()).isEqualTo(2);
        answer("resolve", "{\"ids\":[]}", 422);
        assertThat(audited(one)).containsExactly("alert.acknowledged", "alert.resolved");
    }

    @Test
    void theListIsFilteredAndPagedTheNewestFirst() throws Exception {
        var hot = raise("hot-filter", Severity.CRITICAL);
        var cold = raise("cold-filter", Severity.WARNING);
        var mine = raise("cold-filter", Severity.MAJOR);
        asAnna(mine + "/assign", "{\"user\":\"anna\"}");
        asAnna(cold + "/resolve", "");
        assertThat(ids("q=-FILTER")).containsExactly(mine, cold, hot);
        assertThat(ids("q=filter&state=active")).containsExactly(mine, hot);
        assertThat(ids("q=filter&state=active,resolved&severity=critical,warning")).containsExactly(cold, hot);
        assertThat(ids("rule=cold-filter&unassigned=true")).containsExactly(cold);
        assertThat(ids("q=filter&assignee=anna")).containsExactly(mine);
        assertThat(ids("q=filter&device=greenhouse-1")).hasSize(3);
        assertThat(ids("q=filter&shadow=true")).isEmpty();
        assertThat(ids("q=filter&until=2026-01-01T00:00:00Z")).isEmpty();
        assertThat(ids("q=filter&since=2026-03-01T12:00:00Z")).hasSize(3);
        var first = platform.get("/api/v1/alerts?q=filter&limit=2");
        assertThat(first.path("count").asInt()).isEqualTo(2);
        assertThat(ids("q=filter&limit=2&cursor=" + first.path("next_cursor").asText())).containsExactly(hot);
        for (var wrong : List.of("state=odd", "severity=odd", "cursor=x", "limit=0", "since=odd", "shadow=odd")) {
            assertThat(platform.send("GET", "/api/v1/alerts?" + wrong, "", "Authorization", anna).statusCode())
                    .as(wrong).isEqualTo(422);
        }
        assertThat(platform.send("GET", "/api/v1/alerts?device=absent", "", "Authorization", anna).statusCode())
                .isEqualTo(404);
    }

    @Test
    void countsAndStatisticsAddUp() throws Exception {
        var before = platform.get("/api/v1/alerts/counts");
        var id = raise("figures", Severity.CRITICAL);
        var other = raise("figures", Severity.CRITICAL);
        asAnna(id + "/acknowledge", "");
        asAnna(id + "/false-positive", "{\"value\":true}");
        var after = platform.get("/api/v1/alerts/counts");
        assertThat(after.at("/by_severity/critical").asInt()).isEqualTo(before.at("/by_severity/critical").asInt() + 2);
        assertThat(after.path("acknowledged").asInt()).isEqualTo(before.path("acknowledged").asInt() + 1);
        asAnna(other + "/resolve", "");
        assertThat(platform.get("/api/v1/alerts/counts").path("resolved").asInt())
                .isEqualTo(after.path("resolved").asInt() + 1);
        var statistics = platform.get("/api/v1/alerts/statistics?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z");
        var rules = StreamSupport.stream(statistics.path("by_rule").spliterator(), false)
                .filter(rule -> rule.path("rule_name").asText().equals("figures")).toList();
        assertThat(rules).hasSize(2); // each alert of its own rule
        var judged = rules.stream().filter(rule -> rule.path("false_positives").asInt() == 1).findFirst().orElseThrow();
        assertThat(judged.path("false_positive_share").asDouble()).isEqualTo(1);
        assertThat(judged.path("open").asInt()).isEqualTo(1);
        assertThat(judged.at("/seconds_to_acknowledge/median").asDouble()).isPositive();
        assertThat(judged.at("/seconds_to_resolve/mean").isNull()).isTrue();
        assertThat(platform.get("/api/v1/alerts/statistics?from=1990-01-01T00:00:00Z&to=1990-01-02T00:00:00Z")
                .at("/total/alerts").asInt(-1)).isZero();
    }

    @Test
    void alertsAreHeardLiveByThoseOnlyWhoMayReadThem() throws Exception {
        platform.call("POST", "/api/v1/roles",
                "{\"name\":\"gauger\",\"permissions\":[\"telemetry:read\",\"devices:read\"]}");
        var gauger = signIn("gauger", "gauger");
        var asked = stream("types=alert", gauger);
        assertThat(asked.statusCode()).isEqualTo(403);
        var heard = stream("", anna);
        var unheard = stream("", gauger);
        try (var mine = lines(heard.body()); var theirs = lines(unheard.body())) {
            var id = raise("live", Severity.MAJOR);
            asAnna(id + "/acknowledge", "");
            platform.call("PUT", "/api/v1/admin/devices/" + device.id(), "{\"description\":\"a sign\"}");
            var event = event(mine);
            assertThat(event.path("type").asText()).isEqualTo("alert");
            assertThat(event.path("event").asText()).isEqualTo("acknowledged");
            assertThat(event.path("alert_id").asLong()).isEqualTo(id);
            assertThat(event.path("state").asText()).isEqualTo("acknowledged");
            assertThat(event.path("device_name").asText()).isEqualTo("greenhouse-1");
            assertThat(event(theirs).path("type").asText()).isEqualTo("device");
        }
    }

    private static HttpResponse<InputStream> stream(String query, String bearer)
            throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + platform.platform().httpPort()
                + "/api/v1/stream?" + query)).timeout(Duration.ofSeconds(20)).header("Authorization", bearer).build(),
                BodyHandlers.ofInputStream());
    }

    private static BufferedReader lines(InputStream body) {
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    private static JsonNode event(BufferedReader lines) throws IOException {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data: ")) return Json.mapper().readTree(line.substring(6));
        }
        throw new AssertionError("the stream has ended");
    }
}
