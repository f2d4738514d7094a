package io.iotflow.server.rule;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Timestamps;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.language.EvaluationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// All rules of one device, and what they know of it. What happens is told by its methods, in the order of time; what
/// the rules make of it goes to `Findings`. Pure: it has no clock, no store and no thread of its own, so that history
/// gives the same findings as the present did.
///
/// For one thread at a time.
final class Watch {
    /// What the rules find out.
    interface Findings {
        void begun(RuleState rule);

        void occurred(RuleState rule);

        void ended(RuleState rule);
    }

    private static final Comparator<Measurement> BY_TIME = Comparator.comparingLong(Measurement::timeMicros);
    private static final MetricState[] NO_METRICS = {};

    final DeviceId device;
    /// Where the inputs of the expression begin that is being evaluated.
    int firstInput;
    /// By their names. Arrays and no maps: there is one of these for every device.
    private MetricState[] metrics = NO_METRICS;
    private final List<RuleState> rules;
    private final List<RuleState> forEveryRecord;
    private final List<RuleState> hearing;
    /// Those that the present record concerns.
    private List<RuleState> touched = List.of();
    private WatchedDevice facts;
    private Findings findings;
    private long heardAt = MetricState.NEVER;
    private final long since;
    private final boolean isPresent;
    /// When the platform received what is being told, or was told last, and by how much the device's clock is ahead of
    /// the platform's.
    private long receivedAt = MetricState.NEVER;
    private long skew;
    /// What is being told beside measurements; otherwise null.
    private Signal signal;
    private int stamp;
    private long late;
    private long wakeAt;

    /// @param start     when its rules are asked first
    /// @param since     from when on silence counts
    /// @param isPresent whether silence from before a rule was made does not count
    Watch(DeviceId device, WatchedDevice facts, List<RuleProgram> programs, long start, long since, boolean isPresent) {
        this.device = device;
        this.facts = facts;
        this.since = since;
        this.isPresent = isPresent;
        rules = programs.stream().map(program -> new RuleState(program, this)).toList();
        forEveryRecord = rules.stream().filter(rule -> rule.program.hearsAll()).toList();
        hearing = rules.stream().filter(rule -> !rule.program.signals().isEmpty()).toList();
        wakeAt = start;
        for (var rule : rules) rule.wakeAt = start;
    }

    /// The metric, which is known from now on.
    MetricState metric(String name) {
        var place = place(name);
        if (place >= 0) return metrics[place];
        var grown = Arrays.copyOf(metrics, metrics.length + 1);
        var at = -place - 1;
        System.arraycopy(metrics, at, grown, at + 1, metrics.length - at);
        grown[at] = new MetricState(name);
        metrics = grown;
        return grown[at];
    }

    /// Null if no rule reads it.
    private MetricState read(String name) {
        var place = place(name);
        return place < 0 ? null : metrics[place];
    }

    private int place(String name) {
        var low = 0;
        var high = metrics.length - 1;
        while (low <= high) {
            var middle = (low + high) >>> 1;
            var order = metrics[middle].name.compareTo(name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return -low - 1;
    }

    List<RuleState> rules() {
        return rules;
    }

    WatchedDevice facts() {
        return facts;
    }

    void facts(WatchedDevice now) {
        facts = now;
    }

    /// When the device was last heard of.
    long heardAt() {
        return heardAt;
    }

    /// From when on silence counts for a rule.
    long since(RuleProgram program) {
        return isPresent ? Math.max(since, Timestamps.micros(program.rule().updatedAt())) : since;
    }

    int stamp() {
        return stamp;
    }

    /// When somebody must call [#tick] at the latest.
    long wakeAt() {
        return wakeAt;
    }

    /// Measurements that were older than what was known already.
    long late() {
        return late;
    }

    Signal signal() {
        return signal;
    }

    long receivedAt() {
        return receivedAt;
    }

    long skew() {
        return skew;
    }

    /// The device has sent these, and the platform received them at that time.
    void measured(List<Measurement> measurements, long received, Findings to) {
        measured(measurements, Signal.MESSAGE, received, to);
    }

    /// The device has sent these, and it is not known when.
    void measured(List<Measurement> measurements, Findings to) {
        measured(measurements, null, 0, to);
    }

    private void measured(List<Measurement> measurements, Signal heard, long received, Findings to) {
        var ordered = measurements;
        for (var i = 1; i < measurements.size(); i++) {
            if (measurements.get(i).timeMicros() == measurements.get(i - 1).timeMicros()) continue;
            ordered = new ArrayList<>(measurements);
            ordered.sort(BY_TIME);
            break;
        }
        for (var from = 0; from < ordered.size(); ) {
            var time = ordered.get(from).timeMicros();
            tick(time - 1, to);
            begin(to);
            var end = from;
            for (; end < ordered.size() && ordered.get(end).timeMicros() == time; end++) {
                take(time, ordered.get(end).metric(), ordered.get(end).value());
            }
            var isNewest = end == ordered.size();
            if (isNewest && heard != null) {
                receivedAt = received;
                skew = time - received;
            }
            finish(time, isNewest ? heard : null);
            from = end;
        }
    }

    /// History: these values were measured at one time.
    void measured(long time, Map<String, Value> values, Findings to) {
        tick(time - 1, to);
        begin(to);
        values.forEach((metric, value) -> take(time, metric, value));
        finish(time, null);
    }

    /// The device has been heard of without measuring anything.
    void heard(long time, Findings to) {
        tick(time - 1, to);
        begin(to);
        receivedAt = time;
        finish(time, Signal.MESSAGE);
    }

    /// Something has happened that the device did not send.
    void signalled(long time, Signal what, Findings to) {
        tick(time - 1, to);
        begin(to);
        receivedAt = time;
        hear(what);
        ask(time, what);
    }

    private void begin(Findings to) {
        findings = to;
        stamp++;
        touched = List.of();
    }

    private void take(long time, String name, Value value) {
        var metric = read(name);
        if (metric == null) return;
        if (!metric.take(time, value, stamp)) {
            late++;
            return;
        }
        for (var reader : metric.readers()) {
            if (touch(reader)) reader.trigger = metric;
        }
    }

    private void finish(long time, Signal heard) {
        if (time > heardAt) {
            heardAt = time;
            for (var rule : forEveryRecord) touch(rule);
        }
        if (heard != null) hear(heard);
        ask(time, heard);
    }

    private void hear(Signal what) {
        for (var rule : hearing) if (rule.program.signals().contains(what)) touch(rule);
    }

    /// Whether the present record had not touched it yet.
    private boolean touch(RuleState rule) {
        if (rule.stamp == stamp) return false;
        rule.stamp = stamp;
        if (touched.isEmpty()) touched = new ArrayList<>(rules.size());
        touched.add(rule);
        return true;
    }

    private void ask(long time, Signal heard) {
        if (touched.isEmpty()) return;
        signal = heard;
        for (var rule : touched) ask(rule, time, false);
        signal = null;
        touched = List.of();
        wakeUpEarliest();
    }

    void wakeUpEarliest() {
        var earliest = Long.MAX_VALUE;
        for (var rule : rules) earliest = Math.min(earliest, rule.wakeAt);
        wakeAt = earliest;
    }

    /// Time has come so far, and nothing else has happened.
    void tick(long upTo, Findings to) {
        if (wakeAt > upTo) return;
        findings = to;
        while (wakeAt <= upTo) {
            for (var rule : rules) {
                if (rule.wakeAt != wakeAt) continue;
                ask(rule, wakeAt, true);
                passOver(rule, upTo);
            }
            wakeUpEarliest();
        }
    }

    /// When much time has passed at once, such as after a message with a time of long ago, a rule that is asked by the
    /// minute is asked for the last months of it only.
    private static void passOver(RuleState rule, long upTo) {
        if (rule.wakeAt - rule.now <= RuleProgram.MINUTE && rule.wakeAt < upTo - RuleProgram.LONGEST_TICKING) {
            rule.wakeAt = upTo - RuleProgram.LONGEST_TICKING;
        }
    }

    /// Something has changed that is no measurement: the device, or such rules.
    void changed(long time, Predicate<RuleState> which, Findings to) {
        tick(time, to);
        findings = to;
        for (var rule : rules) if (which.test(rule)) ask(rule, time, true);
        wakeUpEarliest();
    }

    private void ask(RuleState rule, long time, boolean isTick) {
        rule.now = Math.max(rule.now, time);
        rule.isTick = isTick;
        var canBeAsked = rule.canBeAsked();
        boolean holds;
        var key = rule.key;
        try {
            holds = canBeAsked && rule.program.condition().holds(rule) && !rule.takeFault();
            if (holds && rule.program.key().isPresent()) {
                key = rule.program.key().get().text(rule.from(rule.program.keyFirst()));
            }
        } catch (EvaluationException _) {
            rule.program.faults().increment();
            holds = false;
        }
        rule.wakeAt = canBeAsked ? Math.max(rule.program.condition().wakeAt(rule), rule.now + 1) : Long.MAX_VALUE;
        if (holds && !rule.holds) {
            begin(rule, key);
        } else if (holds && !key.equals(rule.key)) {
            end(rule);
            begin(rule, key);
        } else if (holds) {
            if (!isTick) occur(rule);
        } else if (rule.holds) {
            end(rule);
        }
    }

    private void occur(RuleState rule) {
        rule.toldAt = rule.now;
        if (findings != null) findings.occurred(rule);
    }

    /// No two beginnings have the same time, though a device's own times may go back.
    private void begin(RuleState rule, String key) {
        rule.now = Math.max(rule.now, rule.toldAt + 1);
        rule.toldAt = rule.now;
        rule.holds = true;
        rule.key = key;
        rule.beganAt = rule.now;
        if (findings != null) findings.begun(rule);
    }

    private void end(RuleState rule) {
        if (findings != null) findings.ended(rule);
        rule.forget();
    }

    /// What it takes of memory, about, without the windows.
    int bytes() {
        var sum = 112 + arrayBytes(metrics.length) + listBytes(rules) + listBytes(forEveryRecord)
                + listBytes(hearing);
        for (var rule : rules) sum += rule.bytes();
        for (var metric : metrics) sum += metric.bytes();
        return sum;
    }

    /// What an unmodifiable list takes beside its elements. The empty one is everybody's.
    private static int listBytes(List<?> list) {
        return list.isEmpty() ? 0 : 24 + arrayBytes(list.size());
    }

    /// What an array of references takes.
    static int arrayBytes(int length) {
        return length == 0 ? 0 : (16 + length * 4 + 7) / 8 * 8;
    }

    int windowBytes() {
        var sum = 0;
        for (var metric : metrics) sum += metric.windowBytes();
        return sum;
    }

    Optional<RuleState> rule(long id) {
        for (var rule : rules) if (rule.program.rule().id() == id) return Optional.of(rule);
        return Optional.empty();
    }

    /// Goes on with what another watch of the device has known.
    void adopt(Watch old) {
        for (var known : old.metrics) {
            var metric = read(known.name);
            if (metric != null) metric.copy(known);
        }
        heardAt = Math.max(heardAt, old.heardAt);
        receivedAt = old.receivedAt;
        skew = old.skew;
        late = old.late;
    }

    /// The metric as this watch knows it; null if no rule reads it.
    MetricState known(MetricState metric) {
        return metric == null ? null : read(metric.name);
    }

    /// The device was heard of at that time, unless that was not before the other.
    void heardBefore(long time, long before) {
        if (time < before) heardAt = Math.max(heardAt, time);
    }

    /// What is known from before, without asking any rule.
    void recall(String name, long time, Value value) {
        var metric = read(name);
        if (metric != null && metric.time == MetricState.NEVER) metric.take(time, value, stamp);
        heardAt = Math.max(heardAt, time);
    }
}
