package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminTokenTest {
    @TempDir
    Path folder;

    @Test
    void isMadeOnceAndKeptForItsOwnerOnly() throws Exception {
        var file = folder.resolve("data/admin-token");
        var token = AdminToken.keptIn(file).fresh().orElseThrow();
        assertThat(token).hasSize(43);
        assertThat(Files.readString(file).strip()).isEqualTo(token);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        var again = AdminToken.keptIn(file);
        assertThat(again.fresh()).as("printed once only").isEmpty();
        assertThat(again.caller("admin", token)).isPresent();
        assertThat(again.caller("bearer", token)).isPresent();
        assertThat(file.getParent()).isDirectoryContaining("glob:**/admin-token");
        try (var files = Files.list(file.getParent())) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void letsNobodyElseIn() {
        var token = AdminToken.given("0123456789abcdef");
        assertThat(token.caller("admin", "0123456789abcdef")).isPresent();
        for (var wrong : new String[] {"", "0123456789abcde", "0123456789abcdeF", "ü"}) {
            assertThat(token.caller("admin", wrong)).as(wrong).isEmpty();
        }
        assertThat(token.caller("apikey", "0123456789abcdef")).isEmpty();
    }

    @Test
    void shortOrEmptyTokensAreRefused() throws Exception {
        assertThatThrownBy(() -> AdminToken.given("admin")).hasMessageContaining("at least 16");
        var file = Files.writeString(folder.resolve("admin-token"), "\n");
        assertThatThrownBy(() -> AdminToken.keptIn(file)).hasMessageContaining("remove it");
    }

    @Test
    void fileThatOthersCouldReadIsClosedToThem() throws Exception {
        var file = Files.writeString(folder.resolve("admin-token"), "0123456789abcdef\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        AdminToken.keptIn(file);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
}
