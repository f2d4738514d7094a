package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Flag;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Sealed;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The metrics of one device with their types and latest values, in flat arrays: about 40 bytes a series at the usual
/// fill. Types are read without a lock and never change; everything else is under this object's lock.
final class DeviceSeries {
    private static final VarHandle NAME = MethodHandles.arrayElementVarHandle(String[].class);
    private static final Value.Type[] TYPES = Value.Type.values();
    /// How values of a series are on disk: as they are, sealed, or both where that has changed.
    static final int CLEAR = 1;
    static final int SEALED = 2;
    /// In the series' table, a series of which values are sealed.
    private static final int SEALED_CODE = 16;
    /// No form of a number: the latest value is sealed.
    private static final short SEALED_FORM = Form.ERASED;
    private static final short TEXT_FORM = 1;

    private static final long NEVER = Long.MIN_VALUE;
    private static final int INITIAL_SLOTS = 4;

    /// The device's id as the store's tables write it.
    final String symbol;
    private volatile Slots slots = new Slots(INITIAL_SLOTS);
    private int size;
    /// Whether the latest values include what the store had before this start.
    private boolean filled;
    private int generation;

    /// Open addressing; a name is published after its type. `times` is [#NEVER] where nothing is known.
    private static final class Slots {
        final String[] names;
        final byte[] types;
        /// Of [#CLEAR] and [#SEALED] those whose series is on disk.
        final byte[] kept;
        final short[] forms;
        final long[] times;
        final double[] numbers;
        String[] texts;

        Slots(int capacity) {
            names = new String[capacity];
            types = new byte[capacity];
            kept = new byte[capacity];
            forms = new short[capacity];
            times = new long[capacity];
            numbers = new double[capacity];
            Arrays.fill(times, NEVER);
        }

        /// The slot of a metric, or the bitwise complement of the free one where it would go.
        int find(String metric) {
            var mask = names.length - 1;
            var hash = metric.hashCode();
            for (var slot = (hash ^ hash >>> 16) & mask; ; slot = slot + 1 & mask) {
                var name = (String) NAME.getAcquire(names, slot);
                if (name == null) return ~slot;
                if (name.equals(metric)) return slot;
            }
        }

        void copy(Slots from, int old) {
            var slot = ~find(from.names[old]);
            types[slot] = from.types[old];
            kept[slot] = from.kept[old];
            forms[slot] = from.forms[old];
            times[slot] = from.times[old];
            numbers[slot] = from.numbers[old];
            if (from.texts != null) {
                if (texts == null) texts = new String[names.length];
                texts[slot] = from.texts[old];
            }
            names[slot] = from.names[old];
        }
    }

    /// As the series' table writes a type and how it is kept.
    static byte code(Value.Type type, int kept) {
        return (byte) (type.ordinal() + (kept == SEALED ? SEALED_CODE : 0));
    }

    static Value.Type typeOf(byte code) {
        return TYPES[code % SEALED_CODE];
    }

    static int keptOf(byte code) {
        return code < SEALED_CODE ? CLEAR : SEALED;
    }

    DeviceSeries(String symbol, boolean filled) {
        this.symbol = symbol;
        this.filled = filled;
    }

    /// The type a metric has kept, or null when the device has no such metric. Takes no lock.
    Value.Type typeOf(String metric) {
        var now = slots;
        var slot = now.find(metric);
        return slot < 0 ? null : TYPES[now.types[slot]];
    }

    synchronized int size() {
        return size;
    }

    synchronized boolean filled() {
        return filled;
    }

    /// Names the state that a reading of the store belongs to; see [#fill].
    synchronized int generation() {
        return generation;
    }

    /// @return whether it is new
    synchronized boolean add(String metric, Value.Type type, int kept) {
        var now = slots;
        var slot = now.find(metric);
        if (slot >= 0) {
            now.kept[slot] |= (byte) kept;
            return false;
        }
        if ((size + 1) * 4 > now.names.length * 3) {
            now = grown(now);
            slot = now.find(metric);
        }
        now.types[~slot] = (byte) type.ordinal();
        now.kept[~slot] = (byte) kept;
        NAME.setRelease(now.names, ~slot, metric);
        slots = now;
        size++;
        return true;
    }

    private static Slots grown(Slots small) {
        var large = new Slots(small.names.length * 2);
        for (var i = 0; i < small.names.length; i++) {
            if (small.names[i] != null) large.copy(small, i);
        }
        return large;
    }

    /// The shared instance of a known metric's name when its series, kept so, is on disk, else null.
    synchronized String persistedName(String metric, int kept) {
        var slot = slots.find(metric);
        return slot >= 0 && (slots.kept[slot] & kept) != 0 ? slots.names[slot] : null;
    }

    synchronized void persisted(String metric, int kept) {
        slots.kept[slots.find(metric)] |= (byte) kept;
    }

    synchronized void notPersisted(String metric, int kept) {
        slots.kept[slots.find(metric)] &= (byte) ~kept;
    }

    /// The metrics of which values are on disk so.
    synchronized Set<String> kept(int kept) {
        var now = slots;
        Set<String> found = null;
        for (var i = 0; i < now.names.length; i++) {
            if (now.names[i] == null || (now.kept[i] & kept) == 0) continue;
            if (found == null) found = new HashSet<>();
            found.add(now.names[i]);
        }
        return found == null ? Set.of() : found;
    }

    /// Takes a value as the latest unless a newer one is known. Equal times: the one observed last wins.
    synchronized void observe(String metric, long timeMicros, Value value) {
        offer(metric, timeMicros, value, true);
    }

    /// Takes what the store has from before this start; what was observed since wins at equal times.
    ///
    /// @param read the generation when the store was asked; a reading from before an erasure is not taken
    synchronized void fill(List<Latest> stored, int read) {
        if (filled || generation != read) return;
        for (var it : stored) offer(it.metric(), it.timeMicros(), it.value(), false);
        filled = true;
    }

    /// Forgets all latest values, so that the next question reads them from the store again.
    synchronized void forgetLatest() {
        Arrays.fill(slots.times, NEVER);
        if (slots.texts != null) Arrays.fill(slots.texts, null);
        filled = false;
        generation++;
    }

    /// Forgets latest values that are older than a time, since the store has dropped them.
    synchronized void forgetLatestBefore(long timeMicros) {
        for (var i = 0; i < slots.times.length; i++) {
            if (slots.times[i] >= timeMicros) continue;
            slots.times[i] = NEVER;
            if (slots.texts != null) slots.texts[i] = null;
        }
    }

    private void offer(String metric, long timeMicros, Value value, boolean winsAtEqualTime) {
        var now = slots;
        var slot = now.find(metric);
        if (slot < 0 || TYPES[now.types[slot]] != value.type()) return;
        var known = now.times[slot];
        if (timeMicros < known || timeMicros == known && !winsAtEqualTime) return;
        now.times[slot] = timeMicros;
        switch (value) {
            case Real it -> set(now, slot, it.number(), Form.of(it));
            case Whole it -> set(now, slot, it.number(), Form.of(it));
            case Flag it -> set(now, slot, it.on() ? 1 : 0, Form.of(it));
            case Text(var text) -> set(now, slot, text, TEXT_FORM);
            case Sealed(_, var envelope) -> set(now, slot, envelope, SEALED_FORM);
        }
    }

    private static void set(Slots slots, int slot, String text, short form) {
        if (slots.texts == null) slots.texts = new String[slots.names.length];
        slots.texts[slot] = text;
        slots.forms[slot] = form;
    }

    private static void set(Slots slots, int slot, double number, short form) {
        slots.numbers[slot] = number;
        slots.forms[slot] = form;
        if (slots.texts != null) slots.texts[slot] = null;
    }

    /// The latest values by metric name; metrics of which nothing is kept are absent.
    synchronized List<Latest> latest() {
        var now = slots;
        var found = new ArrayList<Latest>(size);
        for (var i = 0; i < now.names.length; i++) {
            if (now.names[i] != null && now.times[i] != NEVER) found.add(latest(now, i));
        }
        found.sort(Comparator.comparing(Latest::metric));
        return found;
    }

    synchronized Optional<Latest> latest(String metric) {
        var slot = slots.find(metric);
        return slot < 0 || slots.times[slot] == NEVER ? Optional.empty() : Optional.of(latest(slots, slot));
    }

    private static Latest latest(Slots now, int i) {
        var type = TYPES[now.types[i]];
        var value = now.forms[i] == SEALED_FORM ? new Sealed(type, now.texts[i])
                : type == Value.Type.TEXT ? new Text(now.texts[i]) : Form.value(now.numbers[i], now.forms[i]);
        return new Latest(now.names[i], now.times[i], value);
    }

    synchronized List<Series> series() {
        var now = slots;
        var found = new ArrayList<Series>(size);
        for (var i = 0; i < now.names.length; i++) {
            if (now.names[i] != null) found.add(new Series(now.names[i], TYPES[now.types[i]]));
        }
        found.sort(Comparator.comparing(Series::metric));
        return found;
    }
}
