package io.iotflow.server.audit;

import io.iotflow.ledger.SigningKey;
import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/// The key that signs the log. It stands outside the database, so that whoever owns only that cannot sign another
/// history.
final class AuditKey {
    private AuditKey() {}

    /// The configured key, or the one in the file, which is made when it is absent.
    ///
    /// @throws CannotStart when it is none, or the file cannot be read or made; never repeats the key
    static SigningKey of(AuditConfig config, Path file) {
        if (config.key().isPresent()) return parse(config.key().get(), "audit.key");
        try {
            if (!Files.exists(file)) {
                SecretFile.write(file, SigningKey.generate(config.origin().orElseGet(AuditKey::byChance)).secret());
            }
            return parse(SecretFile.read(file), file.toString());
        } catch (IOException e) {
            throw new CannotStart("the audit log's key in " + file + " cannot be read or made: " + e, e);
        }
    }

    private static SigningKey parse(String text, String where) {
        try {
            return SigningKey.parse(text.strip());
        } catch (IllegalArgumentException e) {
            throw new CannotStart(where + " holds no key for the audit log: it " + e.getMessage());
        }
    }

    private static String byChance() {
        var bytes = new byte[4];
        new SecureRandom().nextBytes(bytes);
        return "iotflow/" + HexFormat.of().formatHex(bytes);
    }
}
