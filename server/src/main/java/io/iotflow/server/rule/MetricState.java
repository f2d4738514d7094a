package io.iotflow.server.rule;

import io.iotflow.protocol.Value;
import java.util.Arrays;

/// What is known of one metric of one device, as far as a rule reads it. For the device's thread only.
final class MetricState {
    static final long NEVER = Long.MIN_VALUE;
    private static final WindowSketch[] NO_WINDOWS = {};
    private static final long[] NO_LENGTHS = {};
    private static final RuleState[] NO_READERS = {};

    final String name;
    /// The newest value: a number, or a truth value or text in its place.
    double number = Double.NaN;
    private Object other;
    long time = NEVER;
    double previous = Double.NaN;
    private Object previousOther;
    long previousTime = NEVER;
    /// Of the device's record by which the value came.
    int stamp;
    private WindowSketch[] windows = NO_WINDOWS;
    private long[] lengths = NO_LENGTHS;
    private RuleState[] readers = NO_READERS;

    MetricState(String name) {
        this.name = name;
    }

    RuleState[] readers() {
        return readers;
    }

    void readBy(RuleState rule) {
        for (var known : readers) if (known == rule) return;
        readers = Arrays.copyOf(readers, readers.length + 1);
        readers[readers.length - 1] = rule;
    }

    /// The statistics over so many microseconds; rules that ask for the same share them.
    WindowSketch window(long micros) {
        for (var i = 0; i < windows.length; i++) if (lengths[i] == micros) return windows[i];
        windows = Arrays.copyOf(windows, windows.length + 1);
        lengths = Arrays.copyOf(lengths, lengths.length + 1);
        lengths[lengths.length - 1] = micros;
        return windows[windows.length - 1] = new WindowSketch(micros);
    }

    /// Takes a newer value.
    ///
    /// @return false for one that is late or came before, which changes nothing
    boolean take(long timeMicros, Value value, int record) {
        if (timeMicros <= time) return false;
        previous = number;
        previousOther = other;
        previousTime = time;
        number = number(value);
        other = other(value);
        time = timeMicros;
        stamp = record;
        if (!Double.isNaN(number)) for (var window : windows) window.add(timeMicros, number);
        return true;
    }

    /// Goes on from what another knew of the same metric. Windows that the other had not stay as they are.
    void copy(MetricState from) {
        number = from.number;
        other = from.other;
        time = from.time;
        previous = from.previous;
        previousOther = from.previousOther;
        previousTime = from.previousTime;
        for (var i = 0; i < windows.length; i++) {
            for (var j = 0; j < from.windows.length; j++) {
                if (lengths[i] == from.lengths[j]) windows[i].copy(from.windows[j]);
            }
        }
    }

    Object value() {
        return Double.isNaN(number) ? other : (Object) number;
    }

    Object previousValue() {
        return Double.isNaN(previous) ? previousOther : (Object) previous;
    }

    private static double number(Value value) {
        return switch (value) {
            case Value.Real(var number) -> number;
            case Value.Whole(var number) -> number;
            case Value.Flag _, Value.Text _, Value.Sealed _ -> Double.NaN;
        };
    }

    /// Rules do not see what is sealed.
    private static Object other(Value value) {
        return switch (value) {
            case Value.Flag(var on) -> on;
            case Value.Text(var text) -> text;
            case Value.Real _, Value.Whole _, Value.Sealed _ -> null;
        };
    }

    /// What it takes of memory, about, without its windows.
    int bytes() {
        return 72 + Watch.arrayBytes(readers.length);
    }

    int windowBytes() {
        var sum = 0;
        for (var window : windows) sum += window.bytes();
        return sum;
    }
}
