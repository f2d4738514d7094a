package io.iotflow.server.audit;

import io.iotflow.ledger.SigningKey;
import io.iotflow.server.core.CannotStart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/// The key that signs the log. It stands outside the database, so that whoever owns only that cannot sign another
/// history.
final class AuditKey {
    private static final String ONLY_OWNER = "rw-------";

    private AuditKey() {}

    /// The configured key, or the one in the file, which is made when it is absent.
    ///
    /// @throws CannotStart when it is none, or the file cannot be read or made; never repeats the key
    static SigningKey of(AuditConfig config, Path file) {
        if (config.key().isPresent()) return parse(config.key().get(), "audit.key");
        try {
            if (!Files.exists(file)) make(file, config.origin().orElseGet(AuditKey::byChance));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(ONLY_OWNER));
            return parse(Files.readString(file), file.toString());
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

    /// Written beside its place and renamed, so that no start ever finds half a key.
    private static void make(Path file, String origin) throws IOException {
        var folder = Files.createDirectories(file.toAbsolutePath().getParent());
        var temporary = Files.createTempFile(folder, ".audit-key", "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(ONLY_OWNER)));
        var text = SigningKey.generate(origin).secret() + "\n";
        try (var out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            out.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
