package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.iotflow.server.core.Limits;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowSketchTest {
    private static final long WINDOW = 60_000_000;

    private record Point(long time, double value) {}

    /// Against the same computed from all values of the parts that are still there.
    @Test
    void saysWhatAllItsValuesSay() {
        for (var seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var sketch = new WindowSketch(WINDOW);
            var points = new ArrayList<Point>();
            var time = 1_767_225_600_000_000L;
            var gap = 1 + random.nextInt(20_000_000);
            for (var n = 0; n < 500; n++) {
                time += random.nextInt(gap);
                var value = 1e6 + random.nextGaussian() * 10;
                sketch.add(time, value);
                points.add(new Point(time, value));
                var part = WINDOW / Limits.WINDOW_PARTS;
                var oldest = (Math.floorDiv(time, part) - Limits.WINDOW_PARTS + 1) * part;
                points.removeIf(it -> it.time < oldest);
                check(sketch, points);
            }
        }
    }

    private static void check(WindowSketch sketch, ArrayList<Point> points) {
        var statistics = points.stream().mapToDouble(Point::value).summaryStatistics();
        assertThat(sketch.count()).isEqualTo(points.size());
        assertThat(sketch.mean()).isCloseTo(statistics.getAverage(), within(1e-6));
        assertThat(sketch.min()).isEqualTo(statistics.getMin());
        assertThat(sketch.max()).isEqualTo(statistics.getMax());
        assertThat(sketch.first()).isEqualTo(points.getFirst().value);
        assertThat(sketch.last()).isEqualTo(points.getLast().value);
        assertThat(sketch.firstMicros()).isEqualTo(points.getFirst().time);
        if (points.size() > 1) {
            assertThat(sketch.standardDeviation()).isCloseTo(deviation(points, points.size()), within(1e-5));
        }
        if (points.size() > 2) {
            assertThat(sketch.standardDeviationBefore()).isCloseTo(deviation(points, points.size() - 1), within(1e-4));
        }
    }

    private static double deviation(ArrayList<Point> points, int first) {
        var some = points.subList(0, first);
        var mean = some.stream().mapToDouble(Point::value).average().orElseThrow();
        return Math.sqrt(some.stream().mapToDouble(it -> (it.value - mean) * (it.value - mean)).sum() / (first - 1));
    }

    @Test
    void takesTheSameMemoryHoweverManyValuesThereAre() {
        var sketch = new WindowSketch(WINDOW);
        for (var n = 0; n < 1_000_000; n++) sketch.add(n * 1_000L, n);
        assertThat(sketch.bytes()).isLessThan(6_000);
    }

    @Test
    void isEmptyWhenAllIsTooOld() {
        var sketch = new WindowSketch(WINDOW);
        sketch.add(0, 5);
        sketch.advance(2 * WINDOW);
        assertThat(sketch.count()).isZero();
        assertThat(sketch.mean()).isNaN();
        assertThat(sketch.last()).isNaN();
    }
}
