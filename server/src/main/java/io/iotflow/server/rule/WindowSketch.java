package io.iotflow.server.rule;

import io.iotflow.server.core.Limits;
import io.iotflow.server.language.WindowStatistics;

/// What one metric of one device was during a span of time that ends now: kept in parts of a sixtieth of the span,
/// which are merged, so that it takes the same memory for ten values and for ten million. It forgets a part at a time:
/// the span is as long as asked for, or up to a sixtieth shorter.
///
/// For the device's thread only.
final class WindowSketch implements WindowStatistics {
    private static final int PARTS = Limits.WINDOW_PARTS;
    /// Of each part in `counts`: its number, the values in it, the times of the first and the last.
    private static final int LONGS = 4;
    /// Of each part in `values`: mean, sum of squared differences from it, minimum, maximum, first, last.
    private static final int DOUBLES = 6;

    private final long partMicros;
    private long[] counts = new long[LONGS * 4];
    private double[] values = new double[DOUBLES * 4];
    /// The oldest part's place, and how many there are.
    private int start;
    private int size;

    private long count;
    private double mean;
    private double squares;
    private double min;
    private double max;

    WindowSketch(long micros) {
        partMicros = Math.max(1, (micros + PARTS - 1) / PARTS);
    }

    /// Takes a value. Times MUST NOT go back.
    void add(long timeMicros, double value) {
        advance(timeMicros);
        var part = Math.floorDiv(timeMicros, partMicros);
        if (size == 0 || counts[place(size - 1) * LONGS] != part) append(part, timeMicros, value);
        var longs = place(size - 1) * LONGS;
        var doubles = place(size - 1) * DOUBLES;
        var n = ++counts[longs + 1];
        counts[longs + 3] = timeMicros;
        var delta = value - values[doubles];
        values[doubles] += delta / n;
        values[doubles + 1] += delta * (value - values[doubles]);
        values[doubles + 2] = Math.min(values[doubles + 2], value);
        values[doubles + 3] = Math.max(values[doubles + 3], value);
        values[doubles + 5] = value;

        count++;
        var totalDelta = value - mean;
        mean += totalDelta / count;
        squares += totalDelta * (value - mean);
        min = count == 1 ? value : Math.min(min, value);
        max = count == 1 ? value : Math.max(max, value);
    }

    /// Becomes as another of the same length is.
    void copy(WindowSketch from) {
        counts = from.counts.clone();
        values = from.values.clone();
        start = from.start;
        size = from.size;
        total();
    }

    private void append(long part, long timeMicros, double value) {
        if (size * LONGS == counts.length) grow();
        var place = place(size++);
        counts[place * LONGS] = part;
        counts[place * LONGS + 1] = 0;
        counts[place * LONGS + 2] = timeMicros;
        var doubles = place * DOUBLES;
        values[doubles] = 0;
        values[doubles + 1] = 0;
        values[doubles + 2] = Double.POSITIVE_INFINITY;
        values[doubles + 3] = Double.NEGATIVE_INFINITY;
        values[doubles + 4] = value;
    }

    private void grow() {
        var capacity = size;
        var longs = new long[counts.length * 2];
        var doubles = new double[values.length * 2];
        for (var i = 0; i < size; i++) {
            System.arraycopy(counts, (start + i) % capacity * LONGS, longs, i * LONGS, LONGS);
            System.arraycopy(values, (start + i) % capacity * DOUBLES, doubles, i * DOUBLES, DOUBLES);
        }
        counts = longs;
        values = doubles;
        start = 0;
    }

    private int place(int index) {
        return (start + index) % (counts.length / LONGS);
    }

    /// Forgets what is older than the span at this time.
    void advance(long nowMicros) {
        var oldest = Math.floorDiv(nowMicros, partMicros) - PARTS + 1;
        var gone = 0;
        while (gone < size && counts[place(gone) * LONGS] < oldest) gone++;
        if (gone == 0) return;
        start = place(gone);
        size -= gone;
        total();
    }

    /// Merges the parts anew, by the rule of Chan, Golub and LeVeque.
    private void total() {
        count = 0;
        mean = 0;
        squares = 0;
        min = Double.POSITIVE_INFINITY;
        max = Double.NEGATIVE_INFINITY;
        for (var i = 0; i < size; i++) {
            var doubles = place(i) * DOUBLES;
            var n = counts[place(i) * LONGS + 1];
            var delta = values[doubles] - mean;
            var sum = count + n;
            mean += delta * n / sum;
            squares += values[doubles + 1] + delta * delta * count * n / sum;
            count = sum;
            min = Math.min(min, values[doubles + 2]);
            max = Math.max(max, values[doubles + 3]);
        }
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public double mean() {
        return count == 0 ? Double.NaN : mean;
    }

    @Override
    public double standardDeviation() {
        return count < 2 ? Double.NaN : Math.sqrt(Math.max(0, squares) / (count - 1));
    }

    /// The mean without the latest value.
    double meanBefore() {
        return count < 2 ? Double.NaN : (count * mean - last()) / (count - 1);
    }

    /// The standard deviation without the latest value.
    double standardDeviationBefore() {
        if (count < 3) return Double.NaN;
        return Math.sqrt(Math.max(0, squares - (last() - meanBefore()) * (last() - mean)) / (count - 2));
    }

    @Override
    public double min() {
        return count == 0 ? Double.NaN : min;
    }

    @Override
    public double max() {
        return count == 0 ? Double.NaN : max;
    }

    @Override
    public double first() {
        return size == 0 ? Double.NaN : values[place(0) * DOUBLES + 4];
    }

    @Override
    public double last() {
        return size == 0 ? Double.NaN : values[place(size - 1) * DOUBLES + 5];
    }

    @Override
    public long firstMicros() {
        return size == 0 ? 0 : counts[place(0) * LONGS + 2];
    }

    @Override
    public long lastMicros() {
        return size == 0 ? 0 : counts[place(size - 1) * LONGS + 3];
    }

    /// What it takes of memory, about.
    int bytes() {
        return 120 + counts.length * Long.BYTES + values.length * Double.BYTES;
    }

}
