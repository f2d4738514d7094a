package io.iotflow.server.firmware;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Deltas between two files: one Zstandard frame (RFC 8878) that has the older file as its prefix, as `zstd
/// --patch-from` makes and reads it. Blocks for seconds; memory is several times the files' size, outside of the heap
/// but for the older file.
final class DeltaCodec {
    /// Matches reach over all of the older file and the new one; every decoder takes so much unasked.
    private static final int WINDOW_LOG = 27;
    private static final int LEVEL = 9;
    /// So many places of the older file are remembered: one for each byte of the largest.
    private static final int TABLE_LOG = 25;

    private DeltaCodec() {}

    /// @param most bytes; a delta that is larger is of no use
    /// @return whether the delta was written
    static boolean make(Path base, Path image, Path to, long most) throws IOException {
        try (var arena = Arena.ofConfined(); var zstd = new ZstdCompressCtx()) {
            var source = mapped(image, arena);
            var out = arena.allocate(most).asByteBuffer();
            zstd.setLevel(LEVEL).setLong(WINDOW_LOG).setHashLog(TABLE_LOG).setChainLog(TABLE_LOG).setChecksum(true)
                    .setContentSize(true).loadDict(Files.readAllBytes(base));
            var size = zstd.compressDirectByteBuffer(out, 0, out.capacity(), source, 0, source.capacity());
            write(out.slice(0, size), to);
            return true;
        } catch (ZstdException e) {
            if (isTooSmall(e)) return false;
            throw new IOException("zstd cannot make the delta: " + e.getMessage(), e);
        }
    }

    private static boolean isTooSmall(ZstdException e) {
        return e.getErrorCode() == Zstd.errDstSizeTooSmall();
    }

    private static void write(ByteBuffer bytes, Path to) throws IOException {
        try (var file = FileChannel.open(to, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            while (bytes.hasRemaining()) file.write(bytes);
            file.force(true);
        }
    }

    /// What a device gets that applies the delta to the older file.
    ///
    /// @param size of the new file
    /// @return its SHA-256 in lower-case hexadecimal; something else for what is no delta of this file
    static String applied(Path base, Path delta, long size) throws IOException {
        try (var arena = Arena.ofConfined(); var zstd = new ZstdDecompressCtx()) {
            var source = mapped(delta, arena);
            var out = arena.allocate(size).asByteBuffer();
            zstd.loadDict(Files.readAllBytes(base));
            var count = zstd.decompressDirectByteBuffer(out, 0, out.capacity(), source, 0, source.capacity());
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(out.slice(0, count));
            return HexFormat.of().formatHex(digest.digest());
        } catch (ZstdException e) {
            return "none: " + e.getMessage();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every Java has SHA-256", e);
        }
    }

    private static ByteBuffer mapped(Path file, Arena arena) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment all = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            return all.asByteBuffer();
        }
    }
}
