package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.language.Input;
import io.iotflow.server.language.Surroundings;
import io.iotflow.server.language.WindowStatistics;
import java.util.Arrays;

/// One rule at one device: what its condition remembers, and what it sees. For the device's thread only.
final class RuleState implements Surroundings {
    private static final long[] NO_SLOTS = {};

    final RuleProgram program;
    final Watch watch;
    /// What the parts of the condition remember, each in places of its own.
    final long[] slots;
    private final Object[] inputs;
    /// Whether the condition held when it was last asked, and the alert's key since then.
    boolean holds;
    String key = "";
    long beganAt = MetricState.NEVER;
    /// When it was found true last.
    long toldAt = MetricState.NEVER;
    /// When it was last asked, by the measurements' clock; it never goes back.
    long now = MetricState.NEVER;
    /// Whether it is asked because time has passed, and not because something was measured.
    boolean isTick;
    /// When the answer may change although nothing is measured.
    long wakeAt = Long.MAX_VALUE;
    /// Times that it was found true since somebody was told.
    int occurred;
    /// The record that touched it last, and by which metric.
    int stamp;
    MetricState trigger;
    private boolean isFaulty;

    RuleState(RuleProgram program, Watch watch) {
        this.program = program;
        this.watch = watch;
        slots = program.slots() == 0 ? NO_SLOTS : new long[program.slots()];
        Arrays.fill(slots, MetricState.NEVER);
        inputs = new Object[program.inputs().size()];
        for (var i = 0; i < inputs.length; i++) {
            var metric = watch.metric(RuleProgram.metric(program.inputs().get(i)));
            // What only its message reads does not make a rule speak.
            if (i < program.messageFirst() || i >= program.keyFirst()) metric.readBy(this);
            inputs[i] = program.inputs().get(i) instanceof Input.Window(_, var length)
                    ? metric.window(RuleProgram.micros(length)) : metric;
        }
    }

    MetricState metric(int input) {
        return (MetricState) inputs[input];
    }

    /// The statistics as of now.
    WindowSketch sketch(int input) {
        var sketch = (WindowSketch) inputs[input];
        sketch.advance(now);
        return sketch;
    }

    /// Whether anything is known that it reads. A rule says nothing of metrics that were never measured, unless it
    /// waits for silence.
    boolean canBeAsked() {
        if (program.messageFirst() == 0 || program.watchesSilence()) return true;
        for (var i = 0; i < program.messageFirst(); i++) {
            var input = inputs[i];
            if (input instanceof MetricState metric ? metric.time != MetricState.NEVER
                    : ((WindowSketch) input).count() > 0) return true;
        }
        return false;
    }

    /// Whether the present record has a new value of this metric.
    boolean isTouched(int input) {
        return !isTick && metric(input).stamp == watch.stamp();
    }

    /// This, as an expression sees it whose inputs begin there.
    RuleState from(int first) {
        watch.firstInput = first;
        return this;
    }

    @Override
    public double number(int input) {
        var at = watch.firstInput + input;
        var metric = (MetricState) inputs[at];
        return program.inputs().get(at) instanceof Input.Previous ? metric.previous : metric.number;
    }

    @Override
    public Object value(int input) {
        var at = watch.firstInput + input;
        var metric = (MetricState) inputs[at];
        return program.inputs().get(at) instanceof Input.Previous ? metric.previousValue() : metric.value();
    }

    @Override
    public WindowStatistics window(int input) {
        return sketch(watch.firstInput + input);
    }

    @Override
    public Object current() {
        return trigger == null ? null : trigger.value();
    }

    @Override
    public double currentNumber() {
        return trigger == null ? Double.NaN : trigger.number;
    }

    @Override
    public long timeMicros() {
        return now;
    }

    @Override
    public Object device(String field) {
        if (!field.equals("last_seen")) return watch.facts().field(field, program.rule().organization());
        return watch.heardAt() == MetricState.NEVER ? null : (Object) (watch.heardAt() / 1e3);
    }

    @Override
    public JsonNode metadata() {
        return watch.facts().metadata();
    }

    @Override
    public JsonNode shadow() {
        return watch.facts().shadow().get();
    }

    @Override
    public boolean inside(String geofence) {
        return program.places().isInside(this, geofence);
    }

    @Override
    public Object local(String name) {
        return null;
    }

    /// Nobody was told that it holds.
    void forget() {
        holds = false;
        key = "";
        beganAt = MetricState.NEVER;
    }

    /// A part of the condition could not be evaluated: as a whole it does not hold then, whatever its other parts say.
    void fault() {
        isFaulty = true;
        program.faults().increment();
    }

    /// Whether there was a fault since it was looked for.
    boolean takeFault() {
        var was = isFaulty;
        isFaulty = false;
        return was;
    }

    /// It is where the same rule was before.
    void copy(RuleState before) {
        System.arraycopy(before.slots, 0, slots, 0, slots.length);
        holds = before.holds;
        key = before.key;
        beganAt = before.beganAt;
        now = before.now;
        toldAt = before.toldAt;
        wakeAt = before.wakeAt;
        trigger = watch.known(before.trigger);
        occurred = 0;
    }

    /// It holds since then, for that was told.
    void assume(long since, String alertKey) {
        holds = true;
        key = alertKey;
        beganAt = since;
        program.condition().assume(this, since);
    }

    /// What it takes of memory, about, without the metrics and windows that it shares.
    int bytes() {
        return 80 + (slots.length == 0 ? 0 : 16 + slots.length * Long.BYTES) + Watch.arrayBytes(inputs.length);
    }
}
