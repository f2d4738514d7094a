package io.iotflow.simulator;

import io.iotflow.simulator.model.DeviceType;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `iotflow simulate`. Exit codes: 0 when telemetry was acknowledged, 1 when the simulation could not start or nothing
/// was acknowledged, 2 when the options are wrong. Interrupting it is a normal end: devices say goodbye, the summary is
/// printed.
@Command(name = "simulate", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
        description = "Pretends a device or a fleet: registers, connects, reports, answers commands.",
        footer = {"", "Durations are written 500ms, 30s, 5m, 2h or 7d; a bare number is seconds.",
            "Example: iotflow simulate --preset home --duration 10m"})
public final class SimulateCommand implements Callable<Integer> {
    private static final Duration ON_TERMINAL_EVERY = Duration.ofSeconds(1);
    private static final Duration OTHERWISE_EVERY = Duration.ofSeconds(10);

    @Option(names = "--name", paramLabel = "<name>",
            description = "The device's name; for a fleet, the first part of every name.")
    private Optional<String> name = Optional.empty();

    @Option(names = "--type", paramLabel = "<type>", description = "One device of this type: temperature (default), "
            + "door_lock, camera, air_quality, thermostat, industrial_sensor.")
    private Optional<String> type = Optional.empty();

    @Option(names = "--preset", paramLabel = "<fleet>",
            description = "A whole fleet: home (9 devices), office (16), factory (30).")
    private Optional<String> preset = Optional.empty();

    @Option(names = "--devices", split = ",", paramLabel = "<type>=<count>",
            description = "A fleet of your own: --devices temperature=3,camera=1")
    private Map<String, Integer> counts = Map.of();

    @Option(names = "--profile", paramLabel = "<profile>", description = "How often devices report: default (30s), "
            + "high_frequency (5s), energy_efficient (5m), industrial (10s, usual for industrial_sensor).")
    private Optional<String> profile = Optional.empty();

    @Option(names = "--telemetry-interval", paramLabel = "<time>", description = "Overrides the profile's interval.")
    private Optional<String> telemetryInterval = Optional.empty();

    @Option(names = "--duration", paramLabel = "<time>",
            description = "Simulated time to run; without it, until interrupted.")
    private Optional<String> duration = Optional.empty();

    @Option(names = "--speed", defaultValue = "1", paramLabel = "<factor>", description = "Simulated seconds per "
            + "second. Above 1 the simulation begins in the past (the duration, or a day, ago) and goes on in real "
            + "time once it has caught up.")
    private double speed;

    @Option(names = "--start", paramLabel = "<instant>",
            description = "When the simulation begins, such as 2026-01-01T00:00:00Z.")
    private Optional<String> start = Optional.empty();

    @Option(names = "--seed", defaultValue = "1", paramLabel = "<number>",
            description = "The same seed gives the same values at the same simulated times of the same day.")
    private long seed;

    @Option(names = "--host", defaultValue = "localhost", paramLabel = "<host>",
            description = "Where the platform runs (default: ${DEFAULT-VALUE}).")
    private String host;

    @Option(names = "--mqtt-port", defaultValue = "1883", paramLabel = "<port>",
            description = "Default: ${DEFAULT-VALUE}.")
    private int mqttPort;

    @Option(names = "--http-port", defaultValue = "8080", paramLabel = "<port>",
            description = "For registration, and for telemetry with --protocol http (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    @Option(names = "--protocol", defaultValue = "mqtt", paramLabel = "mqtt|http",
            description = "How telemetry travels (default: ${DEFAULT-VALUE}). Commands arrive over mqtt only.")
    private String protocol;

    @Option(names = "--api-key", paramLabel = "<key>",
            description = "The key of an existing device, named with --name: nothing is registered.")
    private Optional<String> apiKey = Optional.empty();

    @Option(names = "--registration-token", paramLabel = "<key>",
            description = "Provisioning key, where registration needs one.")
    private Optional<String> registrationToken = Optional.empty();

    @Option(names = "--operator-token", paramLabel = "<token>", defaultValue = "${env:IOTFLOW_ADMIN_TOKEN}",
            description = "Registers as an operator (default: the variable IOTFLOW_ADMIN_TOKEN).")
    private Optional<String> operatorToken = Optional.empty();

    @Option(names = "--auto-suffix", description = "Where a name is taken, use name-2, name-3, …")
    private boolean autoSuffix;

    @Option(names = "--force-register", description = "Forget kept keys; where a name is taken, give that device a new "
            + "key (needs --operator-token).")
    private boolean forceRegister;

    @Option(names = "--key-file", paramLabel = "<file>",
            description = "Where devices' keys are kept for the next run (default: ~/.iotflow/simulator-keys.json).")
    private Optional<Path> keyFile = Optional.empty();

    @Option(names = "--max-in-flight", defaultValue = "20", paramLabel = "<count>",
            description = "Unacknowledged messages of one device at once (default: ${DEFAULT-VALUE}).")
    private int maxInFlight;

    @Option(names = "--drop", defaultValue = "0", paramLabel = "<share>",
            description = "Fault: this share of readings, 0 to 1, is never sent.")
    private double drop;

    @Option(names = "--jitter", defaultValue = "0", paramLabel = "<time>",
            description = "Fault: readings are sent up to so much late.")
    private String jitter;

    @Option(names = "--clock-skew", defaultValue = "0", paramLabel = "<time>",
            description = "Fault: each device's clock is wrong by up to so much, either way.")
    private String clockSkew;

    @Option(names = "--disconnect-every", paramLabel = "<time>",
            description = "Fault: connections are lost this often on average.")
    private Optional<String> disconnectEvery = Optional.empty();

    @Option(names = "--battery-death", defaultValue = "0", paramLabel = "<share>",
            description = "Fault: this share of battery-powered devices runs empty and falls silent.")
    private double batteryDeath;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        var err = spec.commandLine().getErr();
        var options = options();
        try (var simulation = Simulation.start(options, sentence -> say(err, sentence), InstantSource.system())) {
            return watch(simulation, options, out);
        } catch (SimulationFailure failure) {
            say(err, failure.getMessage());
            return 1;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /// Writes progress until the end, then the summary. A signal ends it early: the hook waits for the summary.
    private static int watch(Simulation simulation, SimulationOptions options, PrintWriter out)
            throws InterruptedException {
        var printed = new CountDownLatch(1);
        var hook = new Thread(() -> {
            simulation.close();
            try {
                printed.await(2, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "simulator-goodbye");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            say(out, "Pretending " + options.fleet().devices().size() + " device(s) against "
                    + options.target().host() + " over " + options.target().protocol() + ", seed "
                    + options.pace().seed() + ", from " + Json.timestamp(simulation.progress().simulatedTime()) + ".");
            follow(simulation, out);
            simulation.close();
            var progress = simulation.progress();
            out.print(Summary.table(simulation.devices(), progress));
            out.flush();
            return progress.acknowledged() > 0 ? 0 : 1;
        } finally {
            printed.countDown();
            forget(hook);
        }
    }

    private static void follow(Simulation simulation, PrintWriter out) throws InterruptedException {
        var console = System.console();
        var onTerminal = console != null && console.isTerminal();
        var every = onTerminal ? ON_TERMINAL_EVERY : OTHERWISE_EVERY;
        var acknowledged = 0L;
        while (!simulation.await(every)) {
            var progress = simulation.progress();
            var line = Summary.line(progress, (progress.acknowledged() - acknowledged) / every.toSeconds());
            acknowledged = progress.acknowledged();
            // Back to the line's start, the new text, and what the old one had more of cleared.
            if (onTerminal) out.print("\r" + line + "\u001b[K");
            else out.println(line);
            out.flush();
        }
        if (onTerminal) out.println();
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is already going down, by the hook itself.
            return;
        }
    }

    private static void say(PrintWriter writer, String sentence) {
        writer.println(sentence);
        writer.flush();
    }

    private SimulationOptions options() {
        try {
            var target = new Target(host, mqttPort, httpPort, protocol());
            var access = new Access(apiKey, registrationToken, operatorToken.filter(token -> !token.isBlank()),
                    autoSuffix, forceRegister, keyFile.orElse(
                            Path.of(System.getProperty("user.home"), ".iotflow", "simulator-keys.json")));
            var pace = new Pace(seed, speed, start.map(SimulateCommand::instant), duration.map(Words::duration),
                    telemetryInterval.map(Words::duration));
            var faults = new Faults(drop, Words.duration(jitter), Words.duration(clockSkew),
                    disconnectEvery.map(Words::duration), batteryDeath);
            return new SimulationOptions(target, fleet(), access, pace, faults, maxInFlight);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private Fleet fleet() {
        if (Stream.of(type.isPresent(), preset.isPresent(), !counts.isEmpty()).filter(given -> given).count() > 1) {
            throw new IllegalArgumentException("--type, --preset and --devices exclude each other.");
        }
        var chosen = profile.map(word -> Profile.find(word)
                .orElseThrow(() -> unknown("profile", word, Stream.of(Profile.values()).map(Profile::word))));
        if (preset.isPresent()) {
            var known = Preset.find(preset.get())
                    .orElseThrow(() -> unknown("preset", preset.get(), Stream.of(Preset.values()).map(Preset::word)));
            return Fleet.of(name.orElse(known.word()), known.counts(), chosen);
        }
        if (!counts.isEmpty()) return Fleet.of(name.orElse("sim"), wanted(counts), chosen);
        var single = type.map(SimulateCommand::type).orElse(DeviceType.TEMPERATURE);
        return Fleet.single(name.orElse("sim-" + single.word().replace('_', '-')), single, chosen);
    }

    private static Map<DeviceType, Integer> wanted(Map<String, Integer> counts) {
        var wanted = new EnumMap<DeviceType, Integer>(DeviceType.class);
        counts.forEach((word, count) -> {
            if (count < 0) throw new IllegalArgumentException("--devices: no count is negative.");
            wanted.merge(type(word), count, Math::addExact);
        });
        return wanted;
    }

    private static DeviceType type(String word) {
        return DeviceType.find(word)
                .orElseThrow(() -> unknown("device type", word, Stream.of(DeviceType.values()).map(DeviceType::word)));
    }

    private Target.Protocol protocol() {
        return Stream.of(Target.Protocol.values()).filter(known -> known.name().equalsIgnoreCase(protocol)).findFirst()
                .orElseThrow(() -> unknown("protocol", protocol, Stream.of("mqtt", "http")));
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("--start is an instant such as 2026-01-01T00:00:00Z.", e);
        }
    }

    private static IllegalArgumentException unknown(String what, String word, Stream<String> known) {
        return new IllegalArgumentException("There is no " + what + " \"" + word + "\"; there are "
                + known.collect(Collectors.joining(", ")) + ".");
    }
}
