package io.iotflow.server.journal;

import io.iotflow.server.core.Setting;

/// How the log is kept.
public record JournalConfig(
        @Setting(value = "fsync", doc = "When a message counts as kept: fsync (survives a power cut) or os (survives "
                + "kill -9 of the platform, not a power cut).") Durability durability,
        @Setting(value = "64", doc = "Size of one preallocated segment file, in MiB.") int segmentMib,
        @Setting(value = "4096", doc = "Disk budget of the log, in MiB. When followers are so far behind that it is "
                + "used up, new messages are refused as overload; nothing acknowledged is dropped.") int budgetMib,
        @Setting(value = "4", doc = "Memory that takes what has arrived while the previous commit runs, in MiB, twice. "
                + "When it is full, new messages are refused as overload.") int bufferMib) {

    public enum Durability { FSYNC, OS }

    public JournalConfig {
        if (segmentMib < 2 || segmentMib > 1024) throw new IllegalArgumentException("journal.segment_mib is 2 to 1024");
        if (bufferMib < 2 || bufferMib > segmentMib / 2 && segmentMib > 4) {
            throw new IllegalArgumentException("journal.buffer_mib is 2 to half of segment_mib");
        }
        if (budgetMib < 3 * segmentMib) throw new IllegalArgumentException("journal.budget_mib is at least 3 segments");
    }
}
