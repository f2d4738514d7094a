package io.iotflow.server.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// One record on disk: length (4 bytes), checksum (4 bytes), payload, zeros up to a multiple of eight bytes.
///
/// Both words of the header are mixed with the record's position in the log. So a record left over in a recycled file,
/// or one that a disk has put in the wrong place, is not mistaken for one that belongs there; and nobody can send
/// payloads that make looking for the end of the log slow, because the bytes of a payload look like a plausible length
/// only by chance.
final class Frame {
    static final int HEADER = 8;

    /// Stands in the length field where a segment ends before its file does.
    static final int END_OF_SEGMENT = -1;

    static final int DAMAGED = -2;
    static final int CUT = -3;

    /// Bytes of one payload at the most. A telemetry message of 256 KiB is well below it in its stored form, unless
    /// much of it is sealed or rules add to it; then it becomes several.
    static final int MAX_PAYLOAD = 1 << 20;

    private Frame() {}

    static int sizeOf(int payload) {
        return (HEADER + payload + 7) & -8;
    }

    /// CRC32C of length and payload; not bound to a position yet, so that it can be taken outside a lock.
    static int checksum(ByteBuffer payload) {
        var crc = new CRC32C();
        var length = payload.remaining();
        crc.update(length);
        crc.update(length >>> 8);
        crc.update(length >>> 16);
        crc.update(payload.duplicate());
        return (int) crc.getValue();
    }

    /// Writes the record at the buffer's position and moves past its padding.
    static void put(ByteBuffer into, ByteBuffer payload, int checksum, long position) {
        var end = into.position() + sizeOf(payload.remaining());
        into.putInt(mixed(payload.remaining(), position)).putInt(mixed(checksum, position)).put(payload);
        while (into.position() < end) into.put((byte) 0);
    }

    static void putEndOfSegment(ByteBuffer into, long position) {
        into.putInt(mixed(END_OF_SEGMENT, position)).putInt(mixed(~END_OF_SEGMENT, position));
    }

    /// The payload's length if a whole and undamaged record of that position stands in the buffer at the offset;
    /// [#END_OF_SEGMENT] at the marked end; otherwise [#DAMAGED], or [#CUT] when the buffer ends too early to tell.
    static int inspect(ByteBuffer buffer, int offset, long position) {
        var available = buffer.limit() - offset;
        if (available < HEADER) return CUT;
        var length = mixed(buffer.getInt(offset), position);
        var checksum = mixed(buffer.getInt(offset + 4), position);
        if (length == END_OF_SEGMENT && checksum == ~END_OF_SEGMENT) return END_OF_SEGMENT;
        if (length <= 0 || length > MAX_PAYLOAD) return DAMAGED;
        if (available < sizeOf(length)) return CUT;
        return checksum == checksum(buffer.slice(offset + HEADER, length)) ? length : DAMAGED;
    }

    private static int mixed(int word, long position) {
        return word ^ (int) ((position + 1) * 0x9E3779B97F4A7C15L >>> 32);
    }
}
