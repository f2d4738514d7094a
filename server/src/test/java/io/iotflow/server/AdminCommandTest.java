package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.http.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The way back for an operator who is locked out.
class AdminCommandTest {
    private static final String LOGIN = "{\"username\":\"anna\",\"password\":\"%s\"}";

    @TempDir
    Path folder;

    private record Outcome(int code, String out, String err) {
        String secret() {
            return out.strip().lines().reduce((_, last) -> last).orElseThrow().strip();
        }
    }

    private Outcome reset(String... more) {
        var out = new StringWriter();
        var err = new StringWriter();
        var arguments = new java.util.ArrayList<>(List.of("admin", "reset", "--data", folder.toString()));
        arguments.addAll(List.of(more));
        var code = new CommandLine(new Main()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    private Platform platform() {
        var settings = Map.of("data.folder", folder.toString(), "http.host", "127.0.0.1", "http.port", "0",
                "mqtt.host", "127.0.0.1", "mqtt.port", "0", "mqtt.websocket_port", "0",
                "journal.segment_mib", "16", "journal.budget_mib", "512");
        return new Platform(PlatformConfig.read(folder.resolve("none.yaml"), Map.of(), new HashMap<>(settings)),
                Optional.empty(), InstantSource.system());
    }

    private static JsonNode post(Platform platform, String path, String body, String authorization) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var uri = URI.create("http://127.0.0.1:" + platform.httpPort() + "/api/v1/" + path);
            var request = HttpRequest.newBuilder(uri).header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(body));
            if (!authorization.isEmpty()) request.header("Authorization", authorization);
            return Json.mapper().readTree(client.send(request.build(), BodyHandlers.ofString()).body());
        }
    }

    @Test
    void whoeverHasTheDataFolderGetsInAgain() throws Exception {
        String first;
        try (var platform = platform()) {
            first = platform.freshAdminToken().orElseThrow();
            var made = post(platform, "users", "{\"name\":\"anna\",\"password\":\"correct horse battery\","
                    + "\"role\":\"viewer\"}", "admin " + first);
            assertThat(made.path("id").asLong()).isPositive();
            for (var i = 0; i < 6; i++) post(platform, "auth/login", LOGIN.formatted("wrong horse battery"), "");
            assertThat(post(platform, "auth/login", LOGIN.formatted("correct horse battery"), "").path("code").asText())
                    .isEqualTo("rate_limited");
            var whileRunning = reset();
            assertThat(whileRunning.code()).isEqualTo(2);
            assertThat(whileRunning.err()).contains("stop it first");
        }
        var token = reset();
        assertThat(token.code()).as(token.err()).isZero();
        var password = reset("--user", "anna");
        assertThat(password.code()).as(password.err()).isZero();
        assertThat(reset("--user", "no name").code()).isEqualTo(2);
        try (var platform = platform()) {
            assertThat(post(platform, "roles", "{}", "admin " + first).path("code").asText()).isEqualTo("unauthorized");
            assertThat(post(platform, "roles", "{}", "admin " + token.secret()).path("code").asText())
                    .isNotEqualTo("unauthorized");
            var session = post(platform, "auth/login", LOGIN.formatted(password.secret()), "");
            var role = post(platform, "roles", "{\"name\":\"any\",\"permissions\":[\"audit:read\"]}",
                    "Bearer " + session.path("access_token").asText());
            assertThat(role.path("id").asLong()).as("an admin now: " + role).isPositive();
        }
    }
}
