package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.telemetry.Latest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Runs a rule over what devices have measured in a span of time, as if it had looked then, and beside it the rule that
/// is in force. Answers which alerts would have begun and ended when. Its memory does not grow with the history.
///
/// Runs on a thread of its own; anybody may look how far it is.
final class Replay {
    /// An alert that would have been.
    ///
    /// @param ended empty if it would be open still
    record Would(DeviceId device, String deviceName, String key, Instant began, Optional<Instant> ended,
                 String message) {}

    /// What one rule would have raised.
    ///
    /// @param begun  all of them, also such as are not listed
    /// @param alerts the first ones
    record Side(long begun, List<Would> alerts) {}

    enum State { RUNNING, DONE, FAILED, CANCELLED }

    private final RuleProgram candidate;
    private final Optional<RuleProgram> inForce;
    private final long from;
    private final long to;
    private final List<Device> devices;
    private final DeviceFacts.Around around;
    private final History history;
    private final Function<DeviceId, JsonNode> shadow;
    private volatile State state = State.RUNNING;
    private volatile int devicesDone;
    private volatile long points;
    private volatile String failure = "";
    private final Collected would;
    private final Collected present;
    private final long began = System.nanoTime();
    private volatile long tookNanos;

    /// @param around what is known of the devices beside their records, as it is now
    /// @param shadow likewise
    Replay(RuleProgram candidate, Optional<RuleProgram> inForce, List<Device> devices, DeviceFacts.Around around,
            Function<DeviceId, JsonNode> shadow, long from, long to, History history) {
        this.candidate = candidate;
        this.inForce = inForce;
        this.devices = devices;
        this.around = around;
        this.from = from;
        this.to = to;
        this.history = history;
        this.shadow = shadow;
        would = new Collected();
        present = new Collected();
    }

    /// Until it has come to the end, or somebody cancels it.
    void run() {
        try {
            history.catchUp();
            for (var device : devices) {
                if (state != State.RUNNING) return;
                replay(device);
                devicesDone++;
            }
            finish(State.DONE);
        } catch (RuntimeException | Error e) {
            failure = String.valueOf(e.getMessage());
            finish(State.FAILED);
        }
    }

    private synchronized void finish(State last) {
        if (state != State.RUNNING) return;
        tookNanos = System.nanoTime() - began;
        state = last;
    }

    void cancel() {
        finish(State.CANCELLED);
    }

    private void replay(Device device) {
        var facts = new WatchedDevice(DeviceFacts.of(device, around), null, () -> shadow.apply(device.id()));
        var programs = new ArrayList<RuleProgram>(2);
        if (candidate.isFor(facts)) programs.add(candidate);
        inForce.filter(it -> it.isFor(facts)).ifPresent(programs::add);
        if (programs.isEmpty()) return;
        var lookback = programs.stream().mapToLong(RuleProgram::lookback).max().orElse(0);
        var watch = new Watch(device.id(), facts, programs, from - lookback, from, false);
        recall(watch, programs, from - lookback);
        var counted = new long[1];
        would.nextDevice();
        present.nextDevice();
        var sorted = new Sorted(device);
        history.read(device.id(), RuleProgram.metrics(programs), from - lookback, to, (time, values) -> {
            watch.measured(time, values, time < from ? null : sorted);
            if ((counted[0] += values.size()) >= 4_096) {
                points += counted[0];
                counted[0] = 0;
            }
            return state == State.RUNNING;
        });
        points += counted[0];
        watch.tick(to, sorted);
    }

    /// What was known when the span began.
    private void recall(Watch watch, List<RuleProgram> programs, long before) {
        var metrics = RuleProgram.metrics(programs);
        var names = metrics.isEmpty() ? history.latest(watch.device).stream().map(Latest::metric)
                .collect(Collectors.toSet()) : metrics;
        for (var it : history.newest(watch.device, names, before)) {
            watch.recall(it.metric(), it.timeMicros(), it.value());
        }
    }

    /// Findings of the candidate to the one side, of the rule in force to the other.
    private final class Sorted implements Watch.Findings {
        private final Device device;

        Sorted(Device device) {
            this.device = device;
        }

        private Collected of(RuleState rule) {
            return rule.program == candidate ? would : present;
        }

        @Override
        public void begun(RuleState rule) {
            of(rule).begun(device, rule);
        }

        @Override
        public void occurred(RuleState rule) {
            // the same alert
        }

        @Override
        public void ended(RuleState rule) {
            of(rule).ended(rule);
        }
    }

    /// The alerts of one side; those of the present device may be open still.
    private static final class Collected {
        private final List<Would> alerts = new ArrayList<>();
        /// Of the present device: the places of listed alerts that are open, by key.
        private final Map<String, Integer> open = new HashMap<>();
        private long begun;

        synchronized void nextDevice() {
            open.clear();
        }

        synchronized void begun(Device device, RuleState rule) {
            begun++;
            if (alerts.size() >= Limits.REPLAY_ALERTS) return;
            open.put(rule.key, alerts.size());
            alerts.add(new Would(device.id(), device.name(), rule.key,
                    Timestamps.ofMicros(rule.now), Optional.empty(), LaneRules.message(rule)));
        }

        synchronized void ended(RuleState rule) {
            var place = open.remove(rule.key);
            if (place == null) return; // it is not listed
            var it = alerts.get(place);
            alerts.set(place, new Would(it.device(), it.deviceName(), it.key(), it.began(),
                    Optional.of(Timestamps.ofMicros(rule.now)), it.message()));
        }

        synchronized Side side() {
            return new Side(begun, List.copyOf(alerts));
        }
    }

    State state() {
        return state;
    }

    /// How far it is.
    record Progress(State state, int devicesDone, int devices, long points, double seconds, String failure) {}

    Progress progress() {
        var nanos = state == State.RUNNING ? System.nanoTime() - began : tookNanos;
        return new Progress(state, devicesDone, devices.size(), points, nanos / 1e9, failure);
    }

    Side would() {
        return would.side();
    }

    /// What the rule in force would have raised; empty when there is none to compare with.
    Optional<Side> present() {
        return inForce.isPresent() ? Optional.of(present.side()) : Optional.empty();
    }
}
