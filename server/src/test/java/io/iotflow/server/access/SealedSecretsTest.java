package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.FolderSearch;
import io.iotflow.server.Main;
import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.DatabaseConfig;
import io.iotflow.server.live.LivePlatform;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The secrets that the platform itself computes with, and the master key over them all.
class SealedSecretsTest {
    private static final String PASSWORD = "correct horse battery";
    /// How every private key of Ed25519 begins, and holds itself.
    private static final byte[] PRIVATE_KEY = HexFormat.of().parseHex("302e020100300506032b657004220420");

    @TempDir
    Path folder;

    private JsonNode login(LivePlatform platform, String code) {
        return platform.send("POST", "/api/v1/auth/login", "{\"username\":\"anna\",\"password\":\"" + PASSWORD
                + "\",\"totp\":\"" + code + "\"}").body();
    }

    private static int status(LivePlatform platform, String token) {
        return platform.send("GET", "/api/v1/auth/me", null, "Authorization", "Bearer " + token).status();
    }

    private String rotate(int expected, String... settings) {
        var arguments = new java.util.ArrayList<>(List.of("admin", "rotate-master-key", "--data", folder.toString()));
        for (var setting : settings) arguments.addAll(List.of("--set", setting));
        var out = new StringWriter();
        var err = new StringWriter();
        var code = new CommandLine(new Main()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        assertThat(code).as(out + " " + err).isEqualTo(expected);
        return out.toString() + err;
    }

    private void nothingStandsInTheClear(byte[] secret) throws IOException {
        assertThat(FolderSearch.filesWith(folder, secret)).as("second factor").isEmpty();
        assertThat(FolderSearch.filesWith(folder, PRIVATE_KEY)).as("signing key").isEmpty();
    }

    @Test
    void secretsStandSealedAndOutliveEveryChangeOfTheMasterKey() throws Exception {
        byte[] secret;
        List<String> recovery;
        String token;
        try (var platform = new LivePlatform(folder, Map.of())) {
            platform.asOperator("POST", "/api/v1/users",
                    "{\"name\":\"anna\",\"password\":\"" + PASSWORD + "\",\"role\":\"viewer\"}");
            token = login(platform, "").path("access_token").asText();
            var begun = platform.send("POST", "/api/v1/auth/totp", null, "Authorization", "Bearer " + token).body();
            secret = SignInTest.secret(begun.path("secret").asText());
            var code = Totp.code(secret, Totp.stepAt(Instant.now()), 6);
            var confirmed = platform.send("POST", "/api/v1/auth/totp/confirm", "{\"code\":\"" + code + "\"}",
                    "Authorization", "Bearer " + token).body();
            recovery = confirmed.path("recovery_codes").valueStream().map(JsonNode::asText).toList();
            assertThat(recovery).hasSize(10);
            nothingStandsInTheClear(secret);
        }
        nothingStandsInTheClear(secret);

        var file = folder.resolve("master-key");
        var first = Files.readString(file).strip();
        Files.delete(file);
        assertThatThrownBy(() -> new LivePlatform(folder, Map.of())).isInstanceOf(CannotStart.class)
                .hasMessageContaining("is gone");
        assertThatThrownBy(() -> new LivePlatform(folder, Map.of("encryption.master_key", random())))
                .isInstanceOf(CannotStart.class).hasMessageContaining("not the master key of this database");
        assertThat(rotate(2)).contains("no master key fits");
        Files.writeString(file, first);

        assertThat(rotate(0)).contains("master-key").doesNotContain(first);
        assertThat(Files.readString(file).strip()).isNotEqualTo(first);
        try (var platform = new LivePlatform(folder, Map.of())) {
            assertThat(status(platform, token)).as("the signing key is the same").isEqualTo(200);
            assertThat(login(platform, recovery.get(0)).path("access_token").asText()).isNotEmpty();
        }

        clear(secret);
        var second = random();
        assertThat(rotate(0, "encryption.master_key=" + second)).contains("encryption.master_key");
        assertThat(file).doesNotExist();
        assertThat(rotate(2, "encryption.master_key=" + second)).contains("encryption.previous_master_key");
        try (var platform = new LivePlatform(folder, Map.of("encryption.master_key", second))) {
            assertThat(status(platform, token)).isEqualTo(200);
            var now = Totp.code(secret, Totp.stepAt(Instant.now()) + 1, 6);
            assertThat(login(platform, now).path("access_token").asText()).as("sealed at this start").isNotEmpty();
        }
        assertThat(isSealed(secret)).isTrue();
        assertThat(file).doesNotExist();
        var third = random();
        rotate(0, "encryption.master_key=" + third, "encryption.previous_master_key=" + second);
        rotate(0, "encryption.previous_master_key=" + third);
        assertThat(file).as("back in the data folder").exists();
    }

    private static String random() {
        return Base64.getEncoder().encodeToString(SecretText.random(32));
    }

    /// As it stood there before secrets were sealed.
    private void clear(byte[] secret) throws IOException {
        try (var database = Database.open(DatabaseConfig.embedded(), folder.resolve("database"))) {
            database.transaction(OrganizationPath.ROOT, handle -> {
                var store = new UserStore();
                var account = store.account(handle, "anna").orElseThrow();
                store.setTotp(handle, account.user().id(), secret, true, 0, Set.of());
                return null;
            });
        }
        assertThat(FolderSearch.filesWith(folder, secret)).as("or the search finds nothing at all").isNotEmpty();
    }

    private boolean isSealed(byte[] secret) {
        try (var database = Database.open(DatabaseConfig.embedded(), folder.resolve("database"))) {
            var kept = database.transaction(OrganizationPath.ROOT, handle ->
                    new UserStore().account(handle, "anna").orElseThrow().totpSecret());
            return kept.length > secret.length;
        }
    }
}
