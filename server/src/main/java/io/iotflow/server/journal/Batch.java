package io.iotflow.server.journal;

import java.nio.ByteBuffer;

/// What has arrived and waits for the next commit. Two take turns: one is filled while the other is written.
final class Batch {
    private static final int NO_ROLL = -1;

    private final ByteBuffer buffer;
    private long start;
    private int rollAt = NO_ROLL;

    Batch(int bytes) {
        buffer = ByteBuffer.allocateDirect(bytes);
    }

    void startAt(long position) {
        buffer.clear();
        start = position;
        rollAt = NO_ROLL;
    }

    boolean isEmpty() {
        return buffer.position() == 0 && !hasRolled();
    }

    boolean hasRoomFor(int bytes) {
        return buffer.remaining() >= bytes;
    }

    void add(ByteBuffer payload, int checksum, long position) {
        Frame.put(buffer, payload, checksum, position);
    }

    /// Ends the current segment: what is added from here on belongs to the next one. At most once a batch.
    void roll(long position, int leftInSegment) {
        if (leftInSegment >= Frame.HEADER) Frame.putEndOfSegment(buffer, position);
        rollAt = buffer.position();
    }

    boolean hasRolled() {
        return rollAt != NO_ROLL;
    }

    long start() {
        return start;
    }

    /// The bytes for the segment in which the batch starts.
    ByteBuffer beforeRoll() {
        return buffer.slice(0, rollAt == NO_ROLL ? buffer.position() : rollAt);
    }

    /// The bytes for the beginning of the next segment.
    ByteBuffer afterRoll() {
        return buffer.slice(rollAt, buffer.position() - rollAt);
    }
}
