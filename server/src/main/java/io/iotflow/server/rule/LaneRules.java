package io.iotflow.server.rule;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.alert.Breach;
import io.iotflow.server.alert.Finding;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.Device;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.language.EvaluationException;
import io.iotflow.server.telemetry.Latest;
import io.iotflow.server.telemetry.RawRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The rules of one lane's devices. Everything but [#changed] and [#figures] is for the lane's thread.
final class LaneRules implements Watch.Findings {
    /// How long a lane may attend to devices that have not sent anything before it looks at its log again.
    private static final long ATTEND_NANOS = 50_000_000;

    private final RuleEngine engine;
    private final int number;
    private final Map<DeviceId, Seat> seats = new HashMap<>();
    private final PriorityQueue<Wake> wakes = new PriorityQueue<>();
    private final Queue<Changed> changed = new ConcurrentLinkedQueue<>();
    private final List<RuleState> occurring = new ArrayList<>();
    private final Map<DeviceId, List<Breach>> held = new HashMap<>();
    private RuleBook book = RuleBook.EMPTY;
    private volatile RuleEngine.Figures figures = new RuleEngine.Figures(0, 0, 0, 0, 0, 0);
    private long evaluations;
    private long findings;
    private final long started;
    private long lastFlush = System.nanoTime();
    private long lastFigures = System.nanoTime();

    /// Where a device's watch sits; without one when no rule is for it.
    private static final class Seat {
        RuleBook book;
        List<RuleProgram> programs = List.of();
        Watch watch;
        long queuedAt = Long.MAX_VALUE;
    }

    /// A device to be attended to although it sends nothing, as soon as all that it sent by then has been dealt with.
    ///
    /// @param isItself whether the device has changed, and not the rules
    private record Changed(DeviceId device, boolean isItself, long at) {}

    private record Wake(long at, Seat seat) implements Comparable<Wake> {
        @Override
        public int compareTo(Wake other) {
            return Long.compare(at, other.at);
        }
    }

    LaneRules(RuleEngine engine, int number) {
        this.engine = engine;
        this.number = number;
        this.started = engine.now();
    }

    /// Before the lane starts: what alerts say that held when the platform stopped.
    void held(Breach breach) {
        held.computeIfAbsent(breach.device(), _ -> new ArrayList<>()).add(breach);
    }

    void changed(DeviceId device) {
        changed.add(new Changed(device, true, engine.now()));
    }

    void on(DeviceEvent event) {
        adopt();
        if (book.programs().isEmpty() && held.isEmpty() && seats.isEmpty()) return;
        switch (event) {
            case DeviceEvent.TelemetryReceived received -> {
                var first = Long.MAX_VALUE;
                for (var it : received.measurements()) first = Math.min(first, it.timeMicros());
                var seat = seat(received.device(), first);
                if (seat.watch == null) return;
                evaluations += seat.programs.size();
                seat.watch.measured(received.measurements(), this);
                queue(seat);
            }
            case DeviceEvent.HeartbeatReceived _, DeviceEvent.StatusReceived _, DeviceEvent.ErrorReceived _,
                 DeviceEvent.ResultReceived _ -> {
                var seat = seat(event.device(), event.receivedMicros());
                if (seat.watch == null) return;
                seat.watch.heard(event.receivedMicros(), this);
                queue(seat);
            }
        }
    }

    /// Takes the rules as they are now. What devices of this lane have measured up to now is then in the store before
    /// any of them is looked at by a new rule.
    private void adopt() {
        var now = engine.book();
        if (now == book) return;
        book = now;
        engine.history().catchUp();
        changed.clear();
        var at = engine.now();
        for (var device : engine.devicesOf(number)) changed.add(new Changed(device, false, at));
        for (var device : held.keySet()) changed.add(new Changed(device, false, at));
    }

    /// @param before the time of what is about to be told to the watch
    private Seat seat(DeviceId device, long before) {
        var seat = seats.computeIfAbsent(device, _ -> new Seat());
        if (seat.book != book) plan(device, seat, before);
        return seat;
    }

    private void plan(DeviceId device, Seat seat, long before) {
        seat.book = book;
        var facts = engine.device(device).map(DeviceFacts::new);
        var programs = facts.map(book::of).orElse(List.of());
        var breaches = held.remove(device);
        if (seat.watch != null) facts.ifPresent(seat.watch::facts);
        if (programs.equals(seat.programs) && breaches == null) return;
        var old = seat.watch;
        seat.programs = programs;
        seat.watch = null;
        var asOf = before - 1;
        if (!programs.isEmpty()) {
            var past = past(device, programs, facts.orElseThrow().device(), before);
            seat.watch = new Watch(device, facts.orElseThrow(), programs, past.from,
                    Timestamps.micros(facts.orElseThrow().device().createdAt()), true);
            asOf = recall(seat.watch, past, before, old);
        }
        if (old != null) carryOver(old, seat.watch);
        if (breaches != null) for (var breach : breaches) takeUp(breach, device, seat.watch, asOf);
        queue(seat);
    }

    /// What is to be looked at again before rules look at the present.
    ///
    /// @param from   so far back as it matters
    /// @param latest the newest values
    private record Past(long from, List<RawRows.Row> rows, List<Latest> latest) {}

    /// Rules go on from the last measurement, and not from the present: what was to happen in between for want of
    /// measurements is still to happen.
    private Past past(DeviceId device, List<RuleProgram> programs, Device facts, long before) {
        var lookback = programs.stream().mapToLong(RuleProgram::lookback).max().orElse(0);
        try {
            var latest = engine.history().latest(device).stream().filter(it -> it.timeMicros() < before).toList();
            var last = latest.stream().mapToLong(Latest::timeMicros).max()
                    .orElse(Math.min(before, Timestamps.micros(facts.createdAt())));
            var from = Math.max(last, before - RuleProgram.micros(Limits.RULE_WINDOW)) - lookback;
            var rows = lookback == 0 ? List.<RawRows.Row>of() : engine.history().rows(device,
                    RuleProgram.metrics(programs), from, before, Limits.RULE_HISTORY_ROWS);
            return new Past(from, rows, latest);
        } catch (RuntimeException e) {
            RuleEngine.failed(device, e);
            return new Past(before - lookback, List.of(), List.of());
        }
    }

    /// Brings a new watch to where it would be had it looked all the time, without telling anybody: to the last
    /// measurement, and to the time when the newest of its rules was made, unless its rules are just carried over.
    ///
    /// @return that time
    private long recall(Watch watch, Past past, long before, Watch old) {
        var asOf = past.from;
        for (var row : past.rows) {
            watch.measured(row.timeMicros(), row.values(), null);
            asOf = row.timeMicros();
        }
        for (var latest : past.latest) {
            watch.recall(latest.metric(), latest.timeMicros(), latest.value());
            asOf = Math.max(asOf, latest.timeMicros());
        }
        watch.heardBefore(engine.history().lastHeard(watch.device), before);
        for (var rule : watch.rules()) {
            var isNew = old == null || old.rule(rule.program.rule().id()).filter(it -> it.program == rule.program)
                    .isEmpty();
            if (isNew) asOf = Math.max(asOf, Timestamps.micros(rule.program.rule().updatedAt()));
        }
        asOf = Math.min(asOf, before - 1);
        watch.tick(asOf, null);
        for (var rule : watch.rules()) rule.forget();
        return asOf;
    }

    private void carryOver(Watch old, Watch next) {
        for (var state : old.rules()) {
            if (!state.holds) {
                if (next != null) next.rule(state.program.rule().id()).filter(it -> it.program == state.program)
                        .ifPresent(it -> it.copy(state));
                continue;
            }
            var successor = next == null ? null : next.rule(state.program.rule().id()).orElse(null);
            if (successor == null) ended(state);
            else if (successor.program == state.program) successor.copy(state);
            else successor.assume(state.beganAt, state.key);
        }
    }

    /// A rule held when the platform stopped, and an alert says so.
    private void takeUp(Breach breach, DeviceId device, Watch watch, long asOf) {
        var began = Timestamps.micros(breach.beganAt());
        if (!breach.heldAfter(Timestamps.ofMicros(asOf))) return; // if it began later, that comes once more
        var rule = watch == null ? null : watch.rule(breach.rule()).orElse(null);
        if (rule != null) rule.assume(began, breach.key());
        else {
            book.find(breach.rule()).ifPresent(program -> engine.found(new Finding.Ended(program.source(), device,
                    breach.key(), Timestamps.ofMicros(asOf))));
        }
    }

    private void queue(Seat seat) {
        if (seat.watch == null) return;
        var at = seat.watch.wakeAt();
        if (at >= seat.queuedAt) return;
        seat.queuedAt = at;
        wakes.add(new Wake(at, seat));
    }

    /// What is due because time has passed.
    void tick(long settled) {
        adopt();
        attend(settled);
        while (!wakes.isEmpty() && wakes.peek().at <= settled) {
            var wake = wakes.poll();
            if (wake.seat.queuedAt != wake.at) continue; // an earlier one came after it
            wake.seat.queuedAt = Long.MAX_VALUE;
            if (wake.seat.watch == null) continue;
            wake.seat.watch.tick(settled, this);
            queue(wake.seat);
        }
        if (System.nanoTime() - lastFlush > Limits.OCCURRENCES_EVERY.toNanos()) flush();
        if (System.nanoTime() - lastFigures > Limits.RULE_FIGURES_EVERY.toNanos()) count();
    }

    private void attend(long settled) {
        var began = System.nanoTime();
        while (!changed.isEmpty() && changed.peek().at <= settled) {
            var next = changed.remove();
            var seat = seats.computeIfAbsent(next.device, _ -> new Seat());
            plan(next.device, seat, settled);
            if (seat.watch != null) {
                seat.watch.changed(settled, rule -> next.isItself || isNew(rule), this);
                queue(seat);
            }
            if (System.nanoTime() - began > ATTEND_NANOS) return;
        }
    }

    /// Whether it was made after this start. Others go on from where they were.
    private boolean isNew(RuleState rule) {
        return Timestamps.micros(rule.program.rule().updatedAt()) >= started;
    }

    @Override
    public void begun(RuleState rule) {
        findings++;
        engine.found(new Finding.Begun(rule.program.source(), rule.watch.device, rule.key,
                Timestamps.ofMicros(rule.now), message(rule), Explained.why(rule)));
    }

    @Override
    public void occurred(RuleState rule) {
        if (rule.occurred++ == 0) occurring.add(rule);
        rule.occurredAt = rule.now;
    }

    @Override
    public void ended(RuleState rule) {
        findings++;
        flush(rule);
        engine.found(new Finding.Ended(rule.program.source(), rule.watch.device, rule.key,
                Timestamps.ofMicros(rule.now)));
    }

    private void flush() {
        lastFlush = System.nanoTime();
        occurring.forEach(this::flush);
        occurring.clear();
    }

    private void flush(RuleState rule) {
        if (rule.occurred == 0) return;
        engine.found(new Finding.Occurred(rule.program.source(), rule.watch.device, rule.key,
                Timestamps.ofMicros(rule.occurredAt), rule.occurred, message(rule)));
        rule.occurred = 0;
    }

    static String message(RuleState rule) {
        try {
            return rule.program.message().text(rule.from(rule.program.messageFirst()));
        } catch (EvaluationException _) {
            rule.program.faults().increment();
            return rule.program.rule().name();
        }
    }

    private void count() {
        lastFigures = System.nanoTime();
        var late = 0L;
        var states = 0L;
        var bytes = 0L;
        var watched = 0L;
        for (var seat : seats.values()) {
            if (seat.watch == null) continue;
            watched++;
            late += seat.watch.late();
            states += seat.programs.size();
            bytes += seat.watch.bytes();
        }
        figures = new RuleEngine.Figures(evaluations, findings, late, watched, states, bytes);
    }

    RuleEngine.Figures figures() {
        return figures;
    }
}
