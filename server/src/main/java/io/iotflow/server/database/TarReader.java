package io.iotflow.server.database;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Unpacks a ustar stream of folders, files and symbolic links: all that the PostgreSQL archives hold. Any other kind
/// of entry, and any name that leaves the target folder, is refused rather than guessed at. Files are synced, so that
/// a folder renamed into place is whole even after a power cut.
final class TarReader {
    private static final int BLOCK = 512;

    private final InputStream in;
    private final Path target;
    private final byte[] header = new byte[BLOCK];
    private final byte[] buffer = new byte[1 << 16];

    private TarReader(InputStream in, Path target) {
        this.in = in;
        this.target = target;
    }

    static void unpack(InputStream in, Path target) throws IOException {
        new TarReader(in, target.toAbsolutePath().normalize()).unpack();
    }

    private void unpack() throws IOException {
        while (nextHeader()) {
            var file = inside(target.resolve(name()));
            var size = octal(124, 12);
            switch (header[156]) {
                case '5' -> Files.createDirectories(file);
                case '2' -> {
                    var link = Path.of(text(157, 100));
                    inside(file.resolveSibling(link));
                    Files.createDirectories(file.getParent());
                    Files.createSymbolicLink(file, link);
                }
                case '0', 0 -> {
                    Files.createDirectories(file.getParent());
                    copy(file, size);
                    var mode = (octal(100, 8) & 0111) != 0 ? "rwxr-xr-x" : "rw-r--r--";
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
                }
                default -> throw new IOException("the archive has an entry of an unknown kind: " + file);
            }
        }
    }

    /// Two blocks of zeros end an archive; one is enough to know.
    private boolean nextHeader() throws IOException {
        if (in.readNBytes(header, 0, BLOCK) < BLOCK) throw new EOFException("the archive ends too early");
        for (var octet : header) {
            if (octet != 0) return true;
        }
        return false;
    }

    private void copy(Path file, long size) throws IOException {
        try (var out = FileChannel.open(file, CREATE_NEW, WRITE)) {
            for (var left = size; left > 0; ) {
                var read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) throw new EOFException("the archive ends inside " + file.getFileName());
                out.write(ByteBuffer.wrap(buffer, 0, read));
                left -= read;
            }
            out.force(false);
        }
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
    }

    private Path inside(Path path) throws IOException {
        var normal = path.normalize();
        if (!normal.startsWith(target)) throw new IOException("the archive names a file outside its folder: " + path);
        return normal;
    }

    private String name() {
        var prefix = new String(header, 257, 6, StandardCharsets.US_ASCII).equals("ustar\0") ? text(345, 155) : "";
        return prefix.isEmpty() ? text(0, 100) : prefix + "/" + text(0, 100);
    }

    private String text(int offset, int length) {
        var end = offset;
        while (end < offset + length && header[end] != 0) end++;
        return new String(header, offset, end - offset, StandardCharsets.UTF_8);
    }

    private long octal(int offset, int length) throws IOException {
        try {
            return Long.parseLong(text(offset, length).strip(), 8);
        } catch (NumberFormatException e) {
            throw new IOException("the archive has a broken header", e);
        }
    }
}
