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
import java.util.Arrays;
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

    /// The files that hold any of these.
    public static List<Path> filesWith(Path root, byte[]... wanted) throws IOException {
        var texts = Arrays.stream(wanted).map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1)).toList();
        var found = new ArrayList<Path>();
        for (var file : files(root)) if (holdsAny(file, texts)) found.add(file);
        return found;
    }

    private static List<Path> files(Path root) throws IOException {
        for (var attempt = 1; ; attempt++) {
            try (var files = Files.walk(root)) {
                return files.filter(Files::isRegularFile).toList();
            } catch (UncheckedIOException e) {
                if (attempt == 100) throw e; // else changed under our eyes: look again
            }
        }
    }

    private static boolean holdsAny(Path file, List<String> texts) throws IOException {
        try {
            var content = Files.readString(file, StandardCharsets.ISO_8859_1);
            return texts.stream().anyMatch(content::contains);
        } catch (NoSuchFileException _) {
            return false;
        }
    }
}
