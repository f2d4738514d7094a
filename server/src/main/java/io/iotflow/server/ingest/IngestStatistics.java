package io.iotflow.server.ingest;

import io.iotflow.server.ingest.IngestOutcome.Reason;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// What the door has counted since the start. Cheap to add to from many threads.
public final class IngestStatistics {
    private final LongAdder messages = new LongAdder();
    private final LongAdder points = new LongAdder();
    private final LongAdder overloaded = new LongAdder();
    private final LongAdder shed = new LongAdder();
    private final Map<Reason, LongAdder> rejected = new EnumMap<>(Reason.class);

    public IngestStatistics() {
        for (var reason : Reason.values()) rejected.put(reason, new LongAdder());
    }

    void accepted(int measurements) {
        messages.increment();
        points.add(measurements);
    }

    void overloaded() {
        overloaded.increment();
    }

    /// Counts a refusal that an adapter decided on by itself.
    public void rejected(Reason reason) {
        rejected.get(reason).increment();
    }

    /// Counts a message that was sent without asking for an acknowledgement and had no room.
    public void shed() {
        shed.increment();
    }

    /// Messages of all kinds that were accepted.
    public long messages() {
        return messages.sum();
    }

    public long points() {
        return points.sum();
    }

    /// How often a message met a full log. One that waits and is tried again counts each time.
    public long overloads() {
        return overloaded.sum();
    }

    public long shedMessages() {
        return shed.sum();
    }

    public long rejections(Reason reason) {
        return rejected.get(reason).sum();
    }
}
