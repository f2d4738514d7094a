package io.iotflow.server.firmware;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.util.Optional;
import java.util.regex.Pattern;

/// The part of a file that a request asks for (RFC 9110, section 14). Pure.
///
/// @param to the last byte, which is part of it
record ByteRange(long from, long to) {
    private static final Pattern FORM = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

    /// Empty for what is no single range, which may be answered with the whole.
    ///
    /// @throws PlatformException `RANGE_NOT_SATISFIABLE` when the file has no such bytes
    static Optional<ByteRange> of(String header, long size) {
        var matcher = FORM.matcher(header.replace(" ", ""));
        if (!matcher.matches() || matcher.group(1).isEmpty() && matcher.group(2).isEmpty()) return Optional.empty();
        if (matcher.group(1).isEmpty()) {
            var last = Long.parseLong(matcher.group(2));
            if (last == 0) throw unsatisfiable(size);
            return Optional.of(new ByteRange(Math.max(0, size - last), size - 1));
        }
        var from = Long.parseLong(matcher.group(1));
        var to = matcher.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(matcher.group(2)));
        if (from >= size) throw unsatisfiable(size);
        return from > to ? Optional.empty() : Optional.of(new ByteRange(from, to));
    }

    private static PlatformException unsatisfiable(long size) {
        return new PlatformException(ErrorCode.RANGE_NOT_SATISFIABLE, "The image has " + size + " bytes.");
    }

    long length() {
        return to - from + 1;
    }
}
