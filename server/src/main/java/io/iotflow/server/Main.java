package io.iotflow.server;

import io.iotflow.server.core.CannotStart;
import io.iotflow.simulator.SimulateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line.
@Command(name = "iotflow", description = "An open IoT platform in one process.", synopsisSubcommandLabel = "COMMAND",
        subcommands = {Main.Run.class, Main.Demo.class, SimulateCommand.class, VerifyCommand.class,
                WitnessCommand.class, AdminCommand.class, WarmUp.class, HelpCommand.class},
        mixinStandardHelpOptions = true, versionProvider = Main.VersionText.class)
public final class Main {
    static final String TOKEN = "IOTFLOW_ADMIN_TOKEN";
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    public static void main(String[] arguments) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((mistake, _) -> explain(mistake)).execute(arguments));
    }

    /// In two lines: the whole help would push what is wrong off the screen.
    private static int explain(ParameterException mistake) {
        var command = mistake.getCommandLine();
        command.getErr().println("iotflow: " + mistake.getMessage());
        UnmatchedArgumentException.printSuggestions(mistake, command.getErr());
        command.getErr().println("All options: " + command.getCommandSpec().qualifiedName() + " --help");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    static final class VersionText implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"IoTFlow " + Version.NUMBER + ", Java " + Runtime.version()};
        }
    }

    /// Where the configuration comes from.
    static final class Configuration {
        @Option(names = "--config", paramLabel = "FILE",
                description = "Configuration file (default: iotflow.yaml, if it is there).")
        Path file;

        @Option(names = "--data", paramLabel = "FOLDER", description = "Data folder (data.folder).")
        String data;

        @Option(names = "--set", paramLabel = "KEY=VALUE",
                description = "Any configuration key, such as http.port=8081.")
        Map<String, String> settings = new HashMap<>();

        @Option(names = "--dev", description = "For trying out: opens the registration of devices to everybody.")
        boolean isDev;

        @Option(names = "--tls-self-signed", description = "Opens MQTT and HTTP over TLS with a certificate made here.")
        boolean isSelfSigned;

        PlatformConfig read() {
            var overrides = new HashMap<>(settings);
            if (data != null) overrides.put("data.folder", data);
            if (isDev) overrides.put("registration.mode", "open");
            if (isSelfSigned) {
                overrides.put("mqtt.tls_self_signed", "true");
                overrides.put("http.tls_self_signed", "true");
            }
            if (file != null && !Files.exists(file)) {
                throw new ConfigurationReader.Mistakes(List.of(file + " is not there"));
            }
            return PlatformConfig.read(file == null ? Path.of("iotflow.yaml") : file, System.getenv(), overrides);
        }
    }

    @Command(name = "run", description = "Runs the platform until it is stopped (Ctrl-C).",
            mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {
        @Mixin
        Configuration configuration;

        @Option(names = "--check-config", description = "Only says whether the configuration is good.")
        boolean isCheck;

        @Override
        public Integer call() throws InterruptedException {
            return start(configuration, isCheck, Running::awaitStop);
        }
    }

    @Command(name = "demo", description = "Runs the platform with a simulated home of nine devices.",
            mixinStandardHelpOptions = true)
    static final class Demo implements Callable<Integer> {
        @Mixin
        Configuration configuration;

        @Override
        public Integer call() throws InterruptedException {
            configuration.isDev = true;
            return start(configuration, false, running -> {
                try (var _ = DemoFleet.start(running.platform(), running.config().data().folder(),
                        running.adminToken())) {
                    running.awaitStop();
                }
            });
        }
    }

    @FunctionalInterface
    private interface Work {
        void with(Running running) throws InterruptedException;
    }

    /// A platform that runs, and the wish to stop it.
    private record Running(PlatformConfig config, Platform platform, CountDownLatch stop) {
        String adminToken() {
            return Optional.ofNullable(System.getenv(TOKEN)).orElseGet(() -> {
                try {
                    return Files.readString(tokenFile(config)).strip();
                } catch (IOException e) {
                    throw new UncheckedIOException("the admin token cannot be read", e);
                }
            });
        }

        void awaitStop() throws InterruptedException {
            stop.await();
        }
    }

    private static int start(Configuration configuration, boolean isCheck, Work work) throws InterruptedException {
        var began = System.nanoTime();
        PlatformConfig config;
        try {
            config = configuration.read();
        } catch (ConfigurationReader.Mistakes mistakes) {
            System.err.println("iotflow: the configuration has mistakes:\n" + mistakes.getMessage());
            return 2;
        }
        if (isCheck) {
            System.out.println("iotflow: the configuration is good");
            return 0;
        }
        var stop = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        var hasRun = false;
        try (var platform = new Platform(config, Optional.ofNullable(System.getenv(TOKEN)),
                InstantSource.system())) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndWait(stop, stopped), "stop"));
            announce(config, platform, Duration.ofNanos(System.nanoTime() - began), configuration.isDev);
            hasRun = true;
            work.with(new Running(config, platform, stop));
            LOG.info("event=stopping");
        } catch (CannotStart e) {
            System.err.println("iotflow: " + e.getMessage());
            return 2;
        } finally {
            if (hasRun) LOG.info("event=stopped");
            stopped.countDown();
        }
        return 0;
    }

    private static void stopAndWait(CountDownLatch stop, CountDownLatch stopped) {
        stop.countDown();
        try {
            stopped.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void announce(PlatformConfig config, Platform platform, Duration took, boolean isDev) {
        LOG.info("event=started version={} data={} http={} mqtt={} mqtt_websocket={} mqtt_tls={} https={} seconds={}",
                Version.NUMBER, config.data().folder().toAbsolutePath().normalize(), platform.httpPort(),
                platform.mqttPort(), platform.mqttWebsocketPort(), platform.mqttTlsPort(),
                platform.httpsPort(), took.toMillis() / 1e3);
        System.out.println("\nIoTFlow is running: http://localhost:" + platform.httpPort());
        System.out.println(platform.freshAdminToken()
                .map(token -> "Admin credential, shown this once and kept in " + tokenFile(config) + ":\n  " + token)
                .orElse("Admin credential: "
                        + (System.getenv(TOKEN) == null ? "in " + tokenFile(config) : "as in " + TOKEN)));
        if (isDev) System.out.println("Anybody who reaches this port may register devices (registration.mode=open).");
        System.out.println();
    }

    private static Path tokenFile(PlatformConfig config) {
        return config.data().folder().resolve("admin-token");
    }
}
