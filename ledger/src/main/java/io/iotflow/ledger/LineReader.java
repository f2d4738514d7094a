package io.iotflow.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/// Reads lines of bounded length. Every line, the last one too, ends with a line feed.
final class LineReader {
    private final InputStream in;
    private final byte[] buffer = new byte[LedgerLimits.EXPORT_LINE_BYTES + 1];
    private int from;
    private int to;
    private long number;

    LineReader(InputStream in) {
        this.in = in;
    }

    /// The next line without its line feed; empty at the end.
    ///
    /// @throws IllegalArgumentException if it is too long or has no end
    Optional<byte[]> next() throws IOException {
        number++;
        for (int at = from; ; at++) {
            if (at == to) {
                at -= from;
                if (!fill()) {
                    if (from == to) return Optional.empty();
                    throw new IllegalArgumentException("the file ends in the middle of a line");
                }
            }
            if (buffer[at] != '\n') continue;
            var line = Arrays.copyOfRange(buffer, from, at);
            from = at + 1;
            return Optional.of(line);
        }
    }

    /// Moves what is left to the front and reads more; false at the end of the file.
    private boolean fill() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        if (to == buffer.length) throw new IllegalArgumentException("the line is too long");
        var read = in.read(buffer, to, buffer.length - to);
        to += Math.max(read, 0);
        return read > 0;
    }

    /// The number of the line that was read last, from 1.
    long number() {
        return number;
    }
}
