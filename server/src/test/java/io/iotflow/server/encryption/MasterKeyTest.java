package io.iotflow.server.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.CannotStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A key that is here, and one that a program keeps.
class MasterKeyTest {
    private static final byte[] KEY = Xaes.random(Xaes.KEY_BYTES);

    @TempDir
    Path folder;

    private Path program(String script) throws IOException {
        var file = folder.resolve("kms");
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    private MasterKey command(String script) throws IOException {
        return new MasterKey.Command(program(script), Duration.ofSeconds(2));
    }

    @Test
    void aHeldKeyUnwrapsWhatItHasWrappedAndNothingElse() {
        var key = MasterKey.Held.of("here", MasterKey.Held.random());
        assertThat(key.unwrap(key.wrap(KEY))).contains(KEY);
        assertThat(MasterKey.Held.of("there", MasterKey.Held.random()).unwrap(key.wrap(KEY))).isEmpty();
        assertThat(key.unwrap("command:AAAA")).isEmpty();
    }

    @Test
    void aProgramWrapsAndUnwrapsThroughItsStandardStreams() throws IOException {
        // Reverses the text, and breaks it into lines as base64(1) does.
        var key = command("""
                case $1 in
                wrap) { printf 'sealed '; base64 -d | rev; } | base64 ;;
                unwrap) base64 -d | sed 's/^sealed //' | rev | base64 -w 20 ;;
                esac""");
        var text = "0123456789abcdefghijklmnopqrstuv".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        var wrapped = key.wrap(text);
        assertThat(wrapped).doesNotContain("0123");
        assertThat(key.unwrap(wrapped)).contains(text);
        assertThat(key.unwrap("held:AAAA")).as("wrapped by a held key").isEmpty();
    }

    @Test
    void aProgramThatFailsIsToldWithItsOwnWords() throws IOException {
        checkRefused("echo 'no such key: alias/iotflow' >&2; exit 3", "wrap ended with 3: no such key: alias/iotflow");
        checkRefused("echo 'not base64!'", "did not answer Base64");
        checkRefused("sleep 60", "did not answer within 2 s");
        assertThatThrownBy(() -> new MasterKey.Command(folder.resolve("none"), Duration.ofSeconds(2)).wrap(KEY))
                .isInstanceOf(CannotStart.class).hasMessageContaining("cannot be run");
        assertThat(command("echo AAAA").unwrap("command:AAAA")).as("a key of 3 bytes").isEmpty();
    }

    private void checkRefused(String script, String words) throws IOException {
        var key = command(script);
        assertThatThrownBy(() -> key.wrap(KEY)).isInstanceOf(CannotStart.class).hasMessageContaining(words);
    }

    private MasterKeys inFile() {
        return new MasterKeys(EncryptionConfig.standard(), folder.resolve("master-key"));
    }

    @Test
    void theFirstIsMadeInAFileThatOnlyItsOwnerReads() throws IOException {
        var wrapped = inFile().first().wrap(KEY);
        var file = folder.resolve("master-key");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(inFile().unwrap(wrapped)).isEqualTo(KEY);
        assertThat(inFile().first().unwrap(wrapped)).as("not made again").contains(KEY);
    }

    @Test
    void aKeyThatDoesNotFitIsNeverReplaced() throws IOException {
        var file = folder.resolve("master-key");
        var wrapped = inFile().first().wrap(KEY);
        Files.delete(file);
        assertThatThrownBy(() -> inFile().unwrap(wrapped)).isInstanceOf(CannotStart.class)
                .hasMessageContaining("is gone").hasMessageContaining("backup");
        assertThat(file).doesNotExist();
        inFile().first();
        assertThatThrownBy(() -> inFile().unwrap(wrapped)).isInstanceOf(CannotStart.class)
                .hasMessageContaining("is not the master key of this database");
        Files.writeString(file, "rubbish");
        assertThatThrownBy(() -> inFile().unwrap(wrapped)).isInstanceOf(CannotStart.class)
                .hasMessageContaining("holds no master key").hasMessageNotContaining("rubbish");
    }

    @Test
    void aReplacementThatBrokeOffIsFinished() throws IOException {
        var file = folder.resolve("master-key");
        inFile().first();
        var next = MasterKey.Held.random();
        Files.writeString(folder.resolve("master-key.next"), next);
        var wrapped = MasterKey.Held.of("next", next).wrap(KEY);
        assertThat(inFile().unwrap(wrapped)).isEqualTo(KEY);
        assertThat(Files.readString(file).strip()).isEqualTo(next);
        assertThat(folder.resolve("master-key.next")).doesNotExist();
    }

    @Test
    void aConfiguredKeyGoesBeforeTheFile() {
        var given = new MasterKeys(new EncryptionConfig(Optional.of(MasterKey.Held.random()), Optional.empty(),
                Optional.empty(), Optional.empty(), Duration.ofSeconds(1)), folder.resolve("master-key"));
        assertThat(given.unwrap(given.first().wrap(KEY))).isEqualTo(KEY);
        assertThat(folder.resolve("master-key")).doesNotExist();
        assertThatThrownBy(() -> new EncryptionConfig(Optional.of("c2hvcnQ="), Optional.empty(), Optional.empty(),
                Optional.empty(), Duration.ofSeconds(1))).hasMessageContaining("openssl rand")
                .hasMessageNotContaining("c2hvcnQ=");
    }
}
