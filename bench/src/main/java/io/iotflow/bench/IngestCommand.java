package io.iotflow.bench;

import io.iotflow.bench.load.Device;
import io.iotflow.bench.load.Load;
import io.iotflow.bench.load.LoadPlan;
import io.iotflow.bench.load.LoadResult;
import io.iotflow.bench.load.Payload;
import io.iotflow.bench.platform.Mosquitto;
import io.iotflow.bench.platform.Observer;
import io.iotflow.bench.platform.PlatformApi;
import io.iotflow.bench.platform.Verification;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Telemetry over MQTT. Every mode gets a platform of its own; beside it stands the same load on Mosquitto, and beside
/// the capacity modes on the platform without its store and without its log.
@Command(description = "Telemetry over MQTT: capacity, fixed rate and latency, each checked against the store.")
final class IngestCommand implements Callable<Integer> {
    private static final Function<Device, String> TOPIC = device -> "devices/" + device.name() + "/telemetry";

    private final InstantSource clock;

    @Mixin
    private Target target;

    @Option(names = "--mode", split = ",", converter = ModeConverter.class,
            defaultValue = "pipelined,one-in-flight,fixed-rate,paced",
            description = "Any of pipelined, one-in-flight, fixed-rate, paced (default: all).")
    private List<IngestMode> modes;

    @Option(names = "--connections", description = "Devices, one connection each (default: by mode).")
    private Integer connections;

    @Option(names = "--window", description = "Unacknowledged messages a connection (default: by mode).")
    private Integer window;

    @Option(names = "--rate", description = "Messages a second of all devices, in the modes with a rate.")
    private Double rate;

    @Option(names = "--duration", converter = DurationConverter.class,
            description = "How long is measured (default: by mode).")
    private Duration duration;

    @Option(names = "--warmup", converter = DurationConverter.class, defaultValue = "10s",
            description = "Load before the measuring begins (default: ${DEFAULT-VALUE}).")
    private Duration warmup;

    @Option(names = "--qos", defaultValue = "1", description = "0 or 1 (default: ${DEFAULT-VALUE}).")
    private int qos;

    @Option(names = "--metrics", defaultValue = "3", description = "Metrics a message (default: ${DEFAULT-VALUE}).")
    private int metrics;

    @Option(names = "--threads", defaultValue = "1",
            description = "Threads of the generator (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--no-compare", description = "Leave the comparison rows out.")
    private boolean alone;

    private boolean kept = true;

    IngestCommand(InstantSource clock) {
        this.clock = clock;
    }

    /// One mode with the command line's wishes applied.
    private record Plan(IngestMode mode, int connections, int window, double rate, Duration duration) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        var date = clock.instant();
        var rows = new ArrayList<Row>();
        for (var mode : modes) {
            var plan = planFor(mode);
            rows.add(onPlatform("iotflow " + mode, plan, Map.of(), true));
            if (!alone) rows.addAll(comparisons(plan));
        }
        target.report(rows, date);
        if (!kept) target.say("FAILED: the store does not hold what was acknowledged");
        return kept ? Main.OK : Main.FAILED;
    }

    private Plan planFor(IngestMode mode) {
        return new Plan(mode, connections == null ? mode.connections : connections,
                window == null ? mode.window : window,
                mode.isPaced() && rate != null ? rate : mode.rate,
                duration == null ? mode.duration : duration);
    }

    private List<Row> comparisons(Plan plan) throws IOException, InterruptedException {
        var rows = new ArrayList<Row>();
        if (target.isOurs() && !plan.mode.isPaced()) {
            rows.add(onPlatform("store off", plan, Map.of("IOTFLOW_BENCH_STORE", "off"), false));
            rows.add(onPlatform("log off", plan, Map.of("IOTFLOW_BENCH_LOG", "off"), false));
        }
        var mosquitto = Mosquitto.find();
        if (mosquitto.isPresent()) rows.add(onMosquitto(mosquitto.get(), plan));
        else target.say("Mosquitto is not installed: its row is left out");
        return rows;
    }

    private Row onPlatform(String label, Plan plan, Map<String, String> environment, boolean verify)
            throws IOException, InterruptedException {
        try (var subject = target.open(environment)) {
            var devices = subject.register(plan.connections, clock.instant());
            var platform = subject.platform();
            var row = new Row(label);
            var result = load(row, plan, platform.mqtt(), devices, new Watch(Optional.of(platform.api()),
                    platform.pid()));
            platform.requireAlive();
            if (!verify) return row;
            target.say("  checking that every acknowledged point is in the store");
            var verification = Verification.of(result.devices(), metrics, platform.api());
            Trial.verified(row, verification);
            kept &= Trial.holds(verification, target);
            return row;
        }
    }

    private Row onMosquitto(Path program, Plan plan) throws IOException, InterruptedException {
        var devices = IntStream.range(0, plan.connections)
                .mapToObj(i -> new Device(Integer.toString(i), "bench-" + i, "")).toList();
        var counter = new Device("0", "bench-counter", "");
        try (var broker = Mosquitto.start(program);
             var subscriber = Load.connect(LoadPlan.mqttSubscribers(broker.address(), "devices/+/telemetry"),
                     List.of(counter), 1, clock)) {
            var row = new Row("mosquitto");
            load(row, plan, broker.address(), devices, new Watch(Optional.empty(), OptionalLong.of(broker.pid())));
            return row.with(Figure.MESSAGES_DELIVERED, subscriber.deliveries());
        }
    }

    private record Watch(Optional<PlatformApi> api, OptionalLong pid) {}

    private LoadResult load(Row row, Plan plan, InetSocketAddress address, List<Device> devices, Watch watch)
            throws IOException, InterruptedException {
        target.say(row.label() + ": " + plan.connections + " connections, " + plan.window + " in flight each"
                + (plan.rate > 0 ? ", " + plan.rate + " messages/s" : "") + ", " + plan.duration.toSeconds() + " s");
        var wire = LoadPlan.mqtt(address, TOPIC, qos, new Payload(metrics), plan.window);
        try (var load = Load.connect(wire, devices, threads, clock);
             var observer = new Observer(watch.api, watch.pid)) {
            double cpu = Trial.ownCpuSeconds();
            var result = load.run(IngestMode.schedule(plan.rate, plan.connections, plan.window), warmup,
                    plan.duration);
            row.with(Figure.GENERATOR_CPU_S, Trial.ownCpuSeconds() - cpu);
            Trial.observed(row, observer.seen());
            Trial.load(row, result, metrics);
            Trial.explain(result, target);
            return result;
        }
    }
}
