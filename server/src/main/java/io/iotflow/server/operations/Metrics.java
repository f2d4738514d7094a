package io.iotflow.server.operations;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/// Every figure of the platform, for Prometheus. Whoever counts on a hot path keeps a `LongAdder` or a plain field of
/// its own and registers how to read it, so that counting costs what the field costs.
///
/// Names are in dotted lower case below `iotflow.` and appear with underscores and their unit:
/// `iotflow.ingest.messages` as `iotflow_ingest_messages_total`. Tags come as pairs of key and value and MUST be few:
/// never a device.
public final class Metrics implements AutoCloseable {
    private static final Duration[] BUCKETS = LongStream.of(500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000,
            250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000)
            .mapToObj(micros -> Duration.of(micros, ChronoUnit.MICROS)).toArray(Duration[]::new);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    /// The registry itself holds what it reads only weakly.
    private final List<LongSupplier> counters = new CopyOnWriteArrayList<>();

    public Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /// Something that only grows; `value` is read at each scrape and never falls.
    public void counter(String name, String doc, LongSupplier value, String... tags) {
        counters.add(value);
        FunctionCounter.builder(name, value, LongSupplier::getAsLong).description(doc).tags(tags).register(registry);
    }

    /// Something that goes up and down; `value` is read at each scrape.
    public void gauge(String name, String doc, DoubleSupplier value, String... tags) {
        Gauge.builder(name, value, DoubleSupplier::getAsDouble).description(doc).tags(tags).strongReference(true)
                .register(registry);
    }

    /// Durations, counted in buckets from half a millisecond to ten seconds, from which Prometheus computes
    /// percentiles. For things that happen some thousand times a second at most.
    public Timer timer(String name, String doc, String... tags) {
        return Timer.builder(name).description(doc).tags(tags).serviceLevelObjectives(BUCKETS).register(registry);
    }

    /// Everything in Prometheus' text format.
    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
