package io.iotflow.bench.platform;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/// Looks at a loaded process once a second, from a thread of its own: memory, heap and the store's lag.
public final class Observer implements AutoCloseable {

    /// @param residentBytes 0 when the process cannot be seen
    private record Sample(long residentBytes, double heapBytes, double lagSeconds) {}

    /// What was seen. Not-a-number where nothing could be.
    ///
    /// @param early resident bytes after the first tenth of the time, to compare with `peak`: flat or growing
    public record Seen(double early, double peak, double heapPeak, double lagMax, double lagLast, double cpuSeconds) {}

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("observer").daemon().factory());
    private final Optional<PlatformApi> api;
    private final Optional<ProcessTree> tree;
    private final List<Sample> samples = new ArrayList<>();
    private final double cpuBefore;

    /// @param api empty when there is no `/metrics` to ask
    public Observer(Optional<PlatformApi> api, OptionalLong pid) {
        this.api = api;
        tree = pid.isPresent() ? Optional.of(new ProcessTree(pid.getAsLong())) : Optional.empty();
        cpuBefore = cpu();
        executor.scheduleAtFixedRate(this::look, 0, 1, TimeUnit.SECONDS);
    }

    private double cpu() {
        return tree.map(ProcessTree::cpuSeconds).orElse(Double.NaN);
    }

    private void look() {
        var metrics = api.map(Observer::ask).orElse(new Metrics(""));
        var sample = new Sample(tree.map(ProcessTree::residentBytes).orElse(0L),
                orNothing(metrics.heapBytes()), orNothing(metrics.storeLagSeconds()));
        synchronized (samples) {
            samples.add(sample);
        }
    }

    /// A platform too busy to answer is seen in the other figures; one missing sample is not worth failing for.
    private static Metrics ask(PlatformApi api) {
        try {
            return api.metrics();
        } catch (IOException e) {
            return new Metrics("");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Metrics("");
        }
    }

    private static double orNothing(OptionalDouble value) {
        return value.orElse(Double.NaN);
    }

    /// Looks once more and sums up.
    public Seen seen() {
        look();
        synchronized (samples) {
            double early = samples.get(samples.size() / 10).residentBytes;
            double peak = max(sample -> sample.residentBytes);
            return new Seen(early == 0 ? Double.NaN : early, peak == 0 ? Double.NaN : peak,
                    max(Sample::heapBytes), max(Sample::lagSeconds), samples.getLast().lagSeconds,
                    cpu() - cpuBefore);
        }
    }

    private double max(ToDoubleFunction<Sample> figure) {
        return samples.stream().mapToDouble(figure).filter(value -> !Double.isNaN(value)).max().orElse(Double.NaN);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
