package io.iotflow.server.firmware;

import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/// Sends images and deltas, or parts of them.
final class Downloads {
    private static final String BYTES = "application/octet-stream";

    private final Bandwidth bandwidth;

    /// The bytes of an image, or of a delta.
    ///
    /// @param sha256 of all of it
    record Content(long size, String sha256, Opening opening) {
        static Content of(Images images, Image image) {
            return new Content(image.about().size(), image.sha256(), () -> images.open(image));
        }

        static Content of(Deltas deltas, Delta delta) {
            return new Content(delta.size(), delta.sha256(), () -> deltas.open(delta));
        }
    }

    interface Opening {
        FileChannel open() throws IOException;
    }

    Downloads(FirmwareConfig config) {
        this.bandwidth = new Bandwidth(config.bandwidthMib());
    }

    /// All of it, or the part that `Range` asks for; all of it also when `If-Range` names another one.
    Reply answer(Request request, Content content) {
        var size = content.size();
        var tag = "\"" + content.sha256() + "\"";
        var part = request.header("If-Range").map(tag::equals).orElse(true)
                ? request.header("Range").flatMap(header -> ByteRange.of(header, size)) : Optional.<ByteRange>empty();
        var range = part.orElse(new ByteRange(0, size - 1));
        var reply = Reply.stream(part.isPresent() ? 206 : 200, BYTES, range.length(), out -> write(content, range, out))
                .header("ETag", tag).header("Accept-Ranges", "bytes");
        if (part.isPresent()) {
            reply.header("Content-Range", "bytes " + range.from() + "-" + range.to() + "/" + size);
        }
        return reply;
    }

    private void write(Content content, ByteRange range, OutputStream out) throws IOException, InterruptedException {
        try (var file = content.opening().open()) {
            file.position(range.from());
            var buffer = ByteBuffer.allocate((int) Math.min(FirmwareLimits.FIRMWARE_BUFFER_BYTES, range.length()));
            for (var left = range.length(); left > 0; ) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), left));
                if (file.read(buffer) < 0) throw new EOFException("the image's file is too short");
                bandwidth.take(buffer.position());
                out.write(buffer.array(), 0, buffer.position());
                left -= buffer.position();
            }
        }
    }

    /// A piece of it; nothing from its end on.
    byte[] chunk(Content content, long offset, int length) throws IOException, InterruptedException {
        var size = (int) Math.max(0, Math.min(length, content.size() - offset));
        if (size == 0) return new byte[0];
        bandwidth.take(size);
        try (var file = content.opening().open()) {
            return read(file, offset, size);
        }
    }

    private static byte[] read(FileChannel file, long offset, int size) throws IOException {
        var buffer = ByteBuffer.allocate(size);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, offset + buffer.position()) < 0) throw new EOFException("the file is too short");
        }
        return buffer.array();
    }
}
