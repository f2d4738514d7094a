package io.iotflow.server.live;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Timestamps;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.live.LiveEvent.Fields;
import io.iotflow.server.live.LiveEvent.Type;
import java.io.IOException;
import io.iotflow.server.telemetry.SealedValues;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/// Spreads what happens to whoever listens. Events may come from any thread; none of them ever waits for a reader.
public final class LiveFeed implements Lanes.DeviceListener {
    /// How long after its last reader the feed goes on remembering, so that a reader can come back for what it missed.
    private static final Duration LINGER = Duration.ofMinutes(1);

    private final Function<DeviceId, LiveEvent.Origin> originOf;
    private final SealedValues sealed;
    private final InstantSource clock;
    private final CopyOnWriteArrayList<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final ArrayDeque<LiveEvent> history = new ArrayDeque<>();
    private final LongAdder published = new LongAdder();
    private final long started;
    private volatile boolean isRead;
    private long lastReaderNanos = System.nanoTime() - LINGER.toNanos();
    /// Begins with the time of the start, so that a number of an earlier run is known to be older than this one.
    private long sequence;

    public LiveFeed(Function<DeviceId, LiveEvent.Origin> originOf, SealedValues sealed, InstantSource clock) {
        this.originOf = originOf;
        this.sealed = sealed;
        this.clock = clock;
        sequence = Timestamps.micros(clock.instant());
        started = sequence;
    }

    @Override
    public void on(DeviceEvent event) {
        if (!isRead) return;
        var device = event.device();
        var time = event.receivedMicros();
        switch (event) {
            case DeviceEvent.TelemetryReceived telemetry -> publish(telemetry);
            case DeviceEvent.HeartbeatReceived _ ->
                    publish(Type.DEVICE, device, time, json -> json.writeStringField("event", "heartbeat"));
            case DeviceEvent.StatusReceived status -> publish(Type.DEVICE, device, time, json -> {
                json.writeStringField("event", "status");
                if (!status.word().isEmpty()) json.writeStringField("word", status.word());
                json.writeStringField("message", status.text());
            });
            case DeviceEvent.ErrorReceived error -> publish(Type.DEVICE, device, time, json -> {
                json.writeStringField("event", "error");
                json.writeStringField("message", error.text());
            });
            case DeviceEvent.ShadowReceived _ -> { } // told when it has changed something
            case DeviceEvent.FirmwareReceived _ -> { } // what comes of it is told as a rollout event
            case DeviceEvent.ResultReceived result -> publish(Type.COMMAND, device, time, json -> {
                json.writeStringField("event", "result");
                json.writeStringField("command_id", result.command());
                json.writeStringField("message", result.text());
            });
        }
    }

    public void deviceRegistered(DeviceId device, String status) {
        if (!isRead) return;
        publish(Type.DEVICE, device, now(), json -> {
            json.writeStringField("event", "registered");
            json.writeStringField("status", status);
        });
    }

    /// A device was changed by somebody.
    public void deviceChanged(DeviceId device, String status) {
        if (!isRead) return;
        publish(Type.DEVICE, device, now(), json -> {
            json.writeStringField("event", "updated");
            json.writeStringField("status", status);
        });
    }

    public void presenceChanged(DeviceId device, boolean isOnline) {
        if (!isRead) return;
        publish(Type.DEVICE, device, now(), json -> {
            json.writeStringField("event", isOnline ? "online" : "offline");
            json.writeBooleanField("is_online", isOnline);
        });
    }

    /// @param half    `reported` or `desired`
    /// @param version of the whole shadow
    /// @param isDifferent whether something desired is not reported
    public void shadowChanged(DeviceId device, String half, long version, boolean isDifferent) {
        if (!isRead) return;
        publish(Type.DEVICE, device, now(), json -> {
            json.writeStringField("event", "shadow");
            json.writeStringField("half", half);
            json.writeNumberField("version", version);
            json.writeBooleanField("has_delta", isDifferent);
        });
    }

    /// A command has come to another place of its life.
    ///
    /// @param state the event's word: `sent`, `delivered`
    public void commandChanged(DeviceId device, String command, String type, String state, OptionalLong job) {
        if (!isRead) return;
        publish(Type.COMMAND, device, now(), json -> {
            json.writeStringField("event", state);
            json.writeStringField("command_id", command);
            json.writeStringField("command", type);
            if (job.isPresent()) json.writeNumberField("job_id", job.getAsLong());
        });
    }

    /// Something has happened to an alert. Only those hear it who may read alerts.
    ///
    /// @param fields not asked for when nobody listens
    public void alertChanged(DeviceId device, LiveEvent.Origin origin, Instant at, Supplier<ObjectNode> fields) {
        if (!isRead) return;
        var said = fields.get();
        publish(number -> new LiveEvent(number, Type.ALERT, device, origin, Timestamps.micros(at),
                json -> writeAll(json, said)));
    }

    /// A device's update has come further.
    ///
    /// @param fields not asked for when nobody listens
    public void updateChanged(DeviceId device, Supplier<ObjectNode> fields) {
        if (!isRead) return;
        var said = fields.get();
        publish(Type.ROLLOUT, device, now(), json -> writeAll(json, said));
    }

    /// A rollout has come to another stage or state.
    public void rolloutChanged(OrganizationPath organization, ObjectNode said) {
        if (isRead) publish(Type.ROLLOUT, organization, said);
    }

    /// Something done to many devices has come further.
    ///
    /// @param fields not asked for when nobody listens
    public void batchChanged(OrganizationPath organization, Supplier<ObjectNode> fields) {
        if (isRead) publish(Type.BATCH, organization, fields.get());
    }

    /// What concerns no single device.
    private void publish(Type type, OrganizationPath organization, ObjectNode said) {
        publish(number -> new LiveEvent(number, type, null, new LiveEvent.Origin("", organization), now(),
                json -> writeAll(json, said)));
    }

    private static void writeAll(JsonGenerator json, ObjectNode said) throws IOException {
        for (var field : said.properties()) {
            json.writeFieldName(field.getKey());
            Json.mapper().writeTree(json, field.getValue());
        }
    }

    private long now() {
        return Timestamps.micros(clock.instant());
    }

    private static long latestOf(DeviceEvent.TelemetryReceived telemetry) {
        var latest = Long.MIN_VALUE;
        for (var measurement : telemetry.measurements()) latest = Math.max(latest, measurement.timeMicros());
        return latest;
    }

    private void publish(DeviceEvent.TelemetryReceived telemetry) {
        var device = telemetry.device();
        var measurements = telemetry.measurements();
        var isSensitive = measurements.stream().anyMatch(it -> it.value() instanceof Value.Sealed);
        var origin = originOf.apply(device);
        var time = latestOf(telemetry);
        publish(number -> new LiveEvent(number, Type.TELEMETRY, device, origin, time, isSensitive,
                (json, isClear) -> writeMeasurements(json, device, measurements, isClear)));
    }

    /// The values by metric; of several records the latest value of each. Null for what the reader may not see, which
    /// `hidden` names then, and for what nobody can open.
    private void writeMeasurements(JsonGenerator json, DeviceId device, List<Measurement> measurements,
            boolean isClear) throws IOException {
        var latest = new java.util.LinkedHashMap<String, Measurement>();
        for (var measurement : measurements) {
            latest.merge(measurement.metric(), measurement,
                    (one, other) -> other.timeMicros() >= one.timeMicros() ? other : one);
        }
        var hidden = new ArrayList<String>(0);
        var unreadable = new ArrayList<String>(0);
        json.writeObjectFieldStart("data");
        for (var measurement : latest.values()) {
            json.writeFieldName(measurement.metric());
            var value = measurement.value();
            if (value instanceof Value.Sealed it) {
                value = isClear ? sealed.open(device, measurement.metric(), measurement.timeMicros(), it).orElse(null)
                        : null;
                if (value == null) (isClear ? unreadable : hidden).add(measurement.metric());
            }
            write(json, value);
        }
        json.writeEndObject();
        writeNames(json, "hidden", hidden);
        writeNames(json, "unreadable", unreadable);
    }

    private static void write(JsonGenerator json, Value value) throws IOException {
        switch (value) {
            case null -> json.writeNull();
            case Value.Whole(var number) -> json.writeNumber(number);
            case Value.Real(var number) -> json.writeNumber(number);
            case Value.Flag(var on) -> json.writeBoolean(on);
            case Value.Text(var text) -> json.writeString(text);
            case Value.Sealed _ -> throw new IllegalStateException("BUG: not opened");
        }
    }

    private static void writeNames(JsonGenerator json, String field, List<String> names) throws IOException {
        if (names.isEmpty()) return;
        json.writeArrayFieldStart(field);
        for (var name : names) json.writeString(name);
        json.writeEndArray();
    }

    private void publish(Type type, DeviceId device, long timeMicros, Fields fields) {
        var origin = originOf.apply(device);
        publish(number -> new LiveEvent(number, type, device, origin, timeMicros, fields));
    }

    private synchronized void publish(LongFunction<LiveEvent> numbered) {
        if (subscriptions.isEmpty() && System.nanoTime() - lastReaderNanos > LINGER.toNanos()) {
            isRead = false;
            history.clear();
            sequence++; // stands for whatever happens from now on without being noticed
            return;
        }
        var event = numbered.apply(++sequence);
        if (history.size() >= Limits.LIVE_HISTORY) history.removeFirst();
        history.add(event);
        published.increment();
        for (var subscription : subscriptions) subscription.offer(event);
    }

    Subscription subscribe(Filter filter) {
        return subscribe(filter, Long.MAX_VALUE);
    }

    /// Begins with what came after the sequence number, as far as it is remembered. What is not is counted as dropped:
    /// at most so many events of those that nobody read, one at least when they were not counted.
    synchronized Subscription subscribe(Filter filter, long after) {
        var missed = new ArrayList<LiveEvent>();
        for (var event : history) if (event.sequence() > after && filter.lets(event)) missed.add(event);
        var first = history.isEmpty() ? sequence + 1 : history.getFirst().sequence();
        var lost = after >= first - 1 ? 0 : Math.max(1, first - 1 - Math.max(after, started));
        var subscription = new Subscription(this, filter, missed, lost);
        subscriptions.add(subscription);
        isRead = true;
        return subscription;
    }

    synchronized void remove(Subscription subscription) {
        subscriptions.remove(subscription);
        lastReaderNanos = System.nanoTime();
    }

    /// Remembers nothing any more of what the device has measured, for measurements of it were erased.
    public synchronized void forgetTelemetry(DeviceId device) {
        history.removeIf(event -> event.type() == Type.TELEMETRY && event.device().equals(device));
    }

    /// Ends what the device itself reads, for its life has ended.
    public void retire(DeviceId device) {
        for (var subscription : subscriptions) if (subscription.isReadBy(device)) subscription.end();
    }

    public int readers() {
        return subscriptions.size();
    }

    public long published() {
        return published.sum();
    }
}
