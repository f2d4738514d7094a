package io.iotflow.server.encryption;

import io.iotflow.server.core.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/// Where the master key is.
public record EncryptionConfig(
        @Setting(value = "", secret = true, doc = "The master key, 32 bytes in Base64 (openssl rand -base64 32), if"
                + " something else than the data folder keeps it; several nodes need the same. Empty makes one at the"
                + " first start and keeps it in the data folder as master-key.")
        Optional<String> masterKey,
        @Setting(value = "", secret = true, doc = "The master key before, for admin rotate-master-key only.")
        Optional<String> previousMasterKey,
        @Setting(value = "", doc = "A program that wraps and unwraps with a master key that never comes here, such as"
                + " a key management service's: it is called with wrap or unwrap, gets Base64 on its standard input and"
                + " answers Base64 on its standard output. It is asked once at each start.")
        Optional<Path> keyCommand,
        @Setting(value = "", doc = "The key command before, for admin rotate-master-key only.")
        Optional<Path> previousKeyCommand,
        @Setting(value = "10s", doc = "How long the key command may take.")
        Duration keyCommandTimeout) {

    private static final int KEY_BYTES = 32;

    public EncryptionConfig {
        masterKey.ifPresent(text -> check("encryption.master_key", text));
        previousMasterKey.ifPresent(text -> check("encryption.previous_master_key", text));
        if (masterKey.isPresent() && keyCommand.isPresent()) {
            throw new IllegalArgumentException("set encryption.master_key or encryption.key_command, not both");
        }
        if (keyCommandTimeout.isNegative() || keyCommandTimeout.isZero()) {
            throw new IllegalArgumentException("encryption.key_command_timeout must be longer than zero");
        }
    }

    /// Never repeats what it was given.
    private static void check(String key, String text) {
        if (!isKey(text)) {
            throw new IllegalArgumentException(key + " must be 32 bytes in Base64; make one with: "
                    + "openssl rand -base64 32");
        }
    }

    static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text.strip()).length == KEY_BYTES;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// A key in the data folder.
    public static EncryptionConfig standard() {
        return new EncryptionConfig(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Duration.ofSeconds(10));
    }
}
