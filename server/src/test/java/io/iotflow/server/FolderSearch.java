package io.iotflow.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Looks for bytes in every file of a folder.
public final class FolderSearch {
    private FolderSearch() {}

    public static byte[] big(long bits) {
        return ByteBuffer.allocate(8).putLong(bits).array();
    }

    public static byte[] little(long bits) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array();
    }

    public static List<Path> filesWith(Path root, byte[] wanted) throws IOException {
        var text = new String(wanted, StandardCharsets.ISO_8859_1);
        var found = new ArrayList<Path>();
        try (var files = Files.walk(root)) {
            for (var file : files.toList()) if (Files.isRegularFile(file) && holds(file, text)) found.add(file);
        } catch (UncheckedIOException e) {
            return List.of(root); // changed under our eyes: look again
        }
        return found;
    }

    private static boolean holds(Path file, String text) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
        } catch (NoSuchFileException _) {
            return false;
        }
    }
}
