package io.iotflow.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Writes a file so that a crash leaves the old one or the new one, whole and synced, never something between.
final class DurableFiles {

    private DurableFiles() {}

    /// One writer at a time for each file.
    static void replace(Path file, byte[] bytes) throws IOException {
        var folder = file.getParent();
        Files.createDirectories(folder);
        var temporary = folder.resolve(file.getFileName() + ".new");
        try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            for (var buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) channel.write(buffer);
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (var channel = FileChannel.open(folder)) {
            channel.force(true);
        }
    }
}
