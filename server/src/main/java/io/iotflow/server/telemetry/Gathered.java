package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.PlatformException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// The values of one metric in one window, as far as the functions need them. Used again for the next window.
final class Gathered {
    /// Values kept for percentiles in one window of all metrics together: 16 MiB.
    private static final int VALUES_AT_MOST = 2_000_000;
    /// An array larger than this is not kept for the next window.
    private static final int KEPT_ARRAY = 4_096;
    private static final double[] NO_VALUES = {};

    /// How many values the metrics of one question may still keep.
    static final class Room {
        private int left = VALUES_AT_MOST;
    }

    private final Room room;
    private final boolean deviations;
    private final boolean percentiles;
    private long count;
    private double sum;
    private double lost;
    private double mean;
    private double squares;
    private double min;
    private short minForm;
    private double max;
    private short maxForm;
    private double first;
    private short firstForm;
    private double last;
    private short lastForm;
    private String firstText;
    private String lastText;
    private double[] values = NO_VALUES;
    private boolean sorted;

    Gathered(List<Aggregate> functions, Room room) {
        this.room = room;
        deviations = functions.contains(Aggregate.STDDEV);
        percentiles = functions.stream().anyMatch(Aggregate::isPercentile);
    }

    boolean isEmpty() {
        return count == 0;
    }

    void clear() {
        if (percentiles) room.left += (int) count;
        if (values.length > KEPT_ARRAY) values = NO_VALUES;
        count = 0;
        sum = 0;
        lost = 0;
        mean = 0;
        squares = 0;
        sorted = false;
    }

    void add(double number, short form) {
        if (count++ == 0) {
            first = min = max = number;
            firstForm = minForm = maxForm = form;
        } else if (number < min) {
            min = number;
            minForm = form;
        } else if (number > max) {
            max = number;
            maxForm = form;
        }
        last = number;
        lastForm = form;
        // Neumaier's sum: what the addition loses is added at the end.
        var next = sum + number;
        lost += Math.abs(sum) >= Math.abs(number) ? sum - next + number : number - next + sum;
        sum = next;
        if (deviations) deviate(number);
        if (percentiles) keep(number);
    }

    void add(String text) {
        if (count++ == 0) firstText = text;
        lastText = text;
    }

    /// Welford's running variance.
    private void deviate(double number) {
        var delta = number - mean;
        mean += delta / count;
        squares += delta * (number - mean);
    }

    private void keep(double number) {
        if (--room.left < 0) {
            throw PlatformException.invalid("window", "holds more than " + VALUES_AT_MOST + " values, too many for "
                    + "percentiles; ask for shorter windows or fewer metrics");
        }
        if (count > values.length) values = Arrays.copyOf(values, Math.max(64, values.length * 2));
        values[(int) count - 1] = number;
    }

    List<Value> results(List<Aggregate> functions, boolean isText) {
        var results = new ArrayList<Value>(functions.size());
        for (var function : functions) results.add(isText ? textResult(function) : result(function));
        return Collections.unmodifiableList(results);
    }

    private Value textResult(Aggregate function) {
        return switch (function) {
            case COUNT -> new Whole(count);
            case FIRST -> new Text(firstText);
            case LAST -> new Text(lastText);
            case AVG, MEAN, MIN, MAX, SUM, STDDEV, P50, P95, P99 ->
                throw new IllegalStateException("BUG: " + function + " of texts");
        };
    }

    private Value result(Aggregate function) {
        return switch (function) {
            case AVG, MEAN -> real((sum + lost) / count);
            case MIN -> Form.value(min, minForm);
            case MAX -> Form.value(max, maxForm);
            case SUM -> real(sum + lost);
            case COUNT -> new Whole(count);
            case FIRST -> Form.value(first, firstForm);
            case LAST -> Form.value(last, lastForm);
            case STDDEV -> count < 2 ? null : real(Math.sqrt(squares / (count - 1)));
            case P50 -> real(percentile(0.50));
            case P95 -> real(percentile(0.95));
            case P99 -> real(percentile(0.99));
        };
    }

    /// The sum of finite numbers may be too large for a double; then there is no answer.
    private static Value real(double number) {
        return Double.isFinite(number) ? new Real(number) : null;
    }

    private double percentile(double share) {
        if (!sorted) Arrays.sort(values, 0, (int) count);
        sorted = true;
        var position = share * (count - 1);
        var below = (int) position;
        var above = Math.min(below + 1, (int) count - 1);
        return values[below] + (values[above] - values[below]) * (position - below);
    }
}
