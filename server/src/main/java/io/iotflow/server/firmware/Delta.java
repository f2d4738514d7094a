package io.iotflow.server.firmware;

import java.util.Objects;

/// What makes one image of another that a device runs already.
///
/// @param size   in bytes; 0 if it was tried, and the whole image is as good
/// @param sha256 of the delta, in lower-case hexadecimal
record Delta(long base, long image, long size, String sha256) {
    /// As devices are told it: a Zstandard frame that has the older image as its prefix.
    static final String FORMAT = "zstd";
    /// In a device's capabilities: it can apply such deltas.
    static final String CAPABILITY = "firmware-delta-zstd";

    Delta {
        Objects.requireNonNull(sha256, "sha256");
        if (size < 0) throw new IllegalArgumentException("a delta of " + size + " bytes");
    }

    static Delta useless(long base, long image) {
        return new Delta(base, image, 0, "");
    }

    boolean isUseful() {
        return size > 0;
    }
}
