package io.iotflow.server.processing;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.language.EvaluationException;
import io.iotflow.server.language.Expression;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One record of a message while rules run over it. What was sent is not touched: the first change makes a copy.
/// Belongs to one thread.
final class Work {
    static final String RAW = ":raw";
    static final String QUALITY = ":quality";
    static final String NOT_ADMITTED =
            ": the device has it with another type, or as many metrics as it may have";

    private final DevicePlan plan;
    private final DeviceId device;
    private final SeriesGuard guard;
    private final QualityStates states;
    private final Budget budget;
    private final List<Measurement> sent;
    private long timeMicros;
    private List<Measurement> items;
    private Mark[] marks;
    private List<Judged> judged;

    /// What happened to one measurement.
    private static final class Mark {
        /// As it was sent, and what changed it first; null while nothing has.
        Value raw;
        Planned changedBy;
        /// The worst that a range has said, and which; null while none has.
        Quality quality;
        Planned judgedBy;
        boolean isRemoved;
    }

    /// What to remember when the record is in the log.
    record Judged(int range, long timeMicros, Quality quality) {}

    /// @param sent measurements of one time
    ///
    /// @param budget of the message
    Work(DevicePlan plan, List<Measurement> sent, Budget budget) {
        this.plan = plan;
        this.budget = budget;
        this.device = plan.device().id();
        this.guard = plan.guard();
        this.states = plan.states();
        this.sent = sent;
        this.timeMicros = sent.getFirst().timeMicros();
        this.items = sent;
    }

    void run(Planned planned) {
        if (budget.isSpent(planned)) return;
        budget.look(items.size());
        switch (planned.step()) {
            case Step.Calibrate(var metric, var multiplier, var offset) ->
                    scale(planned, metric, multiplier, offset);
            case Step.Convert(var metric, _, _, var by) -> scale(planned, metric, by.multiplier(), by.offset());
            case Step.Range range -> judge(planned, range);
            case Step.Derive(var metric, var expression) -> derive(planned, metric, expression);
            case Step.Drop drop -> drop(planned, drop);
            case Step.Decode(var expression, var from, _) -> {
                if (from != null) decode(planned, expression, from);
            }
            case Step.Rename(var metric, var to) -> rename(planned, metric, to);
        }
    }

    private void scale(Planned planned, String metric, double multiplier, double offset) {
        for (var i = 0; i < items.size(); i++) {
            if (!isThere(i, metric)) continue;
            var value = items.get(i).value();
            var number = number(value);
            if (Double.isNaN(number)) continue;
            var scaled = Math.fma(number, multiplier, offset);
            if (scaled == number) continue;
            if (Double.isFinite(scaled)) replace(planned, i, new Value.Real(scaled));
            else planned.fault("makes " + metric + " greater than any number; it is kept as it was sent");
        }
    }

    private void judge(Planned planned, Step.Range range) {
        for (var i = 0; i < items.size(); i++) {
            if (!isThere(i, range.metric())) continue;
            var number = number(items.get(i).value());
            if (Double.isNaN(number)) continue;
            var quality = range.judge(number);
            var known = markOf(i);
            if (quality == Quality.VALID && (known == null || known.quality == null)
                    && states.at(planned.range()) == Quality.VALID) continue;
            var mark = mark(i);
            if (mark.quality == null || mark.quality.compareTo(quality) < 0) {
                mark.quality = quality;
                mark.judgedBy = planned;
            }
            if (quality == Quality.INVALID && range.drops()) mark.isRemoved = true;
        }
    }

    private void drop(Planned planned, Step.Drop drop) {
        if (drop.metric() == null && !isTrue(planned, drop.when(), null)) return;
        for (var i = 0; i < items.size(); i++) {
            if (!isThere(i)) continue;
            if (drop.metric() != null && (!items.get(i).metric().equals(drop.metric())
                    || drop.when() != null && !isTrue(planned, drop.when(), items.get(i).value()))) continue;
            var mark = mark(i);
            mark.isRemoved = true;
            mark.quality = null;
        }
    }

    private boolean isTrue(Planned planned, Expression when, Value value) {
        var seen = surroundings(planned, value);
        try {
            return when.truth(seen);
        } catch (EvaluationException e) {
            if (!seen.isIncomplete()) planned.fault(e.getMessage() + " Nothing was dropped.");
            return false;
        } finally {
            budget.evaluated(when, seen);
        }
    }

    /// @param value of the metric that the step is about; null if the record has none
    private RecordSurroundings surroundings(Planned planned, Value value) {
        return new RecordSurroundings(plan.facts(), timeMicros, this, planned.inputs(),
                value == null ? Map.of() : Map.of("value", RecordSurroundings.outward(value)));
    }

    private void derive(Planned planned, String metric, Expression expression) {
        var at = find(metric);
        var seen = surroundings(planned, at < 0 ? null : items.get(at).value());
        Value made;
        try {
            made = value(expression.value(seen));
        } catch (EvaluationException | IllegalArgumentException e) {
            // Without what it needs it has nothing to say, which is no fault.
            if (!seen.isIncomplete()) planned.fault(e.getMessage());
            return;
        } finally {
            budget.evaluated(expression, seen);
        }
        if (made == null) return;
        var before = at < 0 ? null : items.get(at).value();
        if (isSame(made, before)) return;
        if ((before == null || before.type() != made.type()) && !guard.admits(device, metric, made.type())) {
            planned.fault("cannot write " + metric + NOT_ADMITTED);
        } else if (!budget.affords(made, before == null)) {
            budget.isSpent(planned);
        } else if (before == null) {
            own();
            items.add(new Measurement(metric, timeMicros, made));
        } else replace(planned, at, made);
    }

    private static boolean isSame(Value one, Value other) {
        return other != null && (one.equals(other) || number(one) == number(other));
    }

    /// Null for nothing.
    ///
    /// @throws IllegalArgumentException for what no measurement can hold
    private static Value value(Object result) {
        return switch (result) {
            case null -> null;
            case Double number when Double.isFinite(number) -> new Value.Real(number);
            case Double number -> throw new IllegalArgumentException("gives no number (" + number + ")");
            case Boolean flag -> new Value.Flag(flag);
            case String text when text.length() <= TelemetryLimits.STANDARD.textChars()
                    && StorableText.accepts(text) -> new Value.Text(text);
            case String _ -> throw new IllegalArgumentException("gives a text that is too long or broken");
            default -> throw new IllegalArgumentException("gives a list or an object; give a number, a text or true "
                    + "or false");
        };
    }

    private void decode(Planned planned, Expression expression, String from) {
        var at = find(from);
        if (at < 0 || !(items.get(at).value() instanceof Value.Text(var text))) return;
        var seen = new RecordSurroundings(plan.facts(), timeMicros, this, planned.inputs(),
                RecordSurroundings.payload(text.getBytes(StandardCharsets.UTF_8), text, ""));
        try {
            var made = Decoder.decode(expression, seen, timeMicros);
            own();
            var places = new HashMap<Place, Integer>();
            for (var i = 0; i < items.size(); i++) if (isThere(i)) places.put(Place.of(items.get(i)), i);
            for (var measurement : made) add(planned, measurement, places);
            timeMicros = made.getLast().timeMicros();
        } catch (Decoder.Fault e) {
            planned.fault(e.getMessage());
        } finally {
            budget.evaluated(expression, seen);
        }
    }

    private record Place(String metric, long timeMicros) {
        static Place of(Measurement measurement) {
            return new Place(measurement.metric(), measurement.timeMicros());
        }
    }

    /// @param places of all that is there
    private void add(Planned planned, Measurement made, Map<Place, Integer> places) {
        if (budget.isSpent(planned)) return;
        if (!guard.admits(device, made.metric(), made.value().type())) {
            planned.fault("cannot write " + made.metric() + NOT_ADMITTED);
            return;
        }
        if (!budget.affords(made.value(), true)) {
            budget.isSpent(planned);
            return;
        }
        var before = places.put(Place.of(made), items.size());
        items.add(made);
        if (before != null) mark(before).isRemoved = true;
    }

    long timeMicros() {
        return timeMicros;
    }

    int size() {
        return items.size();
    }

    /// The last of this name, or -1.
    private int find(String metric) {
        for (var i = items.size() - 1; i >= 0; i--) if (isThere(i, metric)) return i;
        return -1;
    }

    /// Null if the record has no such metric.
    Value valueOf(String metric) {
        var at = find(metric);
        return at < 0 ? null : items.get(at).value();
    }

    private void rename(Planned planned, String metric, String to) {
        for (var i = 0; i < items.size(); i++) {
            if (!isThere(i, metric)) continue;
            var item = items.get(i);
            if (!guard.admits(device, to, item.value().type())) {
                planned.fault("cannot write " + to + NOT_ADMITTED + "; " + metric + " keeps its name");
                continue;
            }
            if (budget.isSpent(planned)) return;
            budget.look(items.size());
            for (var j = 0; j < items.size(); j++) if (j != i && isThere(j, to)) mark(j).isRemoved = true;
            own();
            items.set(i, new Measurement(to, item.timeMicros(), item.value()));
        }
    }

    private boolean isThere(int i, String metric) {
        return items.get(i).metric().equals(metric) && isThere(i);
    }

    private boolean isThere(int i) {
        var mark = markOf(i);
        return mark == null || !mark.isRemoved;
    }

    /// NaN for what is none.
    static double number(Value value) {
        return switch (value) {
            case Value.Real(var number) -> number;
            case Value.Whole(var number) -> number;
            case Value.Flag _, Value.Text _, Value.Sealed _ -> Double.NaN;
        };
    }

    private void replace(Planned planned, int i, Value value) {
        own();
        var before = items.get(i);
        items.set(i, new Measurement(before.metric(), before.timeMicros(), value));
        var mark = mark(i);
        if (mark.raw != null) return;
        mark.raw = before.value();
        mark.changedBy = planned;
    }

    private void own() {
        if (items == sent) items = new ArrayList<>(sent);
    }

    private Mark markOf(int i) {
        return marks == null || i >= marks.length ? null : marks[i];
    }

    private Mark mark(int i) {
        if (marks == null) marks = new Mark[items.size()];
        else if (i >= marks.length) marks = Arrays.copyOf(marks, items.size());
        if (marks[i] == null) marks[i] = new Mark();
        return marks[i];
    }

    /// What is to be kept: the very list that was sent if nothing has changed.
    List<Measurement> result() {
        if (items == sent && marks == null) return sent;
        var kept = new ArrayList<Measurement>(items.size() + 4);
        var written = mayHaveSuchNames() ? new HashSet<String>() : null;
        for (var i = 0; i < items.size(); i++) {
            var item = items.get(i);
            var mark = markOf(i);
            if (mark == null || !mark.isRemoved) kept.add(item);
            if (mark == null) continue;
            var before = kept.size();
            if (mark.raw != null && !mark.isRemoved) note(mark.changedBy, kept, item, RAW, mark.raw);
            if (mark.quality != null) quality(kept, item, mark);
            if (written == null) continue;
            for (var j = before; j < kept.size(); j++) written.add(kept.get(j).metric());
        }
        if (written != null) withoutSent(kept, written);
        return kept;
    }

    /// Whether a device might have sent what a rule writes.
    private boolean mayHaveSuchNames() {
        for (var i = 0; i < items.size(); i++) if (items.get(i).metric().indexOf(':') >= 0) return true;
        return false;
    }

    /// A device may send any name. Where a rule writes the same, the rule wins.
    private void withoutSent(List<Measurement> kept, Set<String> written) {
        Set<Measurement> theirs = null;
        for (var item : items) {
            if (item.metric().indexOf(':') < 0 || !written.contains(item.metric())) continue;
            if (theirs == null) theirs = Collections.newSetFromMap(new IdentityHashMap<>());
            theirs.add(item);
        }
        if (theirs != null) kept.removeIf(theirs::contains);
    }

    private void quality(List<Measurement> kept, Measurement item, Mark mark) {
        var range = mark.judgedBy.range();
        var known = states.at(range);
        if (judged == null) judged = new ArrayList<>(1);
        judged.add(new Judged(range, item.timeMicros(), mark.quality));
        // Before this start it may have been anything, if it ever was anything but valid.
        var isNews = mark.quality != Quality.VALID || (known == null
                ? guard.has(device, item.metric() + QUALITY) : known != Quality.VALID);
        if (isNews) note(mark.judgedBy, kept, item, QUALITY, mark.quality.text());
    }

    private void note(Planned by, List<Measurement> kept, Measurement item, String suffix, Value value) {
        var name = by.name(item.metric(), suffix);
        if (guard.admits(device, name, value.type())) kept.add(new Measurement(name, item.timeMicros(), value));
        else by.fault("cannot write " + name + NOT_ADMITTED);
    }

    /// Filled by [#result].
    List<Judged> judged() {
        return judged == null ? List.of() : judged;
    }

    /// As things stand after the steps so far, for whoever tries a rule.
    List<Sight> sight() {
        var seen = new ArrayList<Sight>(items.size());
        for (var i = 0; i < items.size(); i++) {
            var mark = markOf(i);
            if (mark != null && mark.isRemoved) continue;
            seen.add(new Sight(items.get(i), mark == null ? null : mark.raw, mark == null ? null : mark.quality));
        }
        return seen;
    }

    /// @param raw     null where it is what was sent
    /// @param quality null where nothing was judged
    record Sight(Measurement measurement, Value raw, Quality quality) {}
}
