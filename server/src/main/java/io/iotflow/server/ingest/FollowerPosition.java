package io.iotflow.server.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// How far a follower of the log has come, in a small file. Two slots are written in turn, each with its checksum, so
/// that a torn write leaves the one before. It is not synced: an older position than the true one only means that some
/// events come again.
final class FollowerPosition implements AutoCloseable {
    private static final int SLOT = 16;

    private final FileChannel file;
    private long position;
    private int slot;

    private FollowerPosition(FileChannel file, long end) throws IOException {
        this.file = file;
        for (int i = 0; i < 2; i++) {
            var read = ByteBuffer.allocate(SLOT);
            file.read(read, (long) i * SLOT);
            var found = read.getLong(0);
            if (read.getLong(8) != checksum(found)) continue;
            if (found > end) file.write(ByteBuffer.allocate(SLOT), (long) i * SLOT);
            if (found <= position) continue;
            position = Math.min(found, end);
            slot = found > end ? i : 1 - i;
        }
    }

    /// @param end of the log. A position behind it belongs to records that a broken disk has taken; what comes in their
    ///     place must not be passed over
    static FollowerPosition open(Path path, long end) {
        try {
            return new FollowerPosition(FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ,
                    StandardOpenOption.WRITE), end);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open " + path, e);
        }
    }

    /// 0 at first.
    synchronized long value() {
        return position;
    }

    synchronized void moveTo(long next) {
        if (next == position) return;
        var bytes = ByteBuffer.allocate(SLOT).putLong(next).putLong(checksum(next)).flip();
        try {
            file.write(bytes, (long) slot * SLOT);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a follower's position", e);
        }
        slot = 1 - slot;
        position = next;
    }

    private static long checksum(long value) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(8).putLong(value).flip());
        return 1L << 32 | crc.getValue();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
