package io.iotflow.server.trace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.Tracing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What has become of one device's latest messages. The oldest entries go when there are too many of them, or too many
/// bytes. For any number of threads.
final class DeviceTrace implements Tracing.Trace {
    private final DeviceId device;
    private final OrganizationPath organization;
    private final Traces.Secrecy secrecy;
    private final String startedBy;
    private final Instant startedAt;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Instant until;
    /// On the clock of the machine that only goes forward.
    private volatile long deadline;
    private volatile boolean isRunning = true;
    /// Under this object's lock, and so are the two below.
    private final ArrayDeque<Entry> ring = new ArrayDeque<>();
    private long last;
    private long bytes;

    /// @param isOfRules whether it is what rules said
    private record Entry(long number, boolean isOfRules, byte[] json) {}

    /// @param entries what was asked for and is still there
    /// @param last    the number of the newest entry, which may not be among these
    /// @param missed  entries that were asked for and are gone
    record Read(List<ObjectNode> entries, long last, long missed) {
        static final Read NOTHING = new Read(List.of(), 0, 0);
    }

    DeviceTrace(DeviceId device, OrganizationPath organization, Traces.Secrecy secrecy, String startedBy,
            Instant startedAt, Instant until, Duration length) {
        this.device = device;
        this.organization = organization;
        this.secrecy = secrecy;
        this.startedBy = startedBy;
        this.startedAt = startedAt;
        endAt(until, length);
    }

    void endAt(Instant at, Duration from) {
        until = at;
        deadline = System.nanoTime() + from.toNanos();
    }

    DeviceId device() {
        return device;
    }

    OrganizationPath organization() {
        return organization;
    }

    String startedBy() {
        return startedBy;
    }

    Instant startedAt() {
        return startedAt;
    }

    Instant until() {
        return until;
    }

    boolean isRunning() {
        return isRunning;
    }

    // ---- ending

    void stop() {
        isRunning = false;
        stopped.countDown();
    }

    /// The end may be put off meanwhile.
    void awaitEnd() throws InterruptedException {
        for (var left = deadline - System.nanoTime(); left > 0; left = deadline - System.nanoTime()) {
            if (stopped.await(left, TimeUnit.NANOSECONDS)) return;
        }
        isRunning = false;
    }

    void awaitForgetting() throws InterruptedException {
        stopped.await(Limits.TRACE_KEPT.toNanos(), TimeUnit.NANOSECONDS);
    }

    // ---- writing

    @Override
    public Tracing.Message message(InboundMessage message, Instant received) {
        return new MessageTrace(this, message, received, secrecy);
    }

    @Override
    public void rules(Optional<Instant> received, List<ObjectNode> said) {
        var entry = Json.mapper().createObjectNode().put("kind", "rules")
                .put("received_at", received.map(Instant::toString).orElse(null));
        BoundedList.put(entry, "rules", said, it -> it);
        add(entry, true);
    }

    void add(ObjectNode entry, boolean isOfRules) {
        var json = bytes(entry);
        synchronized (this) {
            ring.add(new Entry(++last, isOfRules, json));
            bytes += json.length;
            while (ring.size() > Limits.TRACE_ENTRIES || bytes > Limits.TRACE_BYTES) {
                bytes -= ring.remove().json.length;
            }
        }
    }

    private static byte[] bytes(ObjectNode entry) {
        try {
            return Json.mapper().writeValueAsBytes(entry);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a trace that is no JSON", e);
        }
    }

    // ---- reading

    /// How far it is, without any entry.
    synchronized Read state() {
        return new Read(List.of(), last, 0);
    }

    /// @param after     the number of the last entry that is known; one that was never given asks for all
    /// @param withRules whether what rules said is to be among them
    Read read(long after, boolean withRules) {
        List<Entry> found;
        long newest;
        long missed;
        synchronized (this) {
            newest = last;
            var from = after > last ? 0 : after;
            missed = ring.isEmpty() ? 0 : Math.max(0, ring.peek().number - 1 - from);
            found = ring.stream().filter(it -> it.number > from && (withRules || !it.isOfRules)).toList();
        }
        var entries = new ArrayList<ObjectNode>(found.size());
        for (var entry : found) entries.add(json(entry));
        return new Read(entries, newest, missed);
    }

    private static ObjectNode json(Entry entry) {
        try {
            var json = Json.mapper().createObjectNode().put("number", entry.number);
            json.setAll((ObjectNode) Json.mapper().readTree(entry.json));
            return json;
        } catch (IOException e) {
            throw new UncheckedIOException("BUG: a trace that is no JSON", e);
        }
    }
}
