package io.iotflow.server.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// A secret in a file that only its owner can read, mode 0600.
public final class SecretFile {
    private static final String ONLY_OWNER = "rw-------";

    private SecretFile() {}

    /// The text without white space around it. Takes everybody else's access away first.
    public static String read(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(ONLY_OWNER));
        return Files.readString(file).strip();
    }

    /// Puts the text there, whatever was there before. Written beside its place, synced and renamed, so that nobody
    /// ever finds half a secret.
    public static void write(Path file, String text) throws IOException {
        var folder = Files.createDirectories(file.toAbsolutePath().getParent());
        var temporary = Files.createTempFile(folder, "." + file.getFileName(), "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(ONLY_OWNER)));
        try (var out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
            out.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
