package io.iotflow.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `iotflow bench`: how fast the platform is, measured from outside.
@Command(name = "bench", mixinStandardHelpOptions = true,
        description = "Measures the packaged platform and records the figures.",
        subcommands = {})
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}
