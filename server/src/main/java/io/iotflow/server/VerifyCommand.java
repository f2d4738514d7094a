package io.iotflow.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `./iotflow verify`: what the jar of module `ledger` does alone.
@Command(name = "verify", description = "Verifies an export of the audit log, offline.",
        mixinStandardHelpOptions = true,
        footer = "Ends with 0 if it is intact, 1 if it is broken, 2 if that cannot be said.")
final class VerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "EXPORT", description = "The export's file.")
    Path export;

    @Option(names = "--key", paramLabel = "KEY",
            description = "The log's key, as you got it from elsewhere; without it the export's own is taken.")
    String key;

    @Option(names = "--since", paramLabel = "FILE",
            description = "A checkpoint that you have kept: the log must still begin with that one.")
    Path since;

    @Override
    public Integer call() {
        var words = new ArrayList<>(List.of("verify", export.toString()));
        if (key != null) words.addAll(List.of("--key", key));
        if (since != null) words.addAll(List.of("--since", since.toString()));
        return io.iotflow.ledger.Main.run(words, System.out, System.err);
    }
}
