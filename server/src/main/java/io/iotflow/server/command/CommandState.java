package io.iotflow.server.command;

import java.util.Locale;

/// Where a command stands in its life.
enum CommandState {
    /// Waits for its time, or for the device to listen.
    QUEUED,
    /// Handed to the device's connection, or fetched by a device that polls.
    SENT,
    /// The device's client has acknowledged that it has it.
    DELIVERED,
    /// The device says that it is at it.
    ACKNOWLEDGED,
    SUCCEEDED, FAILED, EXPIRED, CANCELLED;

    /// Whether nothing comes after it.
    boolean isEnded() {
        return compareTo(SUCCEEDED) >= 0;
    }

    /// Whether the device has it, or may have it, and it has not ended.
    boolean isOut() {
        return this == SENT || this == DELIVERED || this == ACKNOWLEDGED;
    }

    /// As it stands in JSON and in the database.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static CommandState of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
