package io.iotflow.server.sensor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Timestamps;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.encryption.SealedTelemetry;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.StoreFollower;
import io.iotflow.server.processing.Repetition;
import io.iotflow.server.telemetry.RawQuery;
import io.iotflow.server.telemetry.RawRows;
import io.iotflow.server.telemetry.TelemetryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the stored values of one metric again out of what the device sent, as processing would now. What was sent is
/// kept beside what is made of it and is never changed, so that the same again, also after it was cut off anywhere,
/// gives the same. Its memory does not grow with the span.
///
/// Runs on a platform thread of its own; anybody may look how far it is.
final class Recalculation {
    private static final String RAW = ":raw";
    private static final String QUALITY = ":quality";
    private static final String VALID = "valid";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /// Rows of one step: they are in memory together.
    private static final int ROWS_AT_ONCE = 5_000;

    enum State {
        RUNNING, DONE, FAILED, CANCELLED,
        /// The platform stopped.
        INTERRUPTED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What is calculated again.
    ///
    /// @param from inclusive, in microseconds
    /// @param to   exclusive
    record Task(OrganizationPath organization, DeviceId device, Sensor sensor, Repetition repetition, long from,
                long to) {}

    private final Task task;
    private final String metric;
    private final TelemetryStore store;
    private final StoreFollower follower;
    private final SealedTelemetry sealed;
    private final long began = System.nanoTime();
    private volatile State state = State.RUNNING;
    private volatile long reached;
    private volatile long rows;
    private volatile long changed;
    private volatile long leftAlone;
    private volatile long tookNanos;
    private volatile String failure = "";
    /// The quality of the last row that has one or was judged.
    private String quality = VALID;

    Recalculation(Task task, TelemetryStore store, StoreFollower follower, SealedTelemetry sealed) {
        this.task = task;
        this.metric = task.repetition().metric();
        this.store = store;
        this.follower = follower;
        this.sealed = sealed;
        this.reached = task.from();
    }

    Task task() {
        return task;
    }

    State state() {
        return state;
    }

    /// Ends it after the step that it is at, unless it has ended.
    void end(State how) {
        finish(how);
    }

    private synchronized void finish(State last) {
        if (state != State.RUNNING) return;
        tookNanos = System.nanoTime() - began;
        state = last;
    }

    /// Until it has come to the end, or somebody ends it.
    ///
    /// @param stepped runs after each step
    void run(Runnable stepped) {
        try {
            // From here on the log is not read again from before what is rewritten.
            if (follower.catchUp(PATIENCE).isPresent()) {
                throw new IllegalStateException("measurements are still on their way into the store; start it again");
            }
            var query = new RawQuery(task.device(), Set.of(metric, metric + RAW, metric + QUALITY), task.from(),
                    task.to(), RawQuery.Order.ASCENDING, ROWS_AT_ONCE);
            while (state == State.RUNNING) {
                var found = new ArrayList<RawRows.Row>();
                var last = store.show(query, found::add);
                rewrite(found);
                if (last.isEmpty()) {
                    endQuality();
                    reached = task.to();
                    finish(State.DONE);
                } else {
                    query = query.after(last.getAsLong());
                    stepped.run();
                }
            }
        } catch (InterruptedException _) {
            finish(State.CANCELLED);
        } catch (RuntimeException | Error e) { // QuestDB throws errors of its own
            failure = String.valueOf(e.getMessage());
            finish(State.FAILED);
        }
    }

    private void rewrite(List<RawRows.Row> found) throws InterruptedException {
        var written = new ArrayList<Measurement>();
        var changes = 0;
        for (var row : found) if (row.values().containsKey(metric) && again(row, written)) changes++;
        if (!written.isEmpty()) write(written);
        changed += changes;
        rows += found.size();
        if (!found.isEmpty()) reached = found.getLast().timeMicros();
    }

    /// Waits until questions see it, so that it does not get ahead of the store.
    private void write(List<Measurement> written) throws InterruptedException {
        store.rewrite(task.device(), written);
        store.awaitApplied(PATIENCE);
    }

    /// @return whether the value becomes another
    private boolean again(RawRows.Row row, List<Measurement> written) {
        var now = row.values().get(metric);
        var value = opened(row, metric);
        var raw = opened(row, metric + RAW);
        if (value.isEmpty() || row.values().containsKey(metric + RAW) && raw.isEmpty()) {
            leftAlone++;
            return false;
        }
        var sent = raw.orElse(value.get());
        var outcome = task.repetition().of(sent);
        var made = new ArrayList<Measurement>(3);
        if (!isSame(outcome.value(), value.get())) {
            if (raw.isEmpty()) made.add(new Measurement(metric + RAW, row.timeMicros(), sent));
            made.add(new Measurement(metric, row.timeMicros(), outcome.value()));
        }
        var changesValue = !made.isEmpty();
        judge(row, outcome, made);
        if (made.isEmpty()) return false;
        var kept = now instanceof Value.Sealed ? sealed.seal(task.organization(), task.device(), made, Map.of()) : made;
        if (now instanceof Value.Sealed && kept.stream().anyMatch(it -> !(it.value() instanceof Value.Sealed))) {
            leftAlone++; // It is not sensitive any more, and would stand there twice.
            return false;
        }
        written.addAll(kept);
        return changesValue;
    }

    /// `valid` is written where something else stood, or has just ended.
    private void judge(RawRows.Row row, Repetition.Outcome outcome, List<Measurement> made) {
        var before = opened(row, metric + QUALITY).map(Recalculation::word);
        var now = outcome.quality().orElse(VALID);
        var isNews = before.isPresent() ? !before.get().equals(now) : !now.equals(quality) || !now.equals(VALID);
        if (isNews) made.add(new Measurement(metric + QUALITY, row.timeMicros(), new Value.Text(now)));
        quality = now;
    }

    /// What follows the span was found valid in silence: it says so if the span ends otherwise.
    private void endQuality() throws InterruptedException {
        if (quality.equals(VALID)) return;
        var next = store.raw(new RawQuery(task.device(), Set.of(metric, metric + QUALITY), task.to(),
                TelemetryStore.LATEST_MICROS, RawQuery.Order.ASCENDING, 1)).rows();
        if (next.isEmpty() || next.getFirst().values().containsKey(metric + QUALITY)
                || next.getFirst().values().get(metric) instanceof Value.Sealed) return;
        write(List.of(new Measurement(metric + QUALITY, next.getFirst().timeMicros(), new Value.Text(VALID))));
    }

    private static String word(Value value) {
        return value instanceof Value.Text(var text) ? text : "";
    }

    /// Empty for what is not there, and for what cannot be opened.
    private Optional<Value> opened(RawRows.Row row, String name) {
        return switch (row.values().get(name)) {
            case null -> Optional.empty();
            case Value.Sealed it -> sealed.open(task.device(), name, row.timeMicros(), it);
            case Value it -> Optional.of(it);
        };
    }

    private static boolean isSame(Value one, Value other) {
        return one.equals(other) || number(one) == number(other);
    }

    private static double number(Value value) {
        return switch (value) {
            case Value.Real(var number) -> number;
            case Value.Whole(var number) -> number;
            case Value.Flag _, Value.Text _, Value.Sealed _ -> Double.NaN;
        };
    }

    /// What was asked for, as the audit log keeps it.
    ObjectNode document() {
        var document = Json.mapper().createObjectNode().put("sensor", task.sensor().content().name())
                .put("metric", metric).put("from", Timestamps.ofMicros(task.from()).toString())
                .put("to", Timestamps.ofMicros(task.to()).toString());
        return task.sensor().content().calibration().into(document);
    }

    ObjectNode json(long id) {
        var nanos = state == State.RUNNING ? System.nanoTime() - began : tookNanos;
        var json = Json.mapper().createObjectNode().put("id", id).put("state", state.word())
                .put("device_id", task.device().value()).put("sensor_id", task.sensor().id());
        json.setAll(document());
        return json.put("progress", (double) (reached - task.from()) / (task.to() - task.from()))
                .put("reached_at", Timestamps.ofMicros(reached).toString()).put("rows", rows)
                .put("changed", changed).put("left_alone", leftAlone).put("seconds", nanos / 1e9)
                .put("error", failure.isEmpty() ? null : failure);
    }
}
