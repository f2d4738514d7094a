package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.ledger.Checkpoint;
import io.iotflow.ledger.Hash;
import io.iotflow.ledger.Proofs;
import io.iotflow.ledger.SignedNote;
import io.iotflow.ledger.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The audit log as its users see it: over HTTP, with the commands that verify and watch it, and with a superuser of
/// the database for an enemy.
class AuditPlatformTest {
    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestPlatform start() {
        return TestPlatform.start("data.folder=" + folder.resolve("data"));
    }

    /// What a command says, and how it ends.
    private record Said(int ends, String text) {}

    private static Said run(Object command, String... arguments) {
        var text = new StringWriter();
        var line = new CommandLine(command).setOut(new PrintWriter(text, true)).setErr(new PrintWriter(text, true));
        return new Said(line.execute(arguments), text.toString());
    }

    private Said witness(TestPlatform platform) {
        return run(new WitnessCommand(), "http://127.0.0.1:" + platform.platform().httpPort(), "--once",
                "--folder", folder.resolve("witness").toString(), "--token", TestPlatform.TOKEN);
    }

    private String text(TestPlatform platform, String path) throws IOException, InterruptedException {
        var answer = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                + platform.platform().httpPort() + path)).header("Authorization", "admin " + TestPlatform.TOKEN)
                .build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    /// As PostgreSQL's superuser, with triggers out of force.
    private void asSuperuser(String... statements) throws IOException, SQLException {
        var home = folder.resolve("data/database");
        Path pid;
        try (var files = Files.walk(home)) {
            pid = files.filter(file -> file.endsWith("postmaster.pid")).findFirst().orElseThrow();
        }
        var port = Files.readAllLines(pid).get(3).strip();
        try (var connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/iotflow",
                "postgres", Files.readString(home.resolve("password")).strip());
                var statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            for (var each : statements) statement.execute(each);
        }
    }

    @Test
    void whoDidWhatIsListedAndProvenToWhoeverHasTheKey() throws Exception {
        try (var platform = start()) {
            var device = platform.device("porch");
            platform.call("POST", "/api/v1/devices/porch/configurations",
                    "{\"config_key\":\"wifi_password\",\"config_value\":\"hunter2\",\"data_type\":\"string\"}");
            platform.call("POST", "/api/v1/devices/porch/configurations",
                    "{\"config_key\":\"interval\",\"config_value\":60,\"data_type\":\"integer\"}");
            platform.call("DELETE", "/api/v1/telemetry/porch",
                    "{\"start_time\":\"2026-01-01T00:00:00Z\",\"stop_time\":\"2026-01-02T00:00:00Z\"}");
            assertThat(actions(platform, "")).containsExactly("telemetry.erased", "telemetry.erasure_requested",
                    "configuration.set", "configuration.set", "device.registered");
            assertThat(actions(platform, "?action=configuration")).hasSize(2);
            assertThat(actions(platform, "?target=porch&text=INTERVAL")).containsExactly("configuration.set");
            assertThat(actions(platform, "?target=" + device.id() + "&actor=admin&target_type=device")).hasSize(5);
            assertThat(actions(platform, "?actor=nobody")).isEmpty();
            assertThat(actions(platform, "?to=-1h")).isEmpty();
            assertThat(actions(platform, "?from=-1h")).hasSize(5);
            var page = platform.get("/api/v1/audit?limit=2");
            assertThat(actions(platform, "?cursor=" + page.path("next_cursor").asText())).hasSize(3);
            assertThat(text(platform, "/api/v1/audit")).doesNotContain("hunter2").doesNotContain(device.key())
                    .contains("\"wifi_password\":\"(left out)\"").contains("\"interval\":60");
            proven(platform, page.path("entries").get(0).path("id").asText());
        }
    }

    private static Iterable<String> actions(TestPlatform platform, String query) {
        return StreamSupport.stream(platform.get("/api/v1/audit" + query).path("entries").spliterator(), false)
                .map(each -> each.path("entry").path("action").asText()).toList();
    }

    /// By nothing but what is answered.
    private void proven(TestPlatform platform, String id) throws Exception {
        var answer = platform.get("/api/v1/audit/" + id + "/proof");
        var key = VerifierKey.parse(text(platform, "/api/v1/audit/key").strip());
        var note = SignedNote.parse(answer.path("checkpoint").asText().getBytes(StandardCharsets.UTF_8));
        var checkpoint = Checkpoint.open(note, key);
        var raw = text(platform, "/api/v1/audit/" + id + "/proof");
        var entry = raw.substring(raw.indexOf("\"entry\":") + 8, raw.indexOf(",\"leaf_hash\""));
        var leaf = Hash.leaf(entry.getBytes(StandardCharsets.UTF_8));
        assertThat(leaf.toString()).isEqualTo(answer.path("leaf_hash").asText());
        assertThat(Proofs.verifyInclusion(leaf, answer.path("index").asLong(), checkpoint.size(),
                hashes(answer), checkpoint.root())).isTrue();
        var old = platform.get("/api/v1/audit/consistency?from=1&to=" + checkpoint.size());
        assertThat(hashes(old)).isNotEmpty();
    }

    private static java.util.List<Hash> hashes(JsonNode answer) {
        return StreamSupport.stream(answer.path("proof").spliterator(), false)
                .map(hash -> Hash.parse(hash.asText())).toList();
    }

    @Test
    void anExportIsVerifiedByTheCommandAndATamperedRowIsNamed() throws Exception {
        var file = folder.resolve("export.jsonl");
        try (var platform = start()) {
            for (int i = 0; i < 5; i++) platform.device("lamp-" + i);
            Files.writeString(file, text(platform, "/api/v1/audit/export?since=2"));
            var key = text(platform, "/api/v1/audit/key").strip();
            assertThat(run(new VerifyCommand(), file.toString(), "--key", key).ends()).isZero();

            asSuperuser("UPDATE audit_entries SET body = replace(body, 'lamp-3', 'lamp-X') WHERE leaf_index = 3");
            Files.writeString(file, text(platform, "/api/v1/audit/export"));
            assertThat(run(new VerifyCommand(), file.toString(), "--key", key).ends()).isOne();
            try (var in = Files.newInputStream(file)) {
                assertThat(new io.iotflow.ledger.Verifier().verify(in)).isInstanceOfSatisfying(
                        io.iotflow.ledger.Verdict.Broken.class,
                        broken -> assertThat(broken.firstIndex()).isEqualTo(3));
            }
        }
    }

    @Test
    void aWitnessSeesThatTheNewestEntriesWereTakenBack() throws Exception {
        try (var platform = start()) {
            platform.device("one");
            assertThat(witness(platform).ends()).isZero();
            platform.device("two");
            assertThat(witness(platform)).satisfies(said -> {
                assertThat(said.ends()).as(said.text()).isZero();
                assertThat(said.text()).contains("2 entries");
            });
            assertThat(witness(platform).text()).contains("unchanged");
            asSuperuser("DELETE FROM audit_checkpoints WHERE size > 1",
                    "DELETE FROM audit_entries WHERE leaf_index > 0",
                    "UPDATE audit_tiles SET hashes = substring(hashes FROM 1 FOR 32)");
        }
        // What is left is a log that its key has signed once, so the platform itself cannot know.
        try (var platform = start()) {
            assertThat(witness(platform)).satisfies(said -> {
                assertThat(said.ends()).isEqualTo(WitnessCommand.REWRITTEN);
                assertThat(said.text()).contains("REWRITTEN").contains("it had 2 entries and shows 1");
            });
            platform.device("three");
            platform.device("four");
            assertThat(witness(platform)).satisfies(said -> {
                assertThat(said.ends()).isEqualTo(WitnessCommand.REWRITTEN);
                assertThat(said.text()).contains("the proof does not lead from 2 to 3 entries");
            });
        }
    }

    @Test
    void aWitnessThatCannotAskSaysSo() {
        var said = run(new WitnessCommand(), "http://127.0.0.1:1", "--once", "--folder",
                folder.resolve("witness").toString(), "--token", "none");
        assertThat(said.ends()).isEqualTo(WitnessCommand.UNANSWERED);
        assertThat(said.text()).contains("cannot be judged");
    }
}
