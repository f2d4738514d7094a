package io.iotflow.bench;

import java.time.InstantSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `iotflow bench`: how fast the platform is, measured from outside. Ends with 0 when all went well, 1 when something
/// could not be measured or an acknowledged point is missing, 2 when it was called wrongly.
@Command(name = "bench", description = "Measures the packaged platform and records the figures.")
public final class Main {
    static final int OK = 0;
    static final int FAILED = 1;

    @Option(names = {"-h", "--help"}, usageHelp = true, scope = CommandLine.ScopeType.INHERIT,
            description = "Says what there is.")
    private boolean help;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine(InstantSource.system()).execute(arguments));
    }

    static CommandLine commandLine(InstantSource clock) {
        return new CommandLine(new Main())
                .addSubcommand("ingest", new IngestCommand(clock))
                .addSubcommand("http", new HttpCommand(clock))
                .addSubcommand("connections", new ConnectionsCommand(clock))
                .addSubcommand("query", new QueryCommand(clock))
                .addSubcommand("rules", new RulesCommand(clock))
                .addSubcommand("commands", new CommandsCommand(clock))
                .addSubcommand("batches", new BatchesCommand(clock))
                .addSubcommand("shadow", new ShadowCommand(clock))
                .addSubcommand("rollout", new RolloutCommand(clock))
                .addSubcommand("start", new StartCommand(clock))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, line, _) -> {
                    line.getErr().println("bench: " + failure.getMessage());
                    return FAILED;
                });
    }
}
