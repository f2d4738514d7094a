package io.iotflow.bench.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ObservationTest {

    @Test
    void metricsAreSummedOverTheirLabels() {
        var metrics = new Metrics("""
                # HELP lag how far
                lag 0.5
                lag_max 9
                heap{area="heap",id="a b"} 1.5E3 1767225600000
                heap{area="heap",id="c"} 500
                heap{area="nonheap"} 7
                broken{x="y"} NaN
                """);
        check(metrics, "lag", "", 0.5);
        check(metrics, "lag_max", "", 9);
        check(metrics, "heap", "area=\"heap\"", 2_000);
        check(metrics, "heap", "", 2_007);
        assertThat(metrics.sum("he", "")).isEqualTo(OptionalDouble.empty());
        assertThat(metrics.sum("broken", "").orElseThrow()).isNaN();
    }

    private static void check(Metrics metrics, String name, String label, double expected) {
        assertThat(metrics.sum(name, label).orElseThrow()).isEqualTo(expected);
    }

    @Test
    void aTreeHoldsItsChildren() throws Exception {
        var shell = new ProcessBuilder("sh", "-c", "sleep 60 & wait").start();
        try {
            var tree = new ProcessTree(shell.pid());
            long end = System.nanoTime() + 10_000_000_000L;
            while (tree.size() < 2 && System.nanoTime() < end) Thread.onSpinWait();
            assertThat(tree.size()).isEqualTo(2);
            assertThat(tree.residentBytes()).isBetween(10_000L, 100_000_000L);
        } finally {
            var children = shell.descendants().toList();
            shell.destroy();
            children.forEach(ProcessHandle::destroy);
            shell.waitFor();
        }
    }

    @Test
    void ownProcessorTimeIsSeen() {
        var tree = new ProcessTree(ProcessHandle.current().pid());
        double before = tree.cpuSeconds();
        long end = System.nanoTime() + 300_000_000;
        while (System.nanoTime() < end) Thread.onSpinWait();
        assertThat(tree.cpuSeconds() - before).isCloseTo(0.3, within(0.6)).isPositive();
        assertThat(tree.javaPid()).isEqualTo(tree.pid());
    }

    @Test
    void aProcessThatIsGoneIsRefused() throws Exception {
        var gone = new ProcessBuilder("true").start();
        gone.waitFor();
        assertThatIllegalArgumentException().isThrownBy(() -> new ProcessTree(gone.pid()));
    }

    @Test
    void aCrowdKeepsItsOrder() throws Exception {
        assertThat(Crowd.each(List.of(3, 1, 2), 2, n -> n * 10)).isEqualTo(List.of(30, 10, 20));
    }
}
