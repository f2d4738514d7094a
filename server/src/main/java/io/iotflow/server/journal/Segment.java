package io.iotflow.server.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// One file of the log. Files are written full of zeros before they are used, and used again after they are trimmed,
/// so that a commit changes data only and one `fdatasync` is enough.
///
/// Segment `n` holds the positions from `n * size` on; its first [#HEADER] bytes say so.
final class Segment implements AutoCloseable {
    static final int HEADER = 32;
    private static final long MAGIC = 0x494F54464C4F574AL; // "IOTFLOWJ"
    private static final int ZEROS = 1 << 20;

    private final Path file;
    private final long index;
    private final FileChannel channel;
    private final boolean holdsLeftovers;

    private Segment(Path file, long index, FileChannel channel, boolean holdsLeftovers) {
        this.file = file;
        this.index = index;
        this.channel = channel;
        this.holdsLeftovers = holdsLeftovers;
    }

    static Path fileOf(Path folder, long index) {
        return folder.resolve("%016x.segment".formatted(index));
    }

    /// The number of the segment in a file of this name, or empty if the file is none.
    static Optional<Long> indexOf(Path file) {
        var name = file.getFileName().toString();
        return name.matches("[0-9a-f]{16}\\.segment")
                ? Optional.of(Long.parseUnsignedLong(name, 0, 16, 16)) : Optional.empty();
    }

    /// Writes a file of zeros to be used later. Slow on purpose: it is done ahead of need.
    static void prepare(Path spare, int size) throws IOException {
        var temporary = spare.resolveSibling(spare.getFileName() + ".new");
        try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            var zeros = ByteBuffer.allocateDirect(Math.min(ZEROS, size));
            for (long at = 0; at < size; ) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), size - at));
                at += channel.write(zeros, at);
            }
            channel.force(true);
        }
        Files.move(temporary, spare, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Turns the spare file into segment `index`.
    static Segment begin(Path spare, Path folder, long index, int size, boolean holdsLeftovers)
            throws IOException {
        var file = fileOf(folder, index);
        var channel = FileChannel.open(spare, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            var header = ByteBuffer.allocate(HEADER).putLong(MAGIC).putLong(index).putLong(size).putLong(0).flip();
            while (header.hasRemaining()) channel.write(header, header.position());
            channel.force(false);
            Files.move(spare, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(folder);
            return new Segment(file, index, channel, holdsLeftovers);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// Opens an existing segment; empty if its header is not the one it must have.
    static Optional<Segment> open(Path folder, long index, int size) throws IOException {
        var file = fileOf(folder, index);
        var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        var header = ByteBuffer.allocate(HEADER);
        while (header.hasRemaining() && channel.read(header, header.position()) > 0) {
            // a short read goes on where it stopped
        }
        header.flip();
        if (header.remaining() == HEADER && header.getLong(0) == MAGIC && header.getLong(8) == index
                && header.getLong(16) == size) {
            return Optional.of(new Segment(file, index, channel, true));
        }
        channel.close();
        return Optional.empty();
    }

    static void syncFolder(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    long index() {
        return index;
    }

    Path file() {
        return file;
    }

    /// Whether the file was used before, so that older records may stand behind those of this segment.
    boolean holdsLeftovers() {
        return holdsLeftovers;
    }

    void write(ByteBuffer bytes, long offset) throws IOException {
        while (bytes.hasRemaining()) offset += channel.write(bytes, offset);
    }

    /// Fills the buffer from the offset on, as far as the file goes.
    void read(ByteBuffer into, long offset) throws IOException {
        while (into.hasRemaining()) {
            var count = channel.read(into, offset);
            if (count < 0) return;
            offset += count;
        }
    }

    /// The whole file in memory for as long as the arena is open.
    ByteBuffer map(Arena arena, int size) throws IOException {
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena).asByteBuffer();
    }

    void sync() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
