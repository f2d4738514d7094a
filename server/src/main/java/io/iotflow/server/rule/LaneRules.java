package io.iotflow.server.rule;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.alert.Breach;
import io.iotflow.server.alert.Finding;
import io.iotflow.server.alert.Pending;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.language.EvaluationException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/// The rules of one lane's devices. Everything but [#changed], [#askPending] and [#figures] is for the lane's thread.
final class LaneRules implements Watch.Findings {
    /// How long a lane may attend to devices that have not sent anything before it looks at its log again.
    private static final long ATTEND_NANOS = 50_000_000;

    private final RuleEngine engine;
    private final int number;
    private final Map<DeviceId, Seat> seats = new HashMap<>();
    private final TreeSet<Seat> wakes = new TreeSet<>(Comparator.<Seat>comparingLong(seat -> seat.queuedAt)
            .thenComparingLong(seat -> seat.device.value()));
    private final Queue<Changed> changed = new ConcurrentLinkedQueue<>();
    /// Those of them whose shadow has changed, perhaps many times.
    private final Set<DeviceId> shadows = ConcurrentHashMap.newKeySet();
    private final Map<DeviceId, OwnDoing> ownDoings = new ConcurrentHashMap<>();
    private final Queue<Signalled> signals = new ArrayBlockingQueue<>(Limits.RULE_SIGNALS);
    private final Queue<CompletableFuture<List<Pending>>> pendingAsked = new ConcurrentLinkedQueue<>();
    private final List<RuleState> occurring = new ArrayList<>();
    private final LaneBreaches breaches;
    private RuleBook book = RuleBook.EMPTY;
    private volatile RuleEngine.Figures figures = new RuleEngine.Figures(0, 0, 0, 0, 0, 0, 0);
    /// While an event is told to the rules of a device that somebody follows.
    private Followed followed;
    private long evaluations;
    private long findings;
    private final long started;
    private long lastFlush = System.nanoTime();
    private long lastFigures = System.nanoTime();

    /// Where a device's watch sits; without one when no rule is for it.
    private static final class Seat {
        final DeviceId device;
        RuleBook book;
        List<RuleProgram> programs = List.of();
        Watch watch;
        /// When it is to be woken; it stands in the queue once, if at all.
        long queuedAt = Long.MAX_VALUE;

        Seat(DeviceId device) {
            this.device = device;
        }
    }

    /// A device to be attended to although it sends nothing, as soon as all that it sent by then has been dealt with.
    ///
    /// @param isItself whether the device has changed, and not the rules
    private record Changed(DeviceId device, boolean isItself, long at) {}

    /// A revision of a device, and the rule that made it.
    private record OwnDoing(long revision, long rule) {}

    private record Signalled(DeviceId device, Signal signal, long at) {}

    LaneRules(RuleEngine engine, int number) {
        this.engine = engine;
        this.number = number;
        this.started = engine.now();
        breaches = new LaneBreaches(engine);
    }

    /// Before the lane starts: what alerts say that held when the platform stopped.
    void held(Breach breach) {
        breaches.add(breach);
    }

    void changed(DeviceId device) {
        changed.add(new Changed(device, true, engine.now()));
    }

    void shadowChanged(DeviceId device) {
        if (shadows.add(device)) changed(device);
    }

    void changedByRule(DeviceId device, long revision, long rule) {
        ownDoings.merge(device, new OwnDoing(revision, rule), (before, now) ->
                before.revision > now.revision ? before : now);
    }

    /// Whether the device is as the rule itself has made it.
    private boolean isOwnDoing(RuleState rule) {
        var own = ownDoings.get(rule.watch.device);
        if (own == null) return false;
        var revision = rule.watch.facts().device().revision();
        if (revision > own.revision) ownDoings.remove(rule.watch.device, own);
        return revision == own.revision && own.rule == rule.program.rule().id();
    }

    /// Beyond [Limits#RULE_SIGNALS] that wait it is as if nothing had happened.
    void signalled(DeviceId device, Signal signal) {
        signals.offer(new Signalled(device, signal, engine.now()));
    }

    /// Answered a few times a second.
    CompletableFuture<List<Pending>> askPending() {
        var answer = new CompletableFuture<List<Pending>>();
        pendingAsked.add(answer);
        return answer;
    }

    private void answerPending() {
        if (pendingAsked.isEmpty()) return;
        var list = Survey.pending(watches());
        for (var asked = pendingAsked.poll(); asked != null; asked = pendingAsked.poll()) asked.complete(list);
    }

    private Stream<Watch> watches() {
        return seats.values().stream().map(seat -> seat.watch).filter(Objects::nonNull);
    }

    void on(DeviceEvent event) {
        adopt();
        var trace = engine.traceOf(event.device());
        if (trace == null && book.programs().isEmpty() && breaches.isEmpty() && seats.isEmpty()) return;
        var seat = seat(event.device(), begin(event));
        if (seat.watch == null) {
            if (trace != null) trace.rules(Optional.of(Timestamps.ofMicros(event.receivedMicros())), List.of());
            return;
        }
        if (trace == null) tell(event, seat);
        else {
            followed = new Followed(seat.watch);
            try {
                tell(event, seat);
                trace.rules(Optional.of(Timestamps.ofMicros(event.receivedMicros())), followed.said());
            } finally {
                followed = null;
            }
        }
        queue(seat);
    }

    private static long begin(DeviceEvent event) {
        if (!(event instanceof DeviceEvent.TelemetryReceived received)) return event.receivedMicros();
        var first = Long.MAX_VALUE;
        for (var it : received.measurements()) first = Math.min(first, it.timeMicros());
        // A clock that stands at 1970 does not make the rules begin there.
        return Math.max(first, received.receivedMicros() - RuleProgram.micros(Limits.RULE_WINDOW));
    }

    private void tell(DeviceEvent event, Seat seat) {
        switch (event) {
            case DeviceEvent.TelemetryReceived received -> {
                evaluations += seat.programs.size();
                seat.watch.measured(received.measurements(), received.receivedMicros(), this);
            }
            case DeviceEvent.HeartbeatReceived _, DeviceEvent.StatusReceived _, DeviceEvent.ErrorReceived _,
                 DeviceEvent.ResultReceived _, DeviceEvent.ShadowReceived _, DeviceEvent.FirmwareReceived _ ->
                    seat.watch.heard(event.receivedMicros(), this);
        }
    }

    /// Somebody may be following the device.
    private void follow(String event, RuleState rule) {
        if (followed != null) {
            followed.found(event, rule);
            return;
        }
        var trace = engine.traceOf(rule.watch.device);
        if (trace == null) return;
        var alone = new Followed(rule.watch);
        alone.found(event, rule);
        trace.rules(Optional.empty(), alone.found());
    }

    /// Takes the rules as they are now. What devices of this lane have measured up to now is then in the store before
    /// any of them is looked at by a new rule.
    private void adopt() {
        var now = engine.book();
        if (now == book) return;
        var devices = engine.devicesOf(number);
        engine.history().catchUp();
        book = now;
        changed.removeIf(it -> !it.isItself);
        var at = engine.now();
        for (var device : devices) changed.add(new Changed(device, false, at));
        for (var device : breaches.devices()) changed.add(new Changed(device, false, at));
    }

    /// @param before the time of what is about to be told to the watch
    private Seat seat(DeviceId device, long before) {
        var seat = seats.computeIfAbsent(device, Seat::new);
        if (seat.book != book) plan(device, seat, before);
        return seat;
    }

    /// What throws here, because the database does not answer, say, is done again with the device's next event.
    private void plan(DeviceId device, Seat seat, long before) {
        var facts = engine.facts(device);
        var programs = facts.map(book::of).orElse(List.of());
        if (seat.watch != null) facts.ifPresent(seat.watch::facts);
        if (!programs.equals(seat.programs) || breaches.waitFor(device)) {
            var old = seat.watch;
            var next = programs.isEmpty() ? null : watch(device, facts.orElseThrow(), programs, before, old);
            if (old != null) carryOver(old, next == null ? null : next.watch);
            seat.watch = next == null ? null : next.watch;
            breaches.takeUp(device, seat.watch, next == null ? before - 1 : next.asOf, before - 1);
            if (seat.watch != null) seat.watch.wakeUpEarliest();
            seat.programs = programs;
            queue(seat);
        }
        seat.book = book;
        if (facts.isEmpty() || facts.get().device().status() == DeviceStatus.DECOMMISSIONED) leave(device, seat);
    }

    private void leave(DeviceId device, Seat seat) {
        wakes.remove(seat);
        seats.remove(device);
    }

    /// @param asOf until when it was brought up, without telling anybody
    private record Planned(Watch watch, long asOf) {}

    /// A watch for these rules. Those that looked before, and what is known of metrics, are carried over from the old
    /// one; of the past only what others need is read.
    private Planned watch(DeviceId device, WatchedDevice facts, List<RuleProgram> programs, long before, Watch old) {
        var fresh = old == null ? programs : programs.stream().filter(program ->
                old.rule(program.rule().id()).filter(it -> it.program == program).isEmpty()).toList();
        var past = Past.of(engine.history(), facts.device(), fresh, before);
        // Asked before the first row, so that what has held all the time does not begin with it.
        var watch = new Watch(device, facts, programs, past.from() - 1,
                Timestamps.micros(facts.device().createdAt()), true);
        var asOf = recall(watch, past, before, fresh);
        if (old != null) watch.adopt(old);
        return new Planned(watch, asOf);
    }

    /// Brings a new watch to where it would be had it looked all the time, without telling anybody: to the last
    /// measurement, and to the time when the newest of its rules was made, unless its rules are just carried over.
    ///
    /// @return that time
    private long recall(Watch watch, Past past, long before, List<RuleProgram> fresh) {
        var asOf = past.from();
        for (var it : past.known()) watch.recall(it.metric(), it.timeMicros(), it.value());
        for (var row : past.rows()) {
            watch.measured(row.timeMicros(), row.values(), null);
            asOf = row.timeMicros();
        }
        for (var latest : past.latest()) {
            watch.recall(latest.metric(), latest.timeMicros(), latest.value());
            asOf = Math.max(asOf, latest.timeMicros());
        }
        watch.heardBefore(engine.history().lastHeard(watch.device), before);
        for (var program : fresh) asOf = Math.max(asOf, Timestamps.micros(program.changedAt()));
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
            // Alerts of a rule that is tried, and of one that is not, are different ones.
            else if (successor.program.source().isShadow() == state.program.source().isShadow()) {
                successor.assume(state.beganAt, state.key);
            }
        }
    }

    private void queue(Seat seat) {
        if (seat.watch == null) return;
        var at = seat.watch.wakeAt();
        if (at >= seat.queuedAt) return;
        wakes.remove(seat);
        seat.queuedAt = at;
        wakes.add(seat);
    }

    /// What is due because time has passed.
    void tick(long settled) {
        adopt();
        attend(settled);
        hear(settled);
        var began = System.nanoTime();
        while (!wakes.isEmpty() && wakes.first().queuedAt <= settled && System.nanoTime() - began < ATTEND_NANOS) {
            var seat = wakes.removeFirst();
            seat.queuedAt = Long.MAX_VALUE;
            if (seat.watch == null) continue;
            seat.watch.tick(settled, this);
            queue(seat);
        }
        answerPending();
        if (System.nanoTime() - lastFlush > Limits.OCCURRENCES_EVERY.toNanos()) flush();
        if (System.nanoTime() - lastFigures > Limits.RULE_FIGURES_EVERY.toNanos()) count();
    }

    private void attend(long settled) {
        var began = System.nanoTime();
        while (!changed.isEmpty() && changed.peek().at <= settled) {
            var next = changed.remove();
            shadows.remove(next.device); // before it is looked at: what changes from now on is a change more
            var seat = seats.computeIfAbsent(next.device, Seat::new);
            plan(next.device, seat, settled);
            if (seat.watch != null) {
                breaches.prove(seat.watch, settled, this);
                seat.watch.changed(settled, rule -> !isOwnDoing(rule) && (next.isItself || isNew(rule)), this);
                queue(seat);
            }
            if (System.nanoTime() - began > ATTEND_NANOS) return;
        }
    }

    private void hear(long settled) {
        while (!signals.isEmpty() && signals.peek().at <= settled) {
            var next = signals.remove();
            var seat = seat(next.device, next.at);
            if (seat.watch == null) continue;
            seat.watch.signalled(next.at, next.signal, this);
            queue(seat);
        }
    }

    /// Whether it, or what it names, was made after this start. Others go on from where they were.
    private boolean isNew(RuleState rule) {
        return Timestamps.micros(rule.program.changedAt()) >= started;
    }

    @Override
    public void begun(RuleState rule) {
        findings++;
        breaches.begun(rule);
        follow("begun", rule);
        engine.found(new Finding.Begun(rule.program.source(), rule.watch.device, rule.key,
                Timestamps.ofMicros(rule.now), message(rule), Explained.why(rule)));
    }

    @Override
    public void occurred(RuleState rule) {
        if (followed != null) followed.found("occurred", rule);
        if (rule.occurred++ == 0) occurring.add(rule);
    }

    @Override
    public void ended(RuleState rule) {
        findings++;
        follow("ended", rule);
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
                Timestamps.ofMicros(rule.toldAt), rule.occurred, message(rule)));
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
        figures = Survey.figures(watches(), evaluations, findings);
    }

    RuleEngine.Figures figures() {
        return figures;
    }
}
