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

/// Sends images, or parts of them.
final class Downloads {
    private static final String BYTES = "application/octet-stream";

    private final Images images;
    private final Bandwidth bandwidth;

    Downloads(Images images, FirmwareConfig config) {
        this.images = images;
        this.bandwidth = new Bandwidth(config.bandwidthMib());
    }

    /// The image, or the part that `Range` asks for; all of it when `If-Range` names another one.
    Reply answer(Request request, Image image) {
        var size = image.about().size();
        var tag = "\"" + image.about().sha256() + "\"";
        var part = request.header("If-Range").map(tag::equals).orElse(true)
                ? request.header("Range").flatMap(header -> ByteRange.of(header, size)) : Optional.<ByteRange>empty();
        var range = part.orElse(new ByteRange(0, size - 1));
        var reply = Reply.stream(part.isPresent() ? 206 : 200, BYTES, range.length(), out -> write(image, range, out))
                .header("ETag", tag).header("Accept-Ranges", "bytes");
        if (part.isPresent()) {
            reply.header("Content-Range", "bytes " + range.from() + "-" + range.to() + "/" + size);
        }
        return reply;
    }

    private void write(Image image, ByteRange range, OutputStream out) throws IOException, InterruptedException {
        try (var file = images.open(image)) {
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

    /// A piece of an image; nothing from its end on.
    byte[] chunk(Image image, long offset, int length) throws IOException, InterruptedException {
        var size = (int) Math.max(0, Math.min(length, image.about().size() - offset));
        if (size == 0) return new byte[0];
        bandwidth.take(size);
        try (var file = images.open(image)) {
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
