package io.iotflow.server.firmware;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The bytes of firmware images: `{id}.part` while they arrive, `{id}.image` when their hash has been seen to be right.
/// How far an upload came is the length of its file. `{id}-from-{base}.delta` makes one of another. Blocks on the disk;
/// any thread may call.
final class ImageFiles {
    private static final String DELTA_PART = "delta-";

    private final Path folder;
    private final Set<Long> inUse = ConcurrentHashMap.newKeySet();

    /// In lower-case hexadecimal; the older two are for clients that know no better.
    record Hashes(String sha256, String sha1, String md5) {}

    ImageFiles(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("the folder for firmware cannot be made: " + folder, e);
        }
    }

    private Path part(long image) {
        return folder.resolve(image + ".part");
    }

    private Path whole(long image) {
        return folder.resolve(image + ".image");
    }

    private Path delta(long base, long image) {
        return folder.resolve(image + "-from-" + base + ".delta");
    }

    /// Where the bytes of a complete image are.
    Path path(long image) {
        return whole(image);
    }

    /// A new file for a delta that is being made.
    Path newPart() throws IOException {
        return Files.createTempFile(folder, DELTA_PART, ".part");
    }

    /// Takes a delta that was made and tried.
    void keepDelta(Path part, long base, long image) throws IOException {
        Files.move(part, delta(base, image), StandardCopyOption.ATOMIC_MOVE);
        settle();
    }

    void discard(Path part) throws IOException {
        Files.deleteIfExists(part);
    }

    /// Parts of deltas that nobody goes on with, as after a crash.
    void discardParts(Instant before) throws IOException {
        try (var parts = Files.newDirectoryStream(folder, DELTA_PART + "*.part")) {
            for (var part : parts) {
                if (Files.getLastModifiedTime(part).toInstant().isBefore(before)) Files.deleteIfExists(part);
            }
        }
    }

    /// @throws PlatformException `UNAVAILABLE` when the file is not there
    FileChannel openDelta(long base, long image) throws IOException {
        return opened(delta(base, image), "delta's");
    }

    /// Bytes that are there.
    long uploaded(long image) {
        try {
            var file = Files.exists(whole(image)) ? whole(image) : part(image);
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isWhole(long image) {
        return Files.exists(whole(image));
    }

    /// Writes what comes from an offset on; 0 begins again. What arrived before a connection broke stays, and is on
    /// disk when this returns or throws.
    ///
    /// @param size of the whole image
    /// @return how many bytes are there then
    /// @throws PlatformException `CONFLICT` unless the upload stands at this offset
    long append(long image, long offset, long size, InputStream in) throws IOException {
        if (!inUse.add(image)) throw busy();
        try (var file = FileChannel.open(part(image), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (offset == 0) file.truncate(0);
            if (file.size() != offset) {
                throw new PlatformException(ErrorCode.CONFLICT, "The upload stands at byte " + file.size()
                        + "; continue there.");
            }
            try {
                write(in, file.position(offset), size);
            } finally {
                file.force(true);
            }
            return file.size();
        } finally {
            inUse.remove(image);
        }
    }

    private static void write(InputStream in, FileChannel file, long size) throws IOException {
        var buffer = new byte[FirmwareLimits.FIRMWARE_BUFFER_BYTES];
        for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            if (file.position() + count > size) {
                throw new PlatformException(ErrorCode.TOO_LARGE, "More bytes came than the image has: it was announced"
                        + " with " + size + ".");
            }
            var bytes = ByteBuffer.wrap(buffer, 0, count);
            while (bytes.hasRemaining()) file.write(bytes);
        }
    }

    /// The SHA-256 of what is there, in lower-case hexadecimal.
    String hash(long image) throws IOException {
        return hash(isWhole(image) ? whole(image) : part(image));
    }

    String hash(Path file) throws IOException {
        return hashes(file, "SHA-256").getFirst();
    }

    /// Reads all of it once.
    private static List<String> hashes(Path file, String... algorithms) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var digests = new ArrayList<MessageDigest>();
            for (var algorithm : algorithms) digests.add(MessageDigest.getInstance(algorithm));
            var buffer = new byte[FirmwareLimits.FIRMWARE_BUFFER_BYTES];
            for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (var digest : digests) digest.update(buffer, 0, count);
            }
            return digests.stream().map(digest -> HexFormat.of().formatHex(digest.digest())).toList();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every Java has these hashes", e);
        }
    }

    /// Takes the upload for whole if it has this hash; doing so again changes nothing.
    ///
    /// @return the hashes that it has
    Hashes complete(long image, String sha256) throws IOException {
        if (!inUse.add(image)) throw busy();
        try {
            var all = hashes(isWhole(image) ? whole(image) : part(image), "SHA-256", "SHA-1", "MD5");
            var found = new Hashes(all.get(0), all.get(1), all.get(2));
            if (!isWhole(image) && found.sha256().equals(sha256)) {
                Files.move(part(image), whole(image), StandardCopyOption.ATOMIC_MOVE);
                settle();
            }
            return found;
        } finally {
            inUse.remove(image);
        }
    }

    /// What was moved is found after a crash, too.
    private void settle() throws IOException {
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /// @throws PlatformException `UNAVAILABLE` when the file is not there
    FileChannel open(long image) throws IOException {
        return opened(whole(image), "image's");
    }

    private static FileChannel opened(Path file, String whose) throws IOException {
        if (!Files.exists(file)) {
            throw new PlatformException(ErrorCode.UNAVAILABLE, "The " + whose + " file is not in the data folder.");
        }
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    void delete(long image) {
        try {
            Files.deleteIfExists(part(image));
            Files.deleteIfExists(whole(image));
            try (var deltas = Files.newDirectoryStream(folder, "{" + image + "-from-*,*-from-" + image + "}.delta")) {
                for (var delta : deltas) Files.deleteIfExists(delta);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PlatformException busy() {
        return new PlatformException(ErrorCode.CONFLICT, "Another request uploads or finishes this image just now; "
                + "wait for it.");
    }
}
