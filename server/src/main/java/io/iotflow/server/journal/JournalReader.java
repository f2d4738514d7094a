package io.iotflow.server.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads committed records in order. For one thread. Reads from the files, which the page cache holds, so a follower
/// that lags costs no memory. A damaged stretch is skipped, counted and logged.
public final class JournalReader {
    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

    private final Journal journal;
    private final SegmentFiles files;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Frame.sizeOf(Frame.MAX_PAYLOAD)).limit(0);
    private long bufferStart;
    private long position;
    private ByteBuffer payload;
    private int wakes;

    JournalReader(Journal journal, SegmentFiles files, long position) {
        this.journal = journal;
        this.files = files;
        this.position = files.firstAtOrAfter(position);
        bufferStart = this.position;
    }

    /// Moves to the next committed record; false when there is none now.
    public boolean next() {
        try {
            var committed = journal.committed();
            while (position < committed) {
                if (position % files.segmentBytes() == 0) position += Segment.HEADER;
                var length = inspect(committed);
                if (length > 0) {
                    payload = buffer.slice((int) (position - bufferStart) + Frame.HEADER, length);
                    position += Frame.sizeOf(length);
                    return true;
                }
                if (length == Frame.END_OF_SEGMENT) position = files.startOf(position / files.segmentBytes() + 1);
                else skipDamage(committed);
            }
            wakes = journal.wakes();
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the log", e);
        }
    }

    private int inspect(long committed) throws IOException {
        var offset = position - bufferStart;
        if (offset >= 0 && offset < buffer.limit()) {
            var length = Frame.inspect(buffer, (int) offset, position);
            if (length != Frame.CUT) return length;
        }
        fill(committed);
        var length = Frame.inspect(buffer, 0, position);
        return length == Frame.CUT ? Frame.DAMAGED : length;
    }

    private void fill(long committed) throws IOException {
        var segmentEnd = (position / files.segmentBytes() + 1) * files.segmentBytes();
        var available = Math.min(Math.min(committed, segmentEnd) - position, buffer.capacity());
        buffer.clear().limit((int) available);
        bufferStart = position;
        if (!files.read(buffer, position)) buffer.position(0);
        buffer.flip();
    }

    private void skipDamage(long committed) throws IOException {
        var from = position;
        var segmentEnd = (position / files.segmentBytes() + 1) * files.segmentBytes();
        var stop = Math.min(committed, segmentEnd);
        do position += 8; while (position < stop && inspect(committed) == Frame.DAMAGED);
        files.skippedDamage(position - from);
        LOG.error("event=journal_damaged position={} bytes={} effect=\"records there are lost\"", from,
                position - from);
    }

    /// The record that [#next] found. Valid until the next call.
    public ByteBuffer payload() {
        return payload;
    }

    /// The position after that record: where a follower that has dealt with it goes on.
    public long position() {
        return position;
    }

    /// Waits for a record to be committed after the position; false if the time has passed without one, or if readers
    /// were woken since [#next] found nothing. Whoever wants to be noticed says so first and wakes then.
    public boolean await(Duration atMost) throws InterruptedException {
        return journal.awaitBeyond(position, atMost.toNanos(), wakes);
    }
}
