package io.iotflow.server.firmware;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How far a device has come with an update. The first five follow each other; steps may be left out.
public enum UpdateState {
    OFFERED, DOWNLOADING, DOWNLOADED, VERIFIED, INSTALLING,
    /// The device runs the image.
    INSTALLED,
    /// Given up after the last attempt.
    FAILED,
    /// The device went back to what it ran before.
    ROLLED_BACK,
    CANCELLED;

    public boolean isOpen() {
        return compareTo(INSTALLED) < 0;
    }

    /// As it stands in JSON and in the database.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<UpdateState> find(String word) {
        return Arrays.stream(values()).filter(state -> state.word().equals(word)).findFirst();
    }
}
